/** Which methods each resource takes, and what it says of itself. */
import { METHODS } from 'node:http'
import { BroadcastError } from '../../errors.js'
import type { HttpReply } from '../http-reply.js'
import type { HttpRequest } from '../http-request.js'
import { emptyResponse, methodNotAllowed, problemResponse } from '../responses.js'
import type { WhipWhepResource } from './whip-whep-route.js'

/** The media type of a PATCH (RFC 8840, section 9). */
export const SDP_FRAGMENT = 'application/trickle-ice-sdpfrag'
/** The media type of an offer. */
export const SDP = 'application/sdp'

const HEADERS: Readonly<Record<WhipWhepResource, Readonly<Record<string, string>> & { readonly allow: string }>> = {
  endpoint: { allow: 'POST, GET, HEAD, OPTIONS', 'accept-post': SDP },
  session: { allow: 'PATCH, DELETE, GET, HEAD, OPTIONS', 'accept-patch': SDP_FRAGMENT },
  events: { allow: 'POST, OPTIONS', 'accept-post': 'application/json' },
  'event-stream': { allow: 'GET, HEAD, DELETE, OPTIONS' },
  layer: { allow: 'POST, OPTIONS', 'accept-post': 'application/json' },
}

/** What OPTIONS is answered with, whether or not the resource is there. */
export function resourceOptions(resource: WhipWhepResource): HttpReply {
  return emptyResponse(200, HEADERS[resource])
}

/** 405 and what is allowed instead; 501 for a method that nobody knows (RFC 9110, sections 15.5.6 and 15.6.2). */
export function refuseMethod(request: HttpRequest, resource: WhipWhepResource): HttpReply {
  const { allow } = HEADERS[resource]
  if (METHODS.includes(request.method)) return methodNotAllowed(request, allow)
  const error = new BroadcastError('method-not-allowed', `the method ${request.method} is unknown`)
  return problemResponse(error, { allow }, 501)
}
