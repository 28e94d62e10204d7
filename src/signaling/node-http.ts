/** From node:http to Fetch and back, so that Fetch handlers serve plain Node servers, Express and the like. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { BroadcastError } from '../errors.js'
import { createLog } from '../util/log.js'
import { setClientAddress } from './client-address.js'
import type { FetchHandler } from './handler.js'
import { requestBody } from './request-body.js'
import { problemResponse } from './responses.js'
import { forwardedAddress, type ProxyTrust, resolveTrustProxy, type TrustProxy } from './trust-proxy.js'

const log = createLog('signaling')

/** How long the rest of a request that nobody reads may still trickle in, so that the client gets to see the reply. */
const LINGER_MS = 1000

/** What `http.createServer` takes. */
export type NodeHttpListener = (request: IncomingMessage, response: ServerResponse) => void

/** Options of {@link nodeHttp}. */
export interface NodeHttpOptions {
  /**
   * Whose `X-Forwarded-For` is believed when it names the client: `true` for the one proxy in front, a number for as many one behind the
   * other, or their addresses such as `['10.0.0.0/8', '2001:db8::1']`. Authorization hooks and limits per address see the client then, and
   * the proxy otherwise. Default false.
   */
  readonly trustProxy?: TrustProxy | undefined
}

/**
 * A listener for `http.createServer` (or `app.use` of Express, with the mount path as `pathPrefix` of the adapter) that
 * calls `handler`.
 *
 * Bodies stream under back-pressure, `request.signal` aborts when the client goes away before the reply is out, and a
 * handler that fails is answered with 500. The limits on headers and on connections are those of the server itself
 * (`maxHeaderSize`, `headersTimeout`, `requestTimeout`). Throws `option-invalid`.
 */
export function nodeHttp(handler: FetchHandler, options: NodeHttpOptions = {}): NodeHttpListener {
  const trust = resolveTrustProxy(options.trustProxy)
  return (incoming, outgoing) => {
    answer(handler, trust, incoming, outgoing).catch((error: unknown) => {
      log('reply failed: %O', error)
      outgoing.destroy()
    })
  }
}

async function answer(
  handler: FetchHandler,
  trust: ProxyTrust,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort()
  })
  outgoing.on('error', (error) => log('connection failed: %s', error.message))
  const request = fetchRequest(incoming, trust, gone.signal)
  let response: Response
  try {
    response = request instanceof BroadcastError ? problemResponse(request) : await handler(request)
  } catch (error) {
    response = problemResponse(error)
  }
  if (outgoing.destroyed) {
    await response.body?.cancel()
    return
  }
  await writeResponse(response, incoming, outgoing)
}

/** The Fetch request, or why there cannot be one. */
function fetchRequest(incoming: IncomingMessage, trust: ProxyTrust, signal: AbortSignal): Request | BroadcastError {
  const method = incoming.method ?? 'GET'
  try {
    const headers = new Headers()
    const raw = incoming.rawHeaders
    for (let i = 0; i + 1 < raw.length; i += 2) headers.append(raw[i] as string, raw[i + 1] as string)
    const body = method === 'GET' || method === 'HEAD' ? null : requestBody(incoming)
    const init: RequestInit & { duplex: 'half' } = { method, headers, body, signal, duplex: 'half' }
    const request = new Request(fetchUrl(incoming), init)
    const { remoteAddress } = incoming.socket
    // A Unix socket has no address.
    if (remoteAddress !== undefined) {
      setClientAddress(request, forwardedAddress(remoteAddress, headers.get('x-forwarded-for'), trust))
    }
    return request
  } catch (cause) {
    // TRACE and its like have no Fetch form, and neither has every host or target that HTTP lets through.
    return new BroadcastError('request-invalid', 'the request cannot be understood', { cause })
  }
}

function fetchUrl(incoming: IncomingMessage): URL {
  // Express cuts its mount path off `url`; the whole path is what session URLs have to begin with.
  const { originalUrl } = incoming as { originalUrl?: unknown }
  const target = typeof originalUrl === 'string' ? originalUrl : (incoming.url ?? '/')
  const scheme = 'encrypted' in incoming.socket ? 'https' : 'http'
  // Glued and not resolved: a target such as //host/path must stay a path.
  const path = target.startsWith('/') ? target : new URL(target).pathname
  return new URL(`${scheme}://${incoming.headers.host ?? 'localhost'}${path}`)
}

async function writeResponse(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.status
  for (const [name, value] of response.headers) if (name !== 'set-cookie') outgoing.setHeader(name, value)
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies)
  // What is in flight within this very turn, such as a small body that came with its headers, counts as received.
  if (!incoming.complete) await new Promise((resolve) => setImmediate(resolve))
  discardRest(incoming, outgoing)
  if (response.body === null || incoming.method === 'HEAD') {
    await response.body?.cancel()
    outgoing.end()
    return
  }
  await pump(response.body, outgoing)
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
