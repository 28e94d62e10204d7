/**
 * What the adapters read of a request: a Fetch `Request`, or a `NodeRequest`, which stands for one. A `Request` with its headers, stream and signal is
 * made only for those who need one, as it costs more than everything else that HTTP has to do with a join.
 */
import { clientAddress } from './client-address.js'
import { NodeRequest } from './node-request.js'

/** See the top of the file. */
export type HttpRequest = Request | NodeRequest

/** The URL of `request`; for reading only. */
export function requestUrl(request: HttpRequest): URL {
  return request instanceof NodeRequest ? request.parsedUrl : new URL(request.url)
}

/** The client's address as far as it is known. */
export function addressOf(request: HttpRequest): string | undefined {
  return request instanceof NodeRequest ? request.address : clientAddress(request)
}

/** `request` for the application's own functions. */
export function fetchRequest(request: HttpRequest): Request {
  return request instanceof NodeRequest ? request.toRequest() : request
}
