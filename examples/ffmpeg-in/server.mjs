/** FFmpeg, or anything else that sends plain RTP, as the publisher of a broadcast. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Broadcast } from 'manycast'
import { nodeHttp } from 'manycast/signaling'
import { rtpSource } from 'manycast/sources'

const port = Number(process.env.PORT ?? 8080)
const broadcast = new Broadcast({ listenIps: '127.0.0.1' }) // for this machine only; leave it out to serve others
const html = await readFile(new URL('index.html', import.meta.url))

const source = rtpSource({ tracks: [{ codec: 'VP8' }, { codec: 'opus' }] })
source.on('sender', ({ track, ip, port }) => console.log(`track ${track} comes from ${ip}:${port}`))
source.on('silence', ({ track }) => console.log(`track ${track} has fallen silent`))
await broadcast.addSource(source)

async function handle(request) {
  if (request.method !== 'POST') return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } })
  try {
    return new Response((await broadcast.addViewer(await request.text())).sdp)
  } catch (error) {
    return new Response(error.message, { status: 400 })
  }
}

const server = createServer(nodeHttp(handle))
server.listen(port, '127.0.0.1', () => {
  console.log(`Open http://127.0.0.1:${server.address().port}/ and send a film with sound, or a camera:\n`)
  console.log(`${source.commandLine({ input: process.argv[2] ?? 'film.mkv' })}\n`)
  console.log(`or a test picture:\n\ngst-launch-1.0 ${source.gstreamerPipeline()}\n`)
})

process.once('SIGINT', async () => {
  server.close()
  await broadcast.close()
})
