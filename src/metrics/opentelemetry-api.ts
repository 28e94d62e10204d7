/** The one place that knows the package `@opentelemetry/api`, an optional peer dependency, and how metrics are told to a meter of it. */
import { BroadcastError } from '../errors.js'
import { baseName, type MetricDefinition, type MetricFamily, sampleLines, unitOf } from './metric-family.js'

/** An instrument that is read when it is asked for. */
export type ObservableLike = object

/** What is given to a callback, to put the values in. */
export interface ObservableResultLike {
  /** Takes a value of an instrument. */
  observe(instrument: ObservableLike, value: number, attributes?: Readonly<Record<string, string>>): void
}

/** A `Meter`, as far as it is used. */
export interface MeterLike {
  /** Makes a counter. */
  createObservableCounter(name: string, options?: InstrumentOptions): ObservableLike
  /** Makes a gauge. */
  createObservableGauge(name: string, options?: InstrumentOptions): ObservableLike
  /** Calls `callback` at each reading of the instruments. */
  addBatchObservableCallback(callback: ReadingCallback, instruments: never[]): void
  /** Calls it no more. */
  removeBatchObservableCallback(callback: ReadingCallback, instruments: never[]): void
}

/** What is said of an instrument. */
export interface InstrumentOptions {
  readonly description?: string
  readonly unit?: string
}

/** Puts values into a result. */
export type ReadingCallback = (result: ObservableResultLike) => Promise<void>

/** The meter of the provider that the application has set for the process. Rejects with `package-missing`. */
export async function globalMeter(
  load: () => Promise<unknown> = () => import('@opentelemetry/api'),
): Promise<MeterLike> {
  try {
    const api = (await load()) as { readonly metrics: { getMeter(name: string): MeterLike } }
    return api.metrics.getMeter('manycast')
  } catch (cause) {
    throw new BroadcastError(
      'package-missing',
      'metrics need the package "@opentelemetry/api": npm install @opentelemetry/api',
      {
        details: { package: '@opentelemetry/api' },
        cause,
      },
    )
  }
}

const UNITS = { seconds: 's', bytes: 'By' } as const

/**
 * Makes an instrument of `meter` for each definition, read by `collect`. A histogram is three counters: its buckets with the attribute `le`, its sum and its
 * count, as only values of one's own can be put into a histogram of OpenTelemetry. Returns the way to stop.
 */
export function observeMetrics(
  meter: MeterLike,
  definitions: readonly MetricDefinition[],
  collect: () => Promise<readonly MetricFamily[]>,
): () => void {
  const instruments = new Map<string, ObservableLike>()
  for (const definition of definitions) {
    const { type, help, name } = definition
    const unit = unitOf(definition)
    const options = { description: help, ...(unit === undefined ? {} : { unit: UNITS[unit] }) }
    const own = openTelemetryName(definition)
    if (type === 'gauge') instruments.set(name, meter.createObservableGauge(own, options))
    else if (type === 'counter') instruments.set(name, meter.createObservableCounter(own, options))
    else {
      instruments.set(`${name}_bucket`, meter.createObservableCounter(`${own}.bucket`, { description: help }))
      instruments.set(`${name}_count`, meter.createObservableCounter(`${own}.count`, { description: help }))
      instruments.set(`${name}_sum`, meter.createObservableCounter(`${own}.sum`, options))
    }
  }
  const callback: ReadingCallback = async (result) => {
    for (const { name, samples } of await collect()) {
      for (const sample of samples) {
        for (const { suffix, labels, value } of sampleLines(sample)) {
          const instrument = instruments.get(`${name}${suffix}`)
          if (instrument !== undefined) result.observe(instrument, value, labels)
        }
      }
    }
  }
  const list = [...instruments.values()] as never[]
  meter.addBatchObservableCallback(callback, list)
  return () => meter.removeBatchObservableCallback(callback, list)
}

/** `manycast_rtp_packets_total` is `manycast.rtp_packets` there. */
export function openTelemetryName(definition: MetricDefinition): string {
  return baseName(definition).replace('_', '.')
}
