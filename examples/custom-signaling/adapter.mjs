/**
 * Signaling of one's own: the server speaks in server-sent events, the client in POSTs.
 *
 *     GET  /live/<broadcast>        a stream of messages, each JSON; the first is {"type":"hello","id":...}
 *     POST /live/<broadcast>/<id>   {"type":"publish"|"view","sdp":...}, whose answer comes down the stream,
 *                                   or {"type":"trickle","fragment":...}
 *
 * The stream is the session: whoever stops reading has left.
 */
import { randomBytes } from 'node:crypto'
import { BroadcastError } from 'manycast'

const MAX_BODY_LENGTH = 65_536
const MAX_CLIENTS = 10_000
/** So many messages may wait for somebody who does not read. */
const MAX_WAITING = 100
const HEARTBEAT_MS = 15_000

/** A Fetch handler for everything below `prefix`; `target` is an `Sfu`, a `Broadcast`, or a fake in tests. */
export function eventSignaling(target, prefix = '/live') {
  const clients = new Map()

  function open(broadcast) {
    if (clients.size >= MAX_CLIENTS) throw new BroadcastError('limit-reached', 'there are too many clients')
    const id = randomBytes(16).toString('base64url')
    const client = { broadcast, isOpen: true, hasOffered: false, session: undefined }
    const leave = () => {
      client.isOpen = false
      clearInterval(client.heartbeat)
      clients.delete(id)
      client.session?.close()
    }
    clients.set(id, client)
    const start = (controller) => {
      const write = (text) => {
        if (client.isOpen) controller.enqueue(new TextEncoder().encode(text))
        if (!client.isOpen || controller.desiredSize > -MAX_WAITING) return
        leave()
        controller.error(new Error('the client does not read'))
      }
      client.send = (message) => write(`data: ${JSON.stringify(message)}\n\n`)
      client.heartbeat = setInterval(() => write(':\n\n'), HEARTBEAT_MS)
      client.send({ type: 'hello', id })
    }
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }
    return new Response(new ReadableStream({ start, cancel: leave }), { headers })
  }

  async function offer(client, { type, sdp }) {
    if (client.hasOffered) throw new BroadcastError('request-invalid', 'a stream takes one offer')
    client.hasOffered = true
    const answer = await target[type](sdp, { broadcast: client.broadcast })
    client.session = answer.session
    // Gone meanwhile: nobody would ever end it.
    if (!client.isOpen) return answer.session.close()
    client.send({ type: 'answer', sdp: answer.sdp })
    answer.session.subscribe((event) => client.send(event)) // live, idle, viewers, layer, closed
  }

  async function trickle({ session, send }, { fragment }) {
    if (!session) throw new BroadcastError('session-not-found', 'an offer comes first')
    const { restarted, fragment: ours } = await session.trickle(fragment)
    if (restarted) send({ type: 'restarted', fragment: ours })
  }

  async function handle(request) {
    const [broadcast, id] = new URL(request.url).pathname.slice(prefix.length + 1).split('/')
    try {
      if (request.method === 'GET' && id === undefined) return open(broadcast)
      const client = clients.get(id)
      if (!client) throw new BroadcastError('session-not-found', 'nobody reads that stream')
      const message = await readJson(request)
      if (message.type === 'publish' || message.type === 'view') await offer(client, message)
      else if (message.type === 'trickle') await trickle(client, message)
      else throw new BroadcastError('request-invalid', 'type is publish, view or trickle')
      return new Response(null, { status: 204 })
    } catch (error) {
      const { code, message, httpStatus } = BroadcastError.from(error)
      return Response.json({ code, message }, { status: httpStatus })
    }
  }
  return Object.assign(handle, { knows: (url) => url.pathname.startsWith(`${prefix}/`) })
}

async function readJson(request) {
  let text = ''
  for await (const part of request.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part
    if (text.length > MAX_BODY_LENGTH) throw new BroadcastError('request-too-large', 'the message is too large')
  }
  try {
    return Object(JSON.parse(text))
  } catch {
    throw new BroadcastError('request-invalid', 'a message is a JSON object')
  }
}
