/** WHIP and WHEP below /media of a plain node:http server. */
import { createServer } from 'node:http'
import { Sfu } from 'manycast'
import { compose, nodeHttp, whipWhep } from 'manycast/signaling'

const sfu = new Sfu({ listenIps: '127.0.0.1' }) // for this machine only; leave it out to serve others
sfu.on('broadcast-added', (broadcast) => {
  broadcast.on('session-opened', ({ role, address }) => console.log(`${role} of ${broadcast.name} from ${address}`))
})

const echo = async (request) => Response.json(await request.json())

const handler = compose(whipWhep(sfu, { pathPrefix: '/media' }), echo)
const server = createServer({ requestTimeout: 30_000 }, nodeHttp(handler))
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`WHIP: http://127.0.0.1:${server.address().port}/media/whip/<name>`)
})

process.once('SIGINT', async () => {
  server.close()
  await sfu.close()
  server.closeAllConnections()
})
