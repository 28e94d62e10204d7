/** What a metric is, and one reading of it. */
import type { HistogramCounts } from '../util/histogram.js'

/** The kinds of metrics that there are here. */
export type MetricType = 'counter' | 'gauge' | 'histogram'

/** What tells the samples of a metric apart, by name. */
export type MetricLabels = Readonly<Record<string, string>>

/** What is fixed about a metric. */
export interface MetricDefinition {
  /** As Prometheus has it: with its unit, and counters with `_total`. */
  readonly name: string
  readonly type: MetricType
  /** What it says, in one sentence. */
  readonly help: string
  /** The names of its labels. */
  readonly labels: readonly string[]
}

/** One value. */
export interface NumberSample {
  readonly labels: MetricLabels
  readonly value: number
}

/** One histogram. */
export interface HistogramSample {
  readonly labels: MetricLabels
  readonly histogram: HistogramCounts
}

/** A metric that has been read. */
export interface MetricFamily extends MetricDefinition {
  readonly samples: readonly (NumberSample | HistogramSample)[]
}

/** A line of an exposition: what a histogram comes down to, too. */
export interface SampleLine {
  /** What the name of the metric ends in: `_bucket`, `_sum`, `_count`, or nothing. */
  readonly suffix: string
  readonly labels: MetricLabels
  readonly value: number
}

/** The lines of a sample. The buckets are cumulative, and `bound` writes their upper bounds. */
export function* sampleLines(
  sample: NumberSample | HistogramSample,
  bound: (value: number) => string = String,
): Generator<SampleLine> {
  const { labels } = sample
  if ('value' in sample) {
    yield { suffix: '', labels, value: sample.value }
    return
  }
  const { bounds, counts, sum } = sample.histogram
  let count = 0
  for (const [index, inBucket] of counts.entries()) {
    count += inBucket
    const upper = bounds[index]
    yield {
      suffix: '_bucket',
      labels: { ...labels, le: upper === undefined ? '+Inf' : bound(upper) },
      value: count,
    }
  }
  yield { suffix: '_sum', labels, value: sum }
  yield { suffix: '_count', labels, value: count }
}

const UNITS = ['seconds', 'bytes'] as const

/** The unit at the end of a metric's name, if it has one; see {@link baseName}. */
export function unitOf(definition: MetricDefinition): (typeof UNITS)[number] | undefined {
  const name = baseName(definition)
  return UNITS.find((unit) => name.endsWith(`_${unit}`))
}

/** The name of the metric without what tells that it is a counter. */
export function baseName({ name, type }: MetricDefinition): string {
  return type === 'counter' ? name.replace(/_total$/, '') : name
}
