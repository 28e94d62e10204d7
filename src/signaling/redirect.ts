/** A request that another server takes: the error of a target that says so, and the 307 that HTTP adapters make of it (RFC 9725, section 4.5). */
import { BroadcastError } from '../errors.js'
import type { HttpReply } from './http-reply.js'
import { type HttpRequest, requestUrl } from './http-request.js'
import { emptyResponse } from './responses.js'

/** Where else a request is taken. */
export interface RedirectTarget {
  /** Where the other server's signaling is reached: an absolute http or https URL without a slash at its end. */
  readonly url: string
  /** What the client is to show there, as the parameter `ticket` of the URL or as its bearer token. */
  readonly ticket?: string | undefined
}

/** The parameter of a URL that carries a ticket. */
export const TICKET_PARAMETER = 'ticket'

/** The error by which a `SignalingTarget` sends a client to another server. Throws `option-invalid` for what is no http URL. */
export function redirected({ url, ticket }: RedirectTarget): BroadcastError {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new BroadcastError('option-invalid', 'a redirect needs an http or https URL', { details: { option: 'url' } })
  }
  const details = { url, ...(ticket === undefined ? {} : { ticket }) }
  return new BroadcastError('redirected', 'another server takes this request', { details })
}

/**
 * The reply that sends the client of `request` where `error` says, to the same path below the other server's URL; undefined if `error` is
 * something else. Of the parameters only the publisher's name goes along: a token in the URL is for this server alone.
 */
export function redirectResponse(error: unknown, request: HttpRequest, pathPrefix: string): HttpReply | undefined {
  if (!(error instanceof BroadcastError) || error.code !== 'redirected') return undefined
  const { url, ticket } = error.details
  if (typeof url !== 'string') return undefined
  const asked = requestUrl(request)
  const location = new URL(url + asked.pathname.slice(pathPrefix.length))
  const as = asked.searchParams.get('as')
  if (as !== null) location.searchParams.set('as', as)
  if (typeof ticket === 'string') location.searchParams.set(TICKET_PARAMETER, ticket)
  return emptyResponse(307, { location: location.href })
}
