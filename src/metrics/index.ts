/**
 * What operators see: metrics for Prometheus and OpenTelemetry, health and readiness.
 *
 * @packageDocumentation
 */

export type { MetricsCluster, MetricsClusterStats, MetricsRelay } from './cluster-families.js'
export {
  type HealthChange,
  type HealthEvents,
  HealthMonitor,
  type HealthSession,
  type HealthSource,
  health,
} from './health-monitor.js'
export type { HealthOptions } from './health-options.js'
export type {
  HistogramSample,
  MetricDefinition,
  MetricFamily,
  MetricLabels,
  MetricType,
  NumberSample,
} from './metric-family.js'
export { type Metrics, metrics } from './metrics.js'
export type { MetricsOptions } from './metrics-options.js'
export type { MetricsBroadcast, MetricsLoad, MetricsSession, MetricsSource } from './metrics-source.js'
export type {
  InstrumentOptions,
  MeterLike,
  ObservableLike,
  ObservableResultLike,
  ReadingCallback,
} from './opentelemetry-api.js'
export type { ProbeResult } from './probes.js'
export type { PromReading, PromRegistryLike } from './prom-client.js'
export {
  type HealthCause,
  type HealthFinding,
  type HealthLevel,
  type HealthStats,
  type SessionHealth,
  sessionHealth,
} from './session-health.js'
export type { MetricsFormat } from './write-text.js'
