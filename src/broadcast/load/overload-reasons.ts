/** What is over its limit, and by how much. */
import type { LoadFigures } from './load-stats.js'
import type { OverloadConfig } from './overload-options.js'

/** One figure against its limit. */
interface Measure {
  readonly value: number
  readonly limit: number
  /** Both in words. */
  words(value: number): string
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
  for (const { value, limit, words } of measures(figures, limits)) {
    utilization = Math.max(utilization, value / limit)
    if (value > limit) reasons.push(`${words(value)}; the limit is ${words(limit)}`)
  }
  return { utilization, reasons }
}

function measures(figures: LoadFigures, limits: OverloadConfig): Measure[] {
  const { eventLoopDelayMs, shardUtilization, heapUsedBytes, heapLimitBytes } = figures
  const late = (whose: string) => (ms: number) => `the event loop of ${whose} is ${Math.round(ms)} ms late`
  return [
    { value: eventLoopDelayMs.control, limit: limits.maxControlDelayMs, words: late('the application') },
    ...eventLoopDelayMs.shards.map((value, shard) => ({
      value,
      limit: limits.maxEventLoopDelayMs,
      words: late(`shard ${shard}`),
    })),
    ...shardUtilization.map((value, shard) => ({
      value,
      limit: limits.maxShardUtilization,
      words: (part: number) => `shard ${shard} is busy for ${percent(part)} of the time`,
    })),
    { value: figures.cpu, limit: limits.maxCpu, words: (part) => `${percent(part)} of the CPU time is taken` },
    { value: figures.rssBytes, limit: limits.maxRssBytes, words: (bytes) => `the process has ${mebibytes(bytes)}` },
    {
      value: heapLimitBytes > 0 ? heapUsedBytes / heapLimitBytes : 0,
      limit: limits.maxHeapShare,
      words: (part) => `a thread has ${percent(part)} of the heap that it may have`,
    },
    {
      value: figures.udpReceiveDropsPerSecond ?? 0,
      limit: limits.maxReceiveDropsPerSecond,
      words: (count) => `the kernel drops ${Math.round(count)} datagrams per second`,
    },
    {
      value: figures.packetsPerSecondOut,
      limit: limits.maxPacketsPerSecondOut,
      words: (count) => `${Math.round(count)} packets are sent per second`,
    },
  ]
}

function percent(part: number): string {
  return `${Math.round(100 * part)} %`
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB of memory`
}
