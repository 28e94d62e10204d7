/** The part of the command line that is about metrics and probes. */
import type { MetricsOptions } from '../metrics/index.js'
import { checkKey, type Environment, setting } from './setting.js'
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

/** Undefined where there are to be none. Throws {@link UsageError}; it never repeats the key. */
export function metricsArguments(values: MetricsValues, env: Environment): MetricsOptions | undefined {
  const { metrics, 'metrics-key': given } = values
  if (metrics !== true) {
    if (given !== undefined) throw new UsageError('--metrics-key needs --metrics')
    return undefined
  }
  const key = setting('--metrics-key', given, 'METRICS_KEY', env)
  checkKey(key)
  return key === undefined ? {} : { token: key.value }
}
