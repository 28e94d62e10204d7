/** Options that all HTTP adapters share, checked once when the adapter is made. */
import { BroadcastError } from '../errors.js'
import { choiceOption, integerOption, refuseOption } from '../util/options.js'
import type { Authorize } from './authorization.js'
import { addressOf, fetchRequest, type HttpRequest } from './http-request.js'

/** What a request at the URL of a session needs: the hook's leave, or nothing but that unguessable URL. */
export type SessionAccess = 'authorize' | 'url'

/** Options of {@link whipWhep} and {@link plainExchange} alike. */
export interface AdapterOptions {
  /** Decides who may do what. Default everybody everything. See `docs/authorization.md`. */
  readonly authorize?: Authorize | undefined
  /**
   * Whether requests at the URL of a session (PATCH, DELETE and the like) are put to `authorize` like its offer was, or are taken from
   * whoever knows the URL, which has 128 random bits. Default `authorize`.
   */
  readonly sessionAccess?: SessionAccess | undefined
  /**
   * A parameter of the URL that may carry the token, such as `access_token`, for clients that cannot set headers (RFC 6750, section 2.3); URLs
   * end up in logs. Default none.
   */
  readonly tokenParameter?: string | undefined
  /**
   * The client's IP address, where requests do not come through `nodeHttp`, which knows it. Limits per address count by it, so that it must not be
   * taken from a header that clients can write. Default what `nodeHttp` says.
   */
  readonly clientAddress?: ((request: Request) => string | undefined) | undefined
  /**
   * Which web origins may call from a browser: `true` all (default), `false` none but the page's own, or a list such as
   * `['https://example.org']`. Cookies are never asked for.
   */
  readonly cors?: boolean | readonly string[] | undefined
  /** The largest request body in bytes; default 65536. More is answered with 413. */
  readonly maxBodyBytes?: number | undefined
  /** How long a request body may take to arrive, in milliseconds; default 10000. Slower ones are answered with 408. */
  readonly bodyTimeoutMs?: number | undefined
}

/** {@link AdapterOptions}, resolved. */
export interface AdapterConfig {
  readonly authorize: Authorize | undefined
  readonly sessionAccess: SessionAccess
  readonly tokenParameter: string | undefined
  readonly clientAddress: (request: HttpRequest) => string | undefined
  readonly cors: boolean | ReadonlySet<string>
  readonly maxBodyBytes: number
  readonly bodyTimeoutMs: number
}

/** Throws `option-invalid`. */
export function adapterConfig(options: AdapterOptions): AdapterConfig {
  const { authorize, tokenParameter } = options
  if (authorize !== undefined && typeof authorize !== 'function') refuseOption('authorize', 'a function', authorize)
  if (tokenParameter !== undefined && (typeof tokenParameter !== 'string' || !/^[\w-]{1,64}$/.test(tokenParameter))) {
    refuseOption('tokenParameter', 'a name such as access_token', tokenParameter)
  }
  return {
    authorize,
    sessionAccess: choiceOption('sessionAccess', options.sessionAccess, 'authorize', ['authorize', 'url']),
    tokenParameter,
    clientAddress: clientAddressOption(options.clientAddress),
    cors: corsOption(options.cors),
    maxBodyBytes: integerOption('maxBodyBytes', options.maxBodyBytes, 65_536, 256, 16 * 1024 * 1024),
    bodyTimeoutMs: integerOption('bodyTimeoutMs', options.bodyTimeoutMs, 10_000, 10, 600_000),
  }
}

/** `value` or, if undefined, `fallback`: a path that begins with a slash and does not end in one; '' where `fallback` is ''. */
export function pathOption(name: string, value: string | undefined, fallback: string): string {
  if (value === undefined) return fallback
  if (value === '' && fallback === '') return ''
  const isPath = typeof value === 'string' && /^(?:\/[A-Za-z0-9._~!$&'()*+,;=:@-]+)+$/.test(value)
  if (!isPath || /\/\.{1,2}(?:\/|$)/.test(value)) {
    throw new BroadcastError('option-invalid', `option ${name}: expected a path such as /media`, {
      details: { option: name },
    })
  }
  return value
}

function clientAddressOption(value: AdapterOptions['clientAddress']): AdapterConfig['clientAddress'] {
  if (value !== undefined && typeof value !== 'function') refuseOption('clientAddress', 'a function', value)
  return value === undefined ? addressOf : (request) => value(fetchRequest(request))
}

function corsOption(value: AdapterOptions['cors']): boolean | ReadonlySet<string> {
  if (value === undefined) return true
  if (typeof value === 'boolean') return value
  if (Array.isArray(value) && value.every((origin) => typeof origin === 'string' && isOrigin(origin))) {
    return new Set(value as readonly string[])
  }
  throw new BroadcastError(
    'option-invalid',
    'option cors: expected true, false or origins such as https://example.org',
    {
      details: { option: 'cors' },
    },
  )
}

function isOrigin(text: string): boolean {
  if (text === 'null') return true
  try {
    return new URL(text).origin === text
  } catch {
    return false
  }
}
