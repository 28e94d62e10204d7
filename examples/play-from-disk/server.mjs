/** Plays a file into a broadcast, for everybody at once. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Sfu } from 'manycast'
import { nodeHttp, whipWhep } from 'manycast/signaling'
import { fileSource } from 'manycast/sources'

const [path] = process.argv.slice(2)
if (path === undefined) {
  console.error('Which file? For example: node server.mjs film.webm')
  process.exit(1)
}
const port = Number(process.env.PORT ?? 8080)
const sfu = new Sfu({ listenIps: '127.0.0.1' })
// A film without its sound is better than none, if the sound is AAC.
const film = fileSource(path, { loop: true, skipUnsupported: true })
film.on('looped', (rounds) => console.log(`played ${rounds} times`))
await sfu.broadcast('film').addSource(film)

const actions = {
  '/pause': () => film.pause(),
  '/resume': () => film.resume(),
  '/restart': () => film.seek(0),
}
const page = await readFile(new URL('index.html', import.meta.url))
const signaling = nodeHttp(whipWhep(sfu))
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost')
  if (pathname === '/') return response.setHeader('content-type', 'text/html; charset=utf-8').end(page)
  if (request.method === 'POST' && pathname in actions) {
    await actions[pathname]()
    return response.end(JSON.stringify(film.stats().progress))
  }
  signaling(request, response)
})
server.listen(port, '127.0.0.1', () => console.log(`Open http://127.0.0.1:${server.address().port}/`))

process.once('SIGINT', async () => {
  server.close()
  server.closeAllConnections()
  await sfu.close()
})
