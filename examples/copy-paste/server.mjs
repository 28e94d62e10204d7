/** The classic copy-and-paste demo: the first offer with media to send publishes, every later one watches. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Broadcast } from 'manycast'
import { compose, nodeHttp, plainExchange } from 'manycast/signaling'

const port = Number(process.env.PORT ?? 8080)
// Hands are slow: the answer may take minutes to get back into the page. Without listenIps, others could watch, too.
const broadcast = new Broadcast({ connectTimeoutMs: 300_000, listenIps: '127.0.0.1' })

const html = await readFile(new URL('index.html', import.meta.url))
const page = async () => new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } })

const server = createServer(nodeHttp(compose(plainExchange(broadcast), page)))
server.listen(port, '127.0.0.1', () => console.log(`Open http://127.0.0.1:${server.address().port}/`))

process.once('SIGINT', async () => {
  server.close()
  await broadcast.close()
})
