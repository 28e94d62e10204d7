/** What users pass to `health()`, checked and resolved. */
import { integerOption } from '../util/options.js'

/** Options of {@link health}. */
export interface HealthOptions {
  /** Milliseconds between two looks at a session. Default 10000. */
  readonly intervalMs?: number | undefined
  /** So many sessions are looked at in a second, at most; where there are more, each has its turn less often. Default 50. */
  readonly maxPerSecond?: number | undefined
}

/** {@link HealthOptions}, resolved. */
export interface HealthConfig {
  readonly intervalMs: number
  readonly maxPerSecond: number
}

/** Throws `option-invalid`. */
export function resolveHealthOptions(options: HealthOptions): HealthConfig {
  return {
    intervalMs: integerOption('intervalMs', options.intervalMs, 10_000, 1000, 3_600_000),
    maxPerSecond: integerOption('maxPerSecond', options.maxPerSecond, 50, 1, 10_000),
  }
}
