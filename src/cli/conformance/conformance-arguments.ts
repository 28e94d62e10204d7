/** The part of the command line that says what the conformance command tests, and how. */
import { UsageError } from '../usage-error.js'
import { conformanceTargets } from './conformance-targets.js'
import type { ConformanceCommand } from './run-conformance.js'

/** For `parseArgs`. */
export const CONFORMANCE_OPTIONS = {
  whip: { type: 'string' },
  whep: { type: 'string' },
  token: { type: 'string' },
  timeout: { type: 'string' },
  json: { type: 'boolean' },
} as const

/** What `parseArgs` made of {@link CONFORMANCE_OPTIONS}. */
export interface ConformanceValues {
  readonly whip?: string | undefined
  readonly whep?: string | undefined
  readonly token?: string | undefined
  readonly timeout?: string | undefined
  readonly json?: boolean | undefined
}

const DEFAULT_TIMEOUT_S = 10
const MAX_TIMEOUT_S = 600

/** Throws {@link UsageError}; it never repeats a token. */
export function conformanceArguments(
  url: string | undefined,
  values: ConformanceValues,
  env: Readonly<Record<string, string | undefined>>,
): Omit<ConformanceCommand, 'name'> {
  const token = values.token ?? (env.CONFORMANCE_TOKEN === '' ? undefined : env.CONFORMANCE_TOKEN)
  // Other characters are no bearer token (RFC 6750, section 2.1), and some of them no header either.
  if (token !== undefined && !/^[\w.~+/-]+=*$/.test(token)) throw new UsageError('the token is no bearer token')
  return {
    ...conformanceTargets(url, values),
    token,
    timeoutMs: timeout(values.timeout) * 1000,
    json: values.json ?? false,
  }
}

function timeout(value: string | undefined): number {
  if (value === undefined) return DEFAULT_TIMEOUT_S
  const seconds = Number(value)
  if (/^\d+(?:\.\d+)?$/.test(value) && seconds > 0 && seconds <= MAX_TIMEOUT_S) return seconds
  throw new UsageError(`--timeout must be a number of seconds up to ${MAX_TIMEOUT_S}, not ${JSON.stringify(value)}`)
}
