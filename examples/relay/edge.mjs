/** An edge: gets the broadcast `main` of another server, and serves it to viewers of its own. With several servers, of one that is there. */
import { createServer } from 'node:http'
import { Sfu } from 'manycast'
import { nodeHttp, whipWhep } from 'manycast/signaling'

const origins = process.argv.slice(2)
if (origins.length === 0) {
  console.error('Whose broadcast? For example: node edge.mjs http://127.0.0.1:8080')
  process.exit(1)
}
const port = Number(process.env.PORT ?? 8081)
const sfu = new Sfu({ listenIps: '127.0.0.1' }) // for this machine only; leave it out to serve others

// Asked before every attempt: each of them in turn.
let attempts = 0
const resolveUrl = () => `${origins[attempts++ % origins.length]}/whep/main`
const relay = sfu.broadcast('main').pull(`${origins[0]}/whep/main`, { resolveUrl, token: process.env.RELAY_TOKEN })
relay.on('state', (state) => console.log(`the relay is ${state}`))
relay.on('path', () => console.log(`the media come from ${relay.url}`))

// Whoever publishes here as well would take the relay's place: only viewers are let in.
const authorize = ({ action }) => action !== 'publish' && {}
const server = createServer(nodeHttp(whipWhep(sfu, { authorize })))
server.listen(port, '127.0.0.1', () => console.log(`WHEP: http://127.0.0.1:${server.address().port}/whep/main`))

process.once('SIGINT', async () => {
  server.close()
  server.closeAllConnections()
  await relay.close()
  await sfu.close()
})
