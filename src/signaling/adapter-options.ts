/** Options that all HTTP adapters share, checked once when the adapter is made. */
import { BroadcastError } from '../errors.js'
import { integerOption } from '../util/options.js'

/** Options of {@link whipWhep} and {@link plainExchange} alike. */
export interface AdapterOptions {
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
  readonly cors: boolean | ReadonlySet<string>
  readonly maxBodyBytes: number
  readonly bodyTimeoutMs: number
}

/** Throws `option-invalid`. */
export function adapterConfig(options: AdapterOptions): AdapterConfig {
  return {
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
