/**
 * Cross-origin headers (Fetch standard, "CORS protocol") for the signaling endpoints.
 *
 * WHIP and WHEP players usually live on another origin than the media server; without the exposed headers they could not
 * even read the `Location` of their own session.
 */
import type { AdapterConfig } from './adapter-options.js'
import type { HttpReply } from './http-reply.js'
import type { HttpRequest } from './http-request.js'

const ALLOW_METHODS = 'POST, PATCH, DELETE, OPTIONS, GET, HEAD'
/** ETag is what older WHIP clients send in place of If-Match; they are told what is wrong with it (428) instead of failing in their browser. */
const ALLOW_HEADERS = 'Authorization, Content-Type, If-Match, ETag, Last-Event-ID'
const EXPOSE_HEADERS =
  'Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After, WWW-Authenticate, Access-Control-Allow-Methods'
const MAX_AGE_SECONDS = '86400'

/** Adds to `response` what lets the origin of `request` read it, if it may. */
export function withCors(response: HttpReply, request: HttpRequest, cors: AdapterConfig['cors']): HttpReply {
  if (cors === false) return response
  const { headers } = response
  if (cors === true) {
    headers.set('access-control-allow-origin', '*')
  } else {
    // The reply depends on who asks, so that a cache must not hand it to another origin.
    headers.append('vary', 'Origin')
    const origin = request.headers.get('origin')
    if (origin === null || !cors.has(origin)) return response
    headers.set('access-control-allow-origin', origin)
  }
  // Some WHIP clients look for PATCH in a plain OPTIONS, too, before they trickle.
  if (request.method === 'OPTIONS') headers.set('access-control-allow-methods', ALLOW_METHODS)
  if (isPreflight(request)) {
    headers.set('access-control-allow-headers', ALLOW_HEADERS)
    headers.set('access-control-max-age', MAX_AGE_SECONDS)
  } else {
    headers.set('access-control-expose-headers', EXPOSE_HEADERS)
  }
  return response
}

/** Whether a browser asks if it may ask; it shows no token then. */
export function isPreflight(request: HttpRequest): boolean {
  return request.method === 'OPTIONS' && request.headers.has('access-control-request-method')
}
