/** From node:http to the handlers and back, so that they serve plain Node servers, Express and the like. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { BroadcastError } from '../errors.js'
import { createLog } from '../util/log.js'
import { type FetchHandler, type HttpHandler, httpHandler } from './handler.js'
import type { HttpReply } from './http-reply.js'
import { NodeRequest } from './node-request.js'
import { problemResponse } from './responses.js'
import { type ProxyTrust, resolveTrustProxy, type TrustProxy } from './trust-proxy.js'
import { writeReply } from './write-reply.js'

const log = createLog('signaling')

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
 * (`maxHeaderSize`, `headersTimeout`, `requestTimeout`). The adapters of this package, and what `compose` makes of them, are served
 * without a Fetch `Request` and `Response` in between; handlers and hooks of your own get theirs. Throws `option-invalid`.
 */
export function nodeHttp(handler: FetchHandler, options: NodeHttpOptions = {}): NodeHttpListener {
  const trust = resolveTrustProxy(options.trustProxy)
  const handle = httpHandler(handler)
  return (incoming, outgoing) => {
    outgoing.on('error', onConnectionError)
    answer(handle, trust, incoming, outgoing).catch((error: unknown) => {
      log('reply failed: %O', error)
      outgoing.destroy()
    })
  }
}

async function answer(
  handle: HttpHandler,
  trust: ProxyTrust,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  let reply: HttpReply | Response
  try {
    reply = await handle(nodeRequest(incoming, outgoing, trust))
  } catch (error) {
    reply = problemResponse(error)
  }
  await writeReply(reply, incoming, outgoing)
}

/** Throws `request-invalid`. */
function nodeRequest(incoming: IncomingMessage, outgoing: ServerResponse, trust: ProxyTrust): NodeRequest {
  try {
    return new NodeRequest(incoming, outgoing, trust)
  } catch (cause) {
    throw new BroadcastError('request-invalid', 'the request cannot be understood', { cause })
  }
}

function onConnectionError(error: Error): void {
  log('connection failed: %s', error.message)
}
