/** Several adapters behind one address. */
import type { FetchHandler, SignalingHandler } from './handler.js'
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
  return async (request) => {
    const url = new URL(request.url)
    const handler = handlers.find((candidate) => !('knows' in candidate) || candidate.knows(url))
    return handler === undefined ? noSuchPath() : handler(request)
  }
}
