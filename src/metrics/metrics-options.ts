/** What users pass to `metrics()`, checked and resolved. */
import { pathOption } from '../signaling/adapter-options.js'
import { type KeyMatch, keyMatch } from '../signaling/key-match.js'
import { booleanOption, integerOption } from '../util/options.js'
import type { MetricsCluster, MetricsRelay } from './cluster-families.js'
import type { HealthMonitor } from './health-monitor.js'

/** Options of {@link metrics}. */
export interface MetricsOptions {
  /** How many broadcasts have series of their own; all others together are `(other)`. Default 100, 0 for none. */
  readonly maxBroadcasts?: number | undefined
  /** Whether the figures of the process (`process_…`) are among them. Default true; they are never put into another registry. */
  readonly process?: boolean | undefined
  /** The bearer token that opens `/metrics`, at least 16 characters. Default none: it is open to everybody who reaches it. */
  readonly token?: string | undefined
  /** What stands before `/metrics`, `/healthz` and `/readyz`, such as `/internal`. Default nothing. */
  readonly pathPrefix?: string | undefined
  /** Tells how many sessions have which health score; what {@link health} returns. Default none. */
  readonly health?: HealthMonitor | undefined
  /** The relays of the application, as they are at each scrape: what `pull` and `push` returned. Default none. */
  readonly relays?: (() => readonly MetricsRelay[]) | undefined
  /** The cluster that the Sfu is a node of. Default none. */
  readonly cluster?: MetricsCluster | undefined
  /** Milliseconds within which the engine has to have answered. Default 5000. */
  readonly timeoutMs?: number | undefined
}

/** {@link MetricsOptions}, resolved. */
export interface MetricsConfig {
  readonly maxBroadcasts: number
  readonly process: boolean
  readonly isToken: KeyMatch | undefined
  readonly pathPrefix: string
  readonly timeoutMs: number
}

/** Throws `option-invalid`. */
export function resolveMetricsOptions(options: MetricsOptions): MetricsConfig {
  return {
    maxBroadcasts: integerOption('maxBroadcasts', options.maxBroadcasts, 100, 0, 10_000),
    process: booleanOption('process', options.process, true),
    isToken: options.token === undefined ? undefined : keyMatch('token', options.token),
    pathPrefix: pathOption('pathPrefix', options.pathPrefix, ''),
    timeoutMs: integerOption('timeoutMs', options.timeoutMs, 5000, 10, 600_000),
  }
}
