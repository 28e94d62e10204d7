/** A broadcast whose signaling is neither WHIP nor WebSockets, but server-sent events and POSTs; see adapter.mjs. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Sfu } from 'manycast'
import { compose, nodeHttp } from 'manycast/signaling'
import { eventSignaling } from './adapter.mjs'

const port = Number(process.env.PORT ?? 8080)
const sfu = new Sfu({ listenIps: '127.0.0.1' }) // for this machine only; leave it out to serve others

const html = await readFile(new URL('index.html', import.meta.url))
const page = async () => new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } })

const server = createServer({ requestTimeout: 10_000 }, nodeHttp(compose(eventSignaling(sfu), page)))
server.listen(port, '127.0.0.1', () => console.log(`Open http://127.0.0.1:${server.address().port}/`))

process.once('SIGINT', async () => {
  server.close()
  await sfu.close()
  server.closeAllConnections()
})
