/** A real Sfu on a fake engine, its metrics, and shards that tell what the test wants. */
import type { ShardSummary } from '../../src/engine/types.js'
import { type Metrics, metrics } from '../../src/metrics/metrics.js'
import type { MetricsOptions } from '../../src/metrics/metrics-options.js'
import { fakeSfu } from './fake-sfu.js'
import { readExposition } from './open-metrics.js'

/** See the top of the file. */
export function metricsScene(options: MetricsOptions = {}) {
  const { sfu, engine, clock } = fakeSfu()
  const told: { shards: readonly ShardSummary[] } = { shards: [] }
  engine.summary = async () => told
  const read: Metrics = metrics(sfu, options, { time: clock })
  return {
    sfu,
    engine,
    clock,
    metrics: read,
    /** What the shards tell from now on. */
    tell(...shards: readonly ShardSummary[]): void {
      told.shards = shards
    },
    /** The values of a metric's samples by the values of their labels, joined by spaces. */
    async values(name: string): Promise<Record<string, number>> {
      const family = readExposition(await read.text(), 'prometheus').get(name)
      return Object.fromEntries(
        (family?.samples ?? []).map(({ labels, value }) => [Object.values(labels).join(' '), value]),
      )
    },
  }
}
