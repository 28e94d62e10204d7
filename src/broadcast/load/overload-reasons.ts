/** What is over its limit, and by how much. */
import type { LoadFigures } from './load-stats.js'
import type { OverloadConfig } from './overload-options.js'

/** One figure against its limit. */
interface Measure {
  /** What it is, in words. */
  readonly what: string
  readonly value: number
  readonly limit: number
  readonly unit: (value: number) => string
}

/** The worst figure as a part of its limit, and what is over it in words. */
export interface Judgement {
  readonly utilization: number
  readonly reasons: readonly string[]
}

/** Holds `figures` against the limits. */
export function judgeLoad(figures: LoadFigures, limits: OverloadConfig): Judgement {
  let utilization = 0
  const reasons: string[] = []
  for (const { what, value, limit, unit } of measures(figures, limits)) {
    utilization = Math.max(utilization, value / limit)
    if (value > limit) reasons.push(`${what}: ${unit(value)}, at most ${unit(limit)}`)
  }
  return { utilization, reasons }
}

function measures(figures: LoadFigures, limits: OverloadConfig): Measure[] {
  const { eventLoopDelayMs, shardUtilization, heapUsedBytes, heapLimitBytes } = figures
  const { maxEventLoopDelayMs, maxShardUtilization } = limits
  const heapShare = heapLimitBytes > 0 ? heapUsedBytes / heapLimitBytes : 0
  const drops = figures.udpReceiveDropsPerSecond ?? 0
  const loop = (whose: string) => `delay of the event loop of ${whose}`
  const busy = (shard: number) => `time that shard ${shard} is busy`
  return [
    measure(loop('the application'), eventLoopDelayMs.control, limits.maxControlDelayMs, milliseconds),
    ...eventLoopDelayMs.shards.map((ms, i) => measure(loop(`shard ${i}`), ms, maxEventLoopDelayMs, milliseconds)),
    ...shardUtilization.map((part, i) => measure(busy(i), part, maxShardUtilization, percent)),
    measure('CPU', figures.cpu, limits.maxCpu, percent),
    measure('memory of the process', figures.rssBytes, limits.maxRssBytes, mebibytes),
    measure('heap of a thread', heapShare, limits.maxHeapShare, percent),
    measure('datagrams that the kernel drops', drops, limits.maxReceiveDropsPerSecond, perSecond),
    measure('packets sent', figures.packetsPerSecondOut, limits.maxPacketsPerSecondOut, perSecond),
  ]
}

function measure(what: string, value: number, limit: number, unit: Measure['unit']): Measure {
  return { what, value, limit, unit }
}

function milliseconds(value: number): string {
  return `${Math.round(value)} ms`
}

function percent(part: number): string {
  return `${Math.round(100 * part)} %`
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}

function perSecond(count: number): string {
  return `${Math.round(count)} per second`
}
