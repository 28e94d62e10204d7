/** What `pull` and `push` are told, checked once when they begin. */
import { type Clock, systemTime, type TimerHost } from '../util/clock.js'
import { integerOption, numberOption, objectOption, refuseOption, stringListOption } from '../util/options.js'
import { type BackoffConfig, type RelayReconnectOptions, resolveBackoff } from './backoff.js'

/** A bearer token (RFC 6750), or a function that is asked for it before each request; undefined for none. */
export type RelayToken = string | (() => string | undefined | Promise<string | undefined>)

/** Options of `pull` and `push`. */
export interface RelayOptions {
  /** The bearer token that requests carry to the origin of the URL, and to `trustedHosts`. Default none. */
  readonly token?: RelayToken | undefined
  /** More headers for the same requests. Default none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Hosts such as `edge.example.org` or `10.0.0.2:8080` that also get token and headers, if a redirect or a session's URL leads there. Default none. */
  readonly trustedHosts?: readonly string[] | undefined
  /**
   * The publisher's name, on both sides: what is pulled is published under it, and of several publishers the one of that name is taken; what is pushed
   * is that publisher's, and is published under that name there. Default `main` here, and whatever the other server takes for its default.
   */
  readonly as?: string | undefined
  /** Simulcast layers that are carried at most, 1 to 8; servers of other makes mostly carry one. Default 3. */
  readonly layers?: number | undefined
  /** What is received, or sent, in bits per second, at most. Default no limit. */
  readonly maxBitrateBps?: number | undefined
  /** How to come back; false to stay away after the first failure. */
  readonly reconnect?: RelayReconnectOptions | false | undefined
  /** Asked before every attempt where to connect; undefined for where it was the last time. What it rejects with counts as a failed attempt. */
  readonly resolveUrl?: ((last: URL) => string | URL | undefined | Promise<string | URL | undefined>) | undefined
  /** Nothing from the other side for so long, and it is asked over HTTP whether it is alive, in milliseconds. Default 2000. */
  readonly silenceMs?: number | undefined
  /** How often it is asked while all is well: whether it knows the session, and which nodes the media come through. In milliseconds, default 5000. */
  readonly checkIntervalMs?: number | undefined
  /** How long a request may take, in milliseconds. Default 8000. */
  readonly requestTimeoutMs?: number | undefined
  /** The largest reply that is read, in bytes. Default 65536. */
  readonly maxBodyBytes?: number | undefined
  /** In place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** @internal */
  readonly time?: Clock & TimerHost
  /** @internal At least 0, less than 1. */
  readonly random?: () => number
}

/** {@link RelayOptions}, resolved. */
export interface RelayConfig {
  readonly token: RelayToken | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly trustedHosts: ReadonlySet<string>
  readonly as: string | undefined
  readonly layers: number
  readonly maxBitrateBps: number | undefined
  readonly backoff: BackoffConfig
  readonly resolveUrl: RelayOptions['resolveUrl']
  readonly silenceMs: number
  readonly checkIntervalMs: number
  readonly requestTimeoutMs: number
  readonly maxBodyBytes: number
  readonly fetch: typeof fetch
  readonly time: Clock & TimerHost
  readonly random: () => number
}

/** Throws `option-invalid`. */
export function relayConfig(options: RelayOptions): RelayConfig {
  objectOption('options', options, 'an object such as { token }')
  const { token, resolveUrl } = options
  if (token !== undefined && typeof token !== 'string' && typeof token !== 'function') {
    refuseOption('token', 'a text or a function', token)
  }
  if (resolveUrl !== undefined && typeof resolveUrl !== 'function') refuseOption('resolveUrl', 'a function', resolveUrl)
  if (options.fetch !== undefined && typeof options.fetch !== 'function') {
    refuseOption('fetch', 'a function', options.fetch)
  }
  const isHost = (text: string): boolean => /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(text)
  const hosts = stringListOption('trustedHosts', options.trustedHosts, [], 'hosts such as example.org:8080', isHost)
  return {
    token,
    headers: headersOption(options.headers),
    trustedHosts: new Set(hosts.map((host) => host.toLowerCase())),
    as: nameOption(options.as),
    layers: integerOption('layers', options.layers, 3, 1, 8),
    maxBitrateBps:
      options.maxBitrateBps === undefined
        ? undefined
        : numberOption('maxBitrateBps', options.maxBitrateBps, 0, 10_000, 1_000_000_000),
    backoff: resolveBackoff(options.reconnect),
    resolveUrl,
    silenceMs: integerOption('silenceMs', options.silenceMs, 2000, 200, 60_000),
    checkIntervalMs: integerOption('checkIntervalMs', options.checkIntervalMs, 5000, 200, 3_600_000),
    requestTimeoutMs: integerOption('requestTimeoutMs', options.requestTimeoutMs, 8000, 100, 600_000),
    maxBodyBytes: integerOption('maxBodyBytes', options.maxBodyBytes, 65_536, 1024, 16 * 1024 * 1024),
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    time: options.time ?? systemTime,
    random: options.random ?? Math.random,
  }
}

/** The URL of an endpoint. Throws `option-invalid`. */
export function relayUrl(name: string, value: unknown): URL {
  const text = value instanceof URL ? value.href : value
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) refuseOption(name, 'an http or https URL', value)
  if (url.username !== '' || url.password !== '') {
    // Not shown: there is a password in it.
    refuseOption(name, 'a URL without a user name; see the option token', 'https://...@...')
  }
  url.hash = ''
  return url
}

function nameOption(value: string | undefined): string | undefined {
  if (value !== undefined && (typeof value !== 'string' || value === '')) refuseOption('as', 'a name', value)
  return value
}

function headersOption(value: RelayOptions['headers']): Readonly<Record<string, string>> {
  if (value === undefined) return {}
  objectOption('headers', value, 'an object of texts')
  try {
    return Object.fromEntries(new Headers({ ...value }))
  } catch {
    refuseOption('headers', 'names and values that HTTP can carry', value)
  }
}
