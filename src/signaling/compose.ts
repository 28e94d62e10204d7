/** Several adapters behind one address. */
import { type FetchHandler, fetchHandler, httpHandler, type SignalingHandler } from './handler.js'
import { requestUrl } from './http-request.js'
import { noSuchPath } from './responses.js'

/**
 * One Fetch handler of many: the first that knows the path of a request answers it. A plain handler (without `knows`)
 * takes everything that reaches it, so it belongs at the end. What nobody takes is answered with 404.
 *
 * @example
 * ```ts
 * const handler = compose(whipWhep(sfu), plainExchange(sfu), myPages)
 * ```
 */
export function compose(...handlers: readonly (SignalingHandler | FetchHandler)[]): FetchHandler {
  const candidates = handlers.map((handler) => ({ handler, answer: httpHandler(handler) }))
  return fetchHandler(async (request) => {
    const url = requestUrl(request)
    const found = candidates.find(({ handler }) => !('knows' in handler) || handler.knows(url))
    return found === undefined ? noSuchPath() : found.answer(request)
  })
}
