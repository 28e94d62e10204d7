/** The shape of every adapter here: a Fetch handler that can also say which paths are its own. */

/** Answers a Fetch `Request`; never rejects. Runs wherever a Fetch request can be had (node:http by `nodeHttp`, Hono, Next, ...). */
export type FetchHandler = (request: Request) => Promise<Response>

/** A {@link FetchHandler} for some paths only. */
export interface SignalingHandler extends FetchHandler {
  /** Whether this handler serves the path of `url`, whatever the method. */
  knows(url: URL): boolean
}

/** Makes a {@link SignalingHandler} of its two halves. */
export function signalingHandler(knows: (url: URL) => boolean, handle: FetchHandler): SignalingHandler {
  const handler = (request: Request): Promise<Response> => handle(request)
  return Object.assign(handler, { knows })
}
