/** A conference: everybody publishes under a name of their own, and receives all the others. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Broadcast } from 'manycast'
import { nodeHttp } from 'manycast/signaling'

const port = Number(process.env.PORT ?? 8080)
const room = new Broadcast({ listenIps: '127.0.0.1' }) // for this machine only; leave it out to serve others
const html = await readFile(new URL('index.html', import.meta.url))
/** Each one's receiving session, by name. */
const receivers = new Map()

/** Nobody receives themselves. */
function choose() {
  const everybody = room.publishers.map((session) => session.as)
  for (const [who, session] of receivers) session.selectPublishers(everybody.filter((as) => as !== who))
}
room.on('publisher-joined', choose)
room.on('publisher-left', choose)

async function handle(request) {
  const { pathname, searchParams } = new URL(request.url)
  if (request.method !== 'POST') return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } })
  const who = searchParams.get('as') ?? ''
  try {
    const offer = await request.text()
    if (pathname === '/send') return new Response((await room.addPublisher(offer, { as: who })).sdp)
    const { sdp, session } = await room.addViewer(offer)
    receivers.set(who, session)
    session.on('closed', () => receivers.get(who) === session && receivers.delete(who))
    choose()
    return new Response(sdp)
  } catch (error) {
    return new Response(error.message, { status: 400 })
  }
}

const server = createServer(nodeHttp(handle))
server.listen(port, '127.0.0.1', () => console.log(`Open http://127.0.0.1:${server.address().port}/ in several tabs`))

process.once('SIGINT', async () => {
  server.close()
  await room.close()
})
