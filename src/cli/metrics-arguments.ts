/** The part of the command line that is about metrics and probes. */
import type { MetricsOptions } from '../metrics/index.js'
import { UsageError } from './usage-error.js'

/** For `parseArgs`. */
export const METRICS_OPTIONS = {
  metrics: { type: 'boolean' },
  'metrics-key': { type: 'string' },
} as const

/** What `parseArgs` made of {@link METRICS_OPTIONS}. */
export interface MetricsValues {
  readonly metrics?: boolean | undefined
  readonly 'metrics-key'?: string | undefined
}

const MIN_KEY_LENGTH = 16

/** Undefined where there are to be none. Throws {@link UsageError}; it never repeats the key. */
export function metricsArguments(
  values: MetricsValues,
  env: Readonly<Record<string, string | undefined>>,
): MetricsOptions | undefined {
  const { metrics, 'metrics-key': given } = values
  if (metrics !== true) {
    if (given !== undefined) throw new UsageError('--metrics-key needs --metrics')
    return undefined
  }
  const token = given ?? env.METRICS_KEY
  if (token === undefined || (given === undefined && token === '')) return {}
  if (token.length < MIN_KEY_LENGTH || /\s/.test(token)) {
    const origin = given === undefined ? 'METRICS_KEY' : '--metrics-key'
    throw new UsageError(`${origin} must have at least ${MIN_KEY_LENGTH} characters, and no white space`)
  }
  return { token }
}
