/** Tells clients which other nodes take the same request, for when this one dies: `Link: <...>; rel="alternate"` (RFC 8288). */
import { type HttpHandler, httpHandler, type SignalingHandler, signalingHandler } from '../signaling/handler.js'
import { requestUrl } from '../signaling/http-request.js'
import type { NodeRecord } from './types.js'

/** `handler`, whose replies to offers name the nodes that `others` gives, the best first: those of success, and those that refuse for want of room. */
export function withAlternates(
  handler: SignalingHandler,
  pathPrefix: string,
  others: () => readonly NodeRecord[],
): SignalingHandler {
  const answer = httpHandler(handler)
  const handle: HttpHandler = async (request) => {
    const response = await answer(request)
    if (request.method !== 'POST' || (response.status !== 201 && response.status !== 503)) return response
    const path = requestUrl(request).pathname.slice(pathPrefix.length)
    // Of session URLs, which are of one node only, there is nothing elsewhere.
    if (!/^\/(?:whip|whep)\/[^/]+$/.test(path)) return response
    for (const { url } of others()) response.headers.append('link', `<${url}${path}>; rel="alternate"`)
    return response
  }
  return signalingHandler((url) => handler.knows(url), handle)
}
