/** Metrics of an Sfu: for Prometheus, an application's own registry, or OpenTelemetry. */
import type { SignalingHandler } from '../signaling/handler.js'
import { type Clock, systemTime, type TimerHost } from '../util/clock.js'
import { clusterFamilies, relayFamilies } from './cluster-families.js'
import { Collector, type MetricsPart } from './collector.js'
import type { MetricDefinition, MetricFamily } from './metric-family.js'
import {
  BROADCAST_METRICS,
  CLUSTER_METRICS,
  LOAD_METRICS,
  MEDIA_METRICS,
  RELAY_METRICS,
  SESSION_METRICS,
} from './metric-table.js'
import { metricsHandler } from './metrics-handler.js'
import { type MetricsOptions, resolveMetricsOptions } from './metrics-options.js'
import type { MetricsSource } from './metrics-source.js'
import { globalMeter, type MeterLike, observeMetrics } from './opentelemetry-api.js'
import { checkAlive, checkReady, type ProbeResult, within } from './probes.js'
import { type PromRegistryLike, registerMetrics } from './prom-client.js'
import { type MetricsFormat, writeText } from './write-text.js'

/** Metrics that are on. */
export interface Metrics {
  /** A Fetch handler for `/metrics`, and for the probes `/healthz` and `/readyz`; fit for `compose` and `nodeHttp` of `manycast/signaling`. */
  readonly handler: SignalingHandler
  /** The names, types, labels and meanings of the metrics that `collect` may give, those of the process left out. */
  readonly definitions: readonly MetricDefinition[]
  /** The text that is scraped, by default in the format of Prometheus. Rejects with `closed` or `engine-failed`. */
  text(format?: MetricsFormat): Promise<string>
  /** Everything as plain values. Rejects with `closed` or `engine-failed`. */
  collect(): Promise<readonly MetricFamily[]>
  /** Whether every engine thread answers. The first probe opens the media port, if nothing has. */
  alive(): Promise<ProbeResult>
  /** Whether new sessions are taken: alive, neither draining nor overloaded. */
  ready(): Promise<ProbeResult>
  /** Puts the metrics into a `Registry` of `prom-client`; returns the way to take them out. Throws what the registry throws for names that it has already. */
  register(registry: PromRegistryLike): () => void
  /**
   * Puts the metrics into a `Meter` of OpenTelemetry, by default that of the provider which the application has set; resolves with the way to take them out. Rejects with
   * `package-missing` where it has to find the meter itself and `@opentelemetry/api` is not installed.
   */
  observe(meter?: MeterLike): Promise<() => void>
  /** Counts no more. */
  close(): void
}

/** What tests put in place of time. @internal */
export interface MetricsTestOptions {
  readonly time?: Clock & TimerHost
}

/**
 * Counts what happens on an `Sfu` from now on, and reads what it has counted itself when it is asked. Reading costs the media next to nothing, however many
 * viewers there are: the sums are made in the engine's threads, a little at a time. `docs/metrics.md` has the table of metrics. Throws `option-invalid`.
 *
 * @example
 * ```ts
 * const { handler } = metrics(sfu, { token: process.env.METRICS_TOKEN })
 * createServer(nodeHttp(compose(handler, whipWhep(sfu)))).listen(8080)
 * ```
 */
export function metrics(sfu: MetricsSource, options?: MetricsOptions): Metrics
/** @internal */
export function metrics(sfu: MetricsSource, options: MetricsOptions, test: MetricsTestOptions): Metrics
export function metrics(sfu: MetricsSource, options: MetricsOptions = {}, test: MetricsTestOptions = {}): Metrics {
  const { time = systemTime } = test
  const { maxBroadcasts, isToken, pathPrefix, timeoutMs, process } = resolveMetricsOptions(options)
  const { health, relays, cluster } = options
  const parts: MetricsPart[] = [
    ...(health === undefined ? [] : [() => health.families()]),
    ...(relays === undefined ? [] : [() => relayFamilies(relays())]),
    ...(cluster === undefined ? [] : [() => clusterFamilies(cluster.stats())]),
  ]
  const collector = new Collector({ source: sfu, maxBroadcasts, process, parts, unixMs: () => time.unixMs() })
  const collect = () => within(collector.collect(), timeoutMs, time)
  const alive = () => checkAlive(sfu, timeoutMs, time)
  const ready = () => checkReady(sfu, timeoutMs, time)
  const text = async (format: MetricsFormat = 'prometheus') => writeText(await collect(), format)
  const paths = {
    metrics: `${pathPrefix}/metrics`,
    healthz: `${pathPrefix}/healthz`,
    readyz: `${pathPrefix}/readyz`,
  }
  const tables: readonly Readonly<Record<string, MetricDefinition>>[] = [
    SESSION_METRICS,
    MEDIA_METRICS,
    BROADCAST_METRICS,
    ...(sfu.load === undefined ? [] : [LOAD_METRICS]),
    ...(relays === undefined ? [] : [RELAY_METRICS]),
    ...(cluster === undefined ? [] : [CLUSTER_METRICS]),
  ]
  const definitions = tables.flatMap((table) => Object.values(table))
  return {
    handler: metricsHandler({ paths, isToken, text, alive, ready }),
    definitions,
    text,
    collect,
    alive,
    ready,
    register: (registry) => registerMetrics(registry, definitions, collect),
    observe: async (meter) => observeMetrics(meter ?? (await globalMeter()), definitions, collect),
    close: () => collector.close(),
  }
}
