/** How much the machine has to do, as metrics; and the figures of the process that all Prometheus clients have. */
import type { MetricDefinition, MetricFamily } from './metric-family.js'
import { LOAD_METRICS as L, PROCESS_METRICS as P } from './metric-table.js'
import type { MetricsLoad } from './metrics-source.js'

/** Of `sfu.load()`. */
export function loadFamilies(load: MetricsLoad): readonly MetricFamily[] {
  const { control, shards } = load.eventLoopDelayMs
  const drops = load.udpReceiveDropsPerSecond
  return [
    one(L.utilization, load.utilization),
    one(L.overloaded, Number(load.overloaded)),
    one(L.cpu, load.cpu),
    {
      ...L.eventLoopDelay,
      samples: [
        { labels: { thread: 'control' }, value: control / 1000 },
        ...shards.map((delayMs, shard) => ({ labels: { thread: String(shard) }, value: delayMs / 1000 })),
      ],
    },
    {
      ...L.shardUtilization,
      samples: load.shardUtilization.map((value, shard) => ({ labels: { shard: String(shard) }, value })),
    },
    one(L.loweredLayers, load.loweredLayers),
    one(L.heapLimit, load.heapLimitBytes),
    ...(drops === undefined ? [] : [one(L.receiveDrops, drops)]),
  ]
}

/** Of this process. */
export function processFamilies(): readonly MetricFamily[] {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return [
    one(P.cpu, (user + system) / 1e6),
    one(P.rss, rss),
    one(P.heap, heapUsed),
    one(P.started, Math.round(performance.timeOrigin) / 1000),
  ]
}

function one(definition: MetricDefinition, value: number): MetricFamily {
  return { ...definition, samples: [{ labels: {}, value }] }
}
