/** The shape of every adapter here: a Fetch handler that can also say which paths are its own. */
import type { HttpReply } from './http-reply.js'
import { fetchRequest, type HttpRequest } from './http-request.js'

/** Answers a Fetch `Request`; never rejects. Runs wherever a Fetch request can be had (node:http by `nodeHttp`, Hono, Next, ...). */
export type FetchHandler = (request: Request) => Promise<Response>

/** A {@link FetchHandler} for some paths only. */
export interface SignalingHandler extends FetchHandler {
  /** Whether this handler serves the path of `url`, whatever the method. */
  knows(url: URL): boolean
}

/** The same without the objects of Fetch, where nobody needs them. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpReply | Response>

/** What is behind the Fetch handlers that were made here. */
const behind = new WeakMap<FetchHandler, HttpHandler>()

/** Makes a {@link SignalingHandler} of its two halves. */
export function signalingHandler(knows: (url: URL) => boolean, handle: HttpHandler): SignalingHandler {
  return Object.assign(fetchHandler(handle), { knows })
}

/** Makes a Fetch handler that {@link httpHandler} can see through. */
export function fetchHandler(handle: HttpHandler): FetchHandler {
  const handler: FetchHandler = async (request) => {
    const reply = await handle(request)
    return reply instanceof Response ? reply : reply.toResponse()
  }
  behind.set(handler, handle)
  return handler
}

/** The way to call `handler` that costs least. One of the application's own gets the Fetch request that it expects. */
export function httpHandler(handler: FetchHandler): HttpHandler {
  return behind.get(handler) ?? (async (request) => handler(fetchRequest(request)))
}
