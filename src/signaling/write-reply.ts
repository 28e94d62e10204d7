/** Writes replies to node:http. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { HttpReply, type ReplyBody } from './http-reply.js'

/** How long the rest of a request that nobody reads may still trickle in, so that the client gets to see the reply. */
const LINGER_MS = 1000

/** Writes `reply`, and resolves when all of it has been handed over. A body that streams is cancelled if the client goes away. */
export async function writeReply(
  reply: HttpReply | Response,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { body } = reply
  if (outgoing.destroyed) return cancel(body)
  outgoing.statusCode = reply.status
  if (reply instanceof HttpReply) for (const [name, value] of reply.headers) outgoing.setHeader(name, value)
  else copyHeaders(reply.headers, outgoing)
  // What is in flight within this very turn, such as a small body that came with its headers, counts as received.
  if (!incoming.complete) await new Promise((resolve) => setImmediate(resolve))
  if (!incoming.readableEnded) discardRest(incoming, outgoing)
  if (typeof body === 'string' && incoming.method !== 'HEAD') {
    outgoing.end(body)
  } else if (body === null || incoming.method === 'HEAD') {
    await cancel(body)
    outgoing.end()
  } else {
    await pump(body as ReadableStream<Uint8Array>, outgoing)
  }
}

function copyHeaders(headers: Headers, outgoing: ServerResponse): void {
  for (const [name, value] of headers) if (name !== 'set-cookie') outgoing.setHeader(name, value)
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies)
}

async function cancel(body: ReplyBody): Promise<void> {
  if (typeof body !== 'string') await body?.cancel()
}

/**
 * Deals with a body that the handler did not read to its end. A rest that is still on its way must not go on for ever, and
 * such a connection cannot be used again; a rest that is here already only has to be taken out of the way.
 */
function discardRest(incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (!incoming.complete) outgoing.setHeader('connection', 'close')
  outgoing.once('finish', () => {
    if (!incoming.complete) {
      const timer = setTimeout(() => incoming.socket.destroy(), LINGER_MS)
      incoming.once('close', () => clearTimeout(timer))
    }
    incoming.resume()
  })
}

async function pump(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader()
  const onClose = (): void => {
    reader.cancel().catch(() => {})
  }
  outgoing.once('close', onClose)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || outgoing.destroyed) break
      if (!outgoing.write(value)) await drained(outgoing)
    }
    outgoing.end()
  } finally {
    outgoing.off('close', onClose)
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off('drain', settle)
      outgoing.off('close', settle)
      resolve()
    }
    outgoing.once('drain', settle)
    outgoing.once('close', settle)
  })
}
