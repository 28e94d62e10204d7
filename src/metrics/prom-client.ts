/** Our metrics in an application's registry of the package `prom-client`, known by its shape only. */
import { type MetricDefinition, type MetricFamily, type MetricType, sampleLines } from './metric-family.js'

/** A `Registry` of `prom-client`, as far as it is used. */
export interface PromRegistryLike {
  /** Takes a metric; throws if there is one of that name. */
  registerMetric(metric: never): void
  /** Forgets a metric. */
  removeSingleMetric(name: string): void
}

/** What `get` of a metric resolves with. */
export interface PromReading {
  readonly name: string
  readonly help: string
  readonly type: MetricType
  readonly aggregator: 'sum'
  readonly values: readonly {
    readonly metricName?: string
    readonly labels: Readonly<Record<string, string>>
    readonly value: number
  }[]
}

/** A metric as a registry sees it. */
class RegisteredMetric {
  /** The registry may write another one: for OpenMetrics, that without `_total`. */
  name: string
  readonly help: string
  readonly type: MetricType
  readonly aggregator = 'sum'

  constructor(
    readonly definition: MetricDefinition,
    private readonly collect: () => Promise<readonly MetricFamily[]>,
  ) {
    this.name = definition.name
    this.help = definition.help
    this.type = definition.type
  }

  async get(): Promise<PromReading> {
    const { name, help, type, aggregator, definition } = this
    const family = (await this.collect()).find((one) => one.name === definition.name)
    const values = (family?.samples ?? []).flatMap((sample) =>
      [...sampleLines(sample)].map(({ suffix, labels, value }) => ({
        ...(suffix === '' ? {} : { metricName: `${name}${suffix}` }),
        labels,
        value,
      })),
    )
    return { name, help, type, aggregator, values }
  }

  /** What was counted is the Sfu's, and stays. */
  reset(): void {}
}

/** Puts a metric for each definition into `registry`, read by `collect` at every scrape. Returns the way to take them out. */
export function registerMetrics(
  registry: PromRegistryLike,
  definitions: readonly MetricDefinition[],
  collect: () => Promise<readonly MetricFamily[]>,
): () => void {
  const names = definitions.map(({ name }) => name)
  for (const definition of definitions) registry.registerMetric(new RegisteredMetric(definition, collect) as never)
  return () => {
    for (const name of names) registry.removeSingleMetric(name)
  }
}
