/** Bearer tokens of requests, and the challenge that asks for one (RFC 6750). */
import { BroadcastError } from '../errors.js'
import { type HttpRequest, requestUrl } from './http-request.js'

/** What section 2.1 wants, less strict about the characters: what users type as a stream key is sent like this, too. */
const CREDENTIALS = /^bearer +(\S+) *$/i

/** The codes of section 3.1. */
const CHALLENGE_CODES: ReadonlySet<unknown> = new Set(['invalid_request', 'invalid_token', 'insufficient_scope'])

/**
 * The token of `request`, from its Authorization header or from the URL's query if `parameter` names one. Throws `request-invalid` if there
 * are several (section 2).
 */
export function bearerToken(request: HttpRequest, parameter: string | undefined): string | undefined {
  const header = CREDENTIALS.exec(request.headers.get('authorization') ?? '')?.[1]
  const inUrl = parameter === undefined ? [] : requestUrl(request).searchParams.getAll(parameter)
  const tokens = [...(header === undefined ? [] : [header]), ...inUrl.filter((token) => token !== '')]
  if (tokens.length > 1) {
    throw new BroadcastError('request-invalid', 'the request has more than one token', {
      details: { error: 'invalid_request' },
    })
  }
  return tokens[0]
}

/** The `WWW-Authenticate` header of a refusal (section 3), or nothing if it is about something else. */
export function challengeHeaders(failure: BroadcastError): Readonly<Record<string, string>> {
  const told = CHALLENGE_CODES.has(failure.details.error) ? failure.details.error : undefined
  const error = failure.code === 'forbidden' ? (told ?? 'insufficient_scope') : told
  if (failure.code !== 'unauthorized' && error === undefined) return {}
  return { 'www-authenticate': `Bearer realm="manycast"${error === undefined ? '' : `, error="${error}"`}` }
}
