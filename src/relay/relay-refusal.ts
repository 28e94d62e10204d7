/** What a server says when it does not take a relay, and what follows from it. */
import { BroadcastError } from '../errors.js'
import { printable } from '../util/log.js'

/** Statuses below 500 after which the same request may do better in a while: nobody publishes yet, somebody does still, too many come. */
const PASSING: readonly unknown[] = [404, 408, 409, 410, 421, 423, 425, 429]

/** The error of a reply that is none of success, with the server's own words (RFC 9457) where it has any. */
export function refusal({ status, headers }: Response, body: string, nowUnixMs: number): BroadcastError {
  const { code, detail, details } = problemOf(body)
  const { path } = Object(details) as { path?: unknown }
  const said = typeof detail === 'string' ? `: ${printable(detail)}` : ''
  if (code === 'relay-loop' || code === 'relay-too-deep') {
    return new BroadcastError(code, `the other server refuses the relay${said}`, { details: path ? { path } : {} })
  }
  const retryAfterMs = readRetryAfter(headers.get('retry-after'), nowUnixMs)
  return new BroadcastError('relay-refused', `the other server answers ${status}${said}`, {
    details: {
      status,
      ...(typeof code === 'string' ? { code: printable(code) } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  })
}

/** Whether the same attempt cannot do better later. */
export function isFinal({ code, details }: BroadcastError): boolean {
  if (code === 'option-invalid' || code === 'closed') return true
  // What we offer, or what it answers, is not going to change.
  if (code === 'sdp-invalid' || code === 'sdp-unsupported' || code === 'codec-unsupported') return true
  const { status } = details
  if (code !== 'relay-refused' || typeof status !== 'number') return false
  return status === 501 || (status < 500 && !PASSING.includes(status))
}

/** Whether it may be the offer that is refused, so that a plainer one may be taken. */
export function isAboutOffer({ code, details }: BroadcastError): boolean {
  return code === 'relay-refused' && [400, 406, 415, 422, 500, 501].includes(Number(details.status))
}

/** Whether the session is none any more, where that is what its URL answered. */
export function isGone({ code, details }: BroadcastError): boolean {
  return code === 'relay-refused' && (details.status === 404 || details.status === 410)
}

/** Whether a reply says that the server is there: not if nothing answers, or something in front of it says that it does not. */
export function isAnswer({ code, details }: BroadcastError): boolean {
  return code !== 'relay-unreachable' && ![502, 503, 504].includes(Number(details.status))
}

/** Seconds or a date (RFC 9110, section 10.2.3), in milliseconds from now. */
function readRetryAfter(value: string | null, nowUnixMs: number): number | undefined {
  if (value === null) return undefined
  const delayMs = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowUnixMs
  return delayMs > 0 ? delayMs : undefined
}

function problemOf(body: string): { readonly code?: unknown; readonly detail?: unknown; readonly details?: unknown } {
  try {
    return Object(JSON.parse(body))
  } catch {
    return {}
  }
}
