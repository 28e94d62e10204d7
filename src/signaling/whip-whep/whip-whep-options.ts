/** Options of the WHIP and WHEP adapter, checked once when it is made. */
import { booleanOption, integerOption, refuseOption } from '../../util/options.js'
import { type AdapterConfig, type AdapterOptions, adapterConfig, pathOption } from '../adapter-options.js'
import { fetchRequest, type HttpRequest } from '../http-request.js'
import type { IceServer } from './ice-server.js'
import type { Protocol } from './whip-whep-route.js'

type Eventually<T> = T | Promise<T>

/** For whom ICE servers are wanted. */
export interface IceServerContext {
  readonly protocol: Protocol
  /** The name of the broadcast. */
  readonly broadcast: string
  /** The id of the session that the request has opened; undefined for an OPTIONS request, which opens none. */
  readonly session: string | undefined
  readonly request: Request
}

/** Options of `whipWhep`. */
export interface WhipWhepOptions extends AdapterOptions {
  /** The path in front of `/whip/:name` and `/whep/:name`, such as `/media`; default ''. */
  readonly pathPrefix?: string | undefined
  /**
   * The STUN and TURN servers that clients are told to use, in `Link` headers of a 201, and of an OPTIONS request that is no CORS preflight.
   * Default none. `turnRestServer` makes short-lived credentials. If it fails, the session goes on without.
   */
  readonly iceServers?: ((context: IceServerContext) => Eventually<readonly IceServer[]>) | undefined
  /** Asked about each POST of an offer: where else to send it, by a 307; undefined to take it here. Default: here. */
  readonly redirect?: ((request: Request) => Eventually<string | URL | undefined>) | undefined
  /** Asked about each POST, PATCH and DELETE: the seconds after which the client may try again, by a 429; undefined to go on. Default: go on. */
  readonly throttle?: ((request: Request) => Eventually<number | undefined>) | undefined
  /** Whether viewers are refused with 409 while there is no publisher, instead of waiting for one. Default false. */
  readonly requireLive?: boolean | undefined
  /** What `Retry-After` says in a 409 for want of a publisher, and in a 503; default 5. */
  readonly retryAfterSeconds?: number | undefined
  /** Event streams that a viewer may have at a time; default 4. More are answered with 503. */
  readonly maxEventStreams?: number | undefined
  /** An event stream without events gets a comment this often, in milliseconds, so that it is not taken for dead; default 15000. */
  readonly eventHeartbeatMs?: number | undefined
}

/** {@link WhipWhepOptions}, resolved. */
export interface WhipWhepConfig extends AdapterConfig {
  readonly pathPrefix: string
  readonly iceServers: WhipWhepOptions['iceServers']
  readonly redirect: (request: HttpRequest) => Eventually<string | URL | undefined>
  readonly throttle: (request: HttpRequest) => Eventually<number | undefined>
  readonly requireLive: boolean
  readonly retryAfterSeconds: number
  readonly maxEventStreams: number
  readonly eventHeartbeatMs: number
}

/** Throws `option-invalid`. */
export function whipWhepConfig(options: WhipWhepOptions): WhipWhepConfig {
  return {
    ...adapterConfig(options),
    pathPrefix: pathOption('pathPrefix', options.pathPrefix, ''),
    iceServers: functionOption('iceServers', options.iceServers),
    redirect: requestHook('redirect', options.redirect),
    throttle: requestHook('throttle', options.throttle),
    requireLive: booleanOption('requireLive', options.requireLive, false),
    retryAfterSeconds: integerOption('retryAfterSeconds', options.retryAfterSeconds, 5, 1, 86_400),
    maxEventStreams: integerOption('maxEventStreams', options.maxEventStreams, 4, 1, 64),
    eventHeartbeatMs: integerOption('eventHeartbeatMs', options.eventHeartbeatMs, 15_000, 100, 3_600_000),
  }
}

/** A function of the application's own, which is given the Fetch request. */
function requestHook<Result>(
  name: string,
  value: ((request: Request) => Eventually<Result | undefined>) | undefined,
): (request: HttpRequest) => Eventually<Result | undefined> {
  const hook = functionOption(name, value)
  return hook === undefined ? () => undefined : (request) => hook(fetchRequest(request))
}

function functionOption<T>(name: string, value: T): T {
  if (value !== undefined && typeof value !== 'function') refuseOption(name, 'a function', value)
  return value
}
