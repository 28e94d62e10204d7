/** WHIP and WHEP below /media of an Express app. */
import express from 'express'
import { Sfu } from 'manycast'
import { nodeHttp, whipWhep } from 'manycast/signaling'

const sfu = new Sfu({ listenIps: '127.0.0.1' }) // for this machine only; leave it out to serve others
sfu.on('broadcast-added', (broadcast) => {
  broadcast.on('session-opened', ({ role, address }) => console.log(`${role} of ${broadcast.name} from ${address}`))
})

const app = express()
// Before any body parser, which would leave nothing to read. The prefix is where it is mounted: session URLs begin with it.
app.use('/media', nodeHttp(whipWhep(sfu, { pathPrefix: '/media' })))
app.use(express.json())
app.post('/echo', (request, response) => response.json(request.body))

const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`WHIP: http://127.0.0.1:${server.address().port}/media/whip/<name>`)
})

process.once('SIGINT', async () => {
  server.close()
  await sfu.close()
  server.closeAllConnections()
})
