/** A broadcast server in a few lines: publishers POST their offers to /whip/<name>, viewers to /whep/<name>. */
import { createServer } from 'node:http'
import { Sfu } from 'manycast'
import { nodeHttp, whipWhep } from 'manycast/signaling'

const port = Number(process.env.PORT ?? 8080)
const sfu = new Sfu({ listenIps: '127.0.0.1' }) // for this machine only; leave it out to serve others

sfu.on('broadcast-added', (broadcast) => {
  broadcast.on('live', () => console.log(`${broadcast.name} is live`))
  broadcast.on('idle', () => console.log(`${broadcast.name} has no publisher any more`))
})

const server = createServer(nodeHttp(whipWhep(sfu)))
server.listen(port, '127.0.0.1', () => console.log(`WHIP: http://127.0.0.1:${server.address().port}/whip/<name>`))

process.once('SIGINT', async () => {
  server.close()
  await sfu.close()
})
