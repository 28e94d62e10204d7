/** A picture of every live broadcast: encoded frames are read in the application, and VP8 keyframes served as WebP. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Sfu } from 'manycast'
import { nodeHttp, whipWhep } from 'manycast/signaling'
import { webpOf } from './webp.mjs'

const port = Number(process.env.PORT ?? 8080)
// Publishers send keyframes only when they are asked; here they are, every five seconds.
const sfu = new Sfu({ listenIps: '127.0.0.1', keyframeIntervalMs: 5000 })
const thumbnails = new Map()

sfu.on('broadcast-added', async (broadcast) => {
  broadcast.on('idle', () => thumbnails.delete(broadcast.name))
  // Ends when the broadcast does.
  for await (const frame of broadcast.frames('video')) {
    if (frame.keyframe && frame.codec === 'VP8') thumbnails.set(broadcast.name, webpOf(frame.data))
  }
})

const page = await readFile(new URL('index.html', import.meta.url))
const signaling = nodeHttp(whipWhep(sfu))
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost')
  if (pathname === '/') return response.setHeader('content-type', 'text/html; charset=utf-8').end(page)
  const name = /^\/thumbnails\/([\w-]+)\.webp$/.exec(pathname)?.[1]
  if (name === undefined) return signaling(request, response)
  const picture = thumbnails.get(name)
  if (!picture) return response.writeHead(404).end()
  response.writeHead(200, { 'content-type': 'image/webp', 'cache-control': 'no-store' }).end(picture)
})
server.listen(port, '127.0.0.1', () => console.log(`Open http://127.0.0.1:${server.address().port}/`))

process.once('SIGINT', async () => {
  server.close()
  server.closeAllConnections()
  await sfu.close()
})
