/** What `publish` and `watch` have in common of their options. */
import type { BackoffOptions } from './backoff.js'
import type { TokenSource } from './http.js'

/** Where to publish or watch: an endpoint, or several of which one is tried after the other. */
export type Urls = string | URL | readonly (string | URL)[]

/** How a session comes back. */
export interface ReconnectOptions extends BackoffOptions {
  /** How many attempts may fail one after the other. Default: any number. */
  readonly maxAttempts?: number
  /**
   * Whether to come back after the server has said goodbye to the session. Default for `watch`: true. For `publish`: only if the server
   * is away then, as it is when it restarts; where it still answers, somebody has ended the session, or has taken its place.
   */
  readonly whenEnded?: boolean
}

/** See the top of the file. */
export interface SessionOptions {
  /** The bearer token (RFC 6750) that all requests carry, or a function that is asked for it before each. Default: none. */
  readonly token?: TokenSource
  /** STUN and TURN servers. Default: those that the server offers (RFC 9725, section 4.6), from the first ICE restart or reconnect on. */
  readonly iceServers?: readonly RTCIceServer[]
  /** Whether to ask the server for its ICE servers before the first offer, at the price of a round trip. Default false. */
  readonly askIceServers?: boolean
  /** How long the media may take to find a way after the answer, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number
  /**
   * Whether to listen to the server's events, where it has them, at the price of a connection that stays open. Then the session goes over to another server
   * without a break when this one goes down. Default false.
   */
  readonly serverEvents?: boolean
  /** How to come back; false to stay away after the first failure. */
  readonly reconnect?: ReconnectOptions | false
}
