/** The replies of the adapters: text, nothing, and problems (RFC 9457). */
import { STATUS_CODES } from 'node:http'
import { BroadcastError } from '../errors.js'
import { createLog } from '../util/log.js'
import { challengeHeaders } from './bearer-token.js'
import { HttpReply } from './http-reply.js'
import type { HttpRequest } from './http-request.js'

const log = createLog('signaling')

/** Statuses that sound like faults of ours and are none: an unknown method, no room, a relay that would feed itself. */
const MEANT_FOR_CLIENTS: ReadonlySet<number> = new Set([501, 503, 508])

/** When a client may try again after a reply that is about load. */
const RETRY_AFTER_SECONDS = '5'

/** A reply with a text body. */
export function textResponse(
  status: number,
  contentType: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HttpReply {
  return new HttpReply(status, body, {
    'content-type': contentType,
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    ...headers,
  })
}

/** A reply without a body. */
export function emptyResponse(status: number, headers: Readonly<Record<string, string>> = {}): HttpReply {
  // RFC 9110, section 8.6: a 204 has no Content-Length.
  const length = status === 204 ? {} : { 'content-length': '0' }
  return new HttpReply(status, null, { ...length, 'cache-control': 'no-store', ...headers })
}

/**
 * What a failed request is answered with: `application/problem+json` with the HTTP status as `title`, the message as
 * `detail`, and two members of our own, `code` and `details`.
 *
 * Faults on our side keep their message for the log; it is no business of the client.
 */
export function problemResponse(
  error: unknown,
  headers: Readonly<Record<string, string>> = {},
  status: number = BroadcastError.from(error).httpStatus,
): HttpReply {
  const failure = BroadcastError.from(error)
  const ours = status >= 500 && !MEANT_FOR_CLIENTS.has(status)
  if (ours) log('request failed: %O', error)
  const problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: ours ? 'The server failed to handle the request.' : failure.message,
    code: failure.code,
    ...(ours || Object.keys(failure.details).length === 0 ? {} : { details: failure.details }),
  }
  const own = { ...retryHeaders(failure, status), ...challengeHeaders(failure) }
  return textResponse(status, 'application/problem+json', JSON.stringify(problem), { ...own, ...headers })
}

/** When to ask again (RFC 9110, section 10.2.3): as the failure says, else a while for all that is about load. */
function retryHeaders({ details }: BroadcastError, status: number): Readonly<Record<string, string>> {
  if (status !== 503 && status !== 429) return {}
  const { retryAfterMs } = details
  const seconds = typeof retryAfterMs === 'number' ? String(Math.max(1, Math.ceil(retryAfterMs / 1000))) : undefined
  return { 'retry-after': seconds ?? RETRY_AFTER_SECONDS }
}

/** 405 that says what is allowed instead (RFC 9110, section 15.5.6). */
export function methodNotAllowed(request: HttpRequest, allow: string): HttpReply {
  const error = new BroadcastError('method-not-allowed', `this resource takes ${allow}, not ${request.method}`)
  return problemResponse(error, { allow })
}

/** 404 for a path that the handler does not serve. */
export function noSuchPath(): HttpReply {
  return problemResponse(new BroadcastError('request-invalid', 'there is nothing at this path'), {}, 404)
}
