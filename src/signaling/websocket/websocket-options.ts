/** Options of the WebSocket adapter. */
import { integerOption } from '../../util/options.js'
import { type AdapterConfig, type AdapterOptions, adapterConfig } from '../adapter-options.js'
import { type ProxyTrust, resolveTrustProxy, type TrustProxy } from '../trust-proxy.js'

/** Options of {@link webSocketSignaling}. */
export interface WebSocketSignalingOptions
  extends Pick<AdapterOptions, 'authorize' | 'tokenParameter' | 'clientAddress'> {
  /**
   * Whether a `resume` is put to `authorize`, as `session` for each of the sessions, or is taken from whoever knows the resume token, which has 192
   * random bits. Default `authorize`. What comes on the socket that opened a session needs no further leave.
   */
  readonly sessionAccess?: AdapterOptions['sessionAccess']
  /**
   * Which web origins may connect from a browser: `true` all (default), `false` none but the page's own, or a list such as
   * `['https://example.org']` beside it. Browsers send cookies along, whatever page opens a WebSocket: `authorize` sees those of the page's own
   * origin and of listed ones only.
   */
  readonly cors?: AdapterOptions['cors']
  /** Whose `X-Forwarded-For` is believed when it names the client, as with `nodeHttp`. Default false. */
  readonly trustProxy?: TrustProxy | undefined
  /** How long sessions wait for a `resume` after their socket was dropped, in milliseconds; default 30000. 0 ends them with the socket. */
  readonly resumeWithinMs?: number | undefined
  /** A client that was silent for so long is pinged, and dropped after the same time again; in milliseconds, default 15000. */
  readonly heartbeatMs?: number | undefined
  /** The largest message in bytes; default 65536. A larger one closes the socket with 4413. */
  readonly maxMessageBytes?: number | undefined
  /** How many messages a socket may send per second, in the long run; default 20. More close it with 4429. */
  readonly messagesPerSecond?: number | undefined
  /** How many of them may come at once; default 100. */
  readonly messageBurst?: number | undefined
  /** How many bytes of requests may wait for their turn; default 262144. More close the socket with 4429. */
  readonly maxPendingBytes?: number | undefined
  /** How many bytes may wait for a client that does not read them; default 1048576. More end its socket. */
  readonly maxBufferedBytes?: number | undefined
  /** How many sessions a connection may have at the same time; default 8, then `limit-reached`. */
  readonly maxSessions?: number | undefined
  /** How many sockets there may be at the same time; default 10000. Further ones are closed with 4503. */
  readonly maxSockets?: number | undefined
}

/** {@link WebSocketSignalingOptions}, resolved. */
export interface WebSocketConfig extends AdapterConfig {
  readonly trust: ProxyTrust
  readonly resumeWithinMs: number
  readonly heartbeatMs: number
  readonly maxMessageBytes: number
  readonly messagesPerSecond: number
  readonly messageBurst: number
  readonly maxPendingBytes: number
  readonly maxBufferedBytes: number
  readonly maxSessions: number
  readonly maxSockets: number
}

/** Throws `option-invalid`. */
export function webSocketConfig(options: WebSocketSignalingOptions): WebSocketConfig {
  const { authorize, tokenParameter, clientAddress, sessionAccess, cors } = options
  const integer = (name: keyof WebSocketSignalingOptions, fallback: number, min: number, max: number) =>
    integerOption(name, options[name], fallback, min, max)
  return {
    ...adapterConfig({ authorize, tokenParameter, clientAddress, sessionAccess, cors }),
    trust: resolveTrustProxy(options.trustProxy),
    resumeWithinMs: integer('resumeWithinMs', 30_000, 0, 3_600_000),
    heartbeatMs: integer('heartbeatMs', 15_000, 100, 600_000),
    maxMessageBytes: integer('maxMessageBytes', 65_536, 1024, 16 * 1024 * 1024),
    messagesPerSecond: integer('messagesPerSecond', 20, 1, 1_000_000),
    messageBurst: integer('messageBurst', 100, 1, 1_000_000),
    maxPendingBytes: integer('maxPendingBytes', 256 * 1024, 1024, 1024 * 1024 * 1024),
    maxBufferedBytes: integer('maxBufferedBytes', 1024 * 1024, 1024, 1024 * 1024 * 1024),
    maxSessions: integer('maxSessions', 8, 1, 1000),
    maxSockets: integer('maxSockets', 10_000, 1, 10_000_000),
  }
}
