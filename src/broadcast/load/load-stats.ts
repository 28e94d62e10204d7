/** How much a server has to do: the snapshot that users get, and the arithmetic behind it. */
import type { ShardLoad } from '../../engine/types.js'
import type { ProcessLoad } from './process-probe.js'

/** Snapshot of the load of an Sfu; plain values. Rates are those between the last two looks (`loadIntervalMs` apart). All is 0 before the first. */
export interface LoadStats {
  /** When it was measured, in milliseconds since the Unix epoch. */
  readonly atMs: number
  /** What the process takes of the CPU time that it may have: of all cores that it may run on, or of what its control group is given; 0 to 1. */
  readonly cpu: number
  /**
   * How long what is due waits for its turn, in milliseconds, in the application's thread and in each worker thread: the longest but one of the last three
   * seconds. With `workers: 0`, both are the same thread.
   */
  readonly eventLoopDelayMs: { readonly control: number; readonly shards: readonly number[] }
  /** For which part of the time the thread of each shard was busy; 0 to 1. */
  readonly shardUtilization: readonly number[]
  /** Memory of the process. */
  readonly rssBytes: number
  /** JavaScript heap of the thread that is closest to its limit, and that limit. */
  readonly heapUsedBytes: number
  readonly heapLimitBytes: number
  /** Datagrams through the media ports, per second. */
  readonly packetsPerSecondIn: number
  readonly packetsPerSecondOut: number
  /** Datagrams per second that the kernel dropped because its receive buffers were full; undefined where that cannot be seen (other systems than Linux). */
  readonly udpReceiveDropsPerSecond: number | undefined
  /** The worst of these figures as a part of its limit: from 1 on it is too much. 0 without limits. */
  readonly utilization: number
  /** Whether new viewers are refused with `overloaded`. */
  readonly overloaded: boolean
  /** How many of the best layers all viewers do without for now, see `overload.lowerLayersFirst`. */
  readonly loweredLayers: number
  /** What is over its limit, in words; empty while nothing is. */
  readonly reasons: readonly string[]
}

/** What was measured at one time. */
export interface LoadSample {
  /** Monotonic. */
  readonly atMs: number
  readonly process: ProcessLoad
  readonly shards: readonly ShardLoad[]
}

/** What follows from measuring, without a judgement. */
export type LoadFigures = Omit<LoadStats, 'atMs' | 'utilization' | 'overloaded' | 'loweredLayers' | 'reasons'>

/** What there is before anything was measured. */
export const NO_LOAD: LoadFigures = {
  cpu: 0,
  eventLoopDelayMs: { control: 0, shards: [] },
  shardUtilization: [],
  rssBytes: 0,
  heapUsedBytes: 0,
  heapLimitBytes: 0,
  packetsPerSecondIn: 0,
  packetsPerSecondOut: 0,
  udpReceiveDropsPerSecond: undefined,
}

/** What has happened between two samples. */
export function loadFigures(before: LoadSample, after: LoadSample): LoadFigures {
  const { process, shards } = after
  const seconds = (after.atMs - before.atMs) / 1000
  const perSecond = (was: number, is: number): number => (seconds > 0 ? Math.max(0, is - was) / seconds : 0)
  const earlier = (shard: ShardLoad) => before.shards.find((other) => other.shard === shard.shard)
  // A shard that was replaced counts from zero again; what is new is taken to have been there before.
  const rate = (counter: 'datagramsIn' | 'datagramsOut'): number =>
    shards.reduce((sum, shard) => sum + perSecond(earlier(shard)?.[counter] ?? shard[counter], shard[counter]), 0)
  const heap = [process.control, ...shards].reduce((worst, one) => (share(one) > share(worst) ? one : worst))
  const [drops, dropsBefore] = [process.receiveDrops, before.process.receiveDrops]
  return {
    cpu: Math.min(1, perSecond(before.process.cpuMs, process.cpuMs) / 1000 / process.cores),
    eventLoopDelayMs: {
      control: process.control.eventLoopDelayMs,
      shards: shards.map((shard) => shard.eventLoopDelayMs),
    },
    shardUtilization: shards.map((shard) => busyShare(earlier(shard), shard)),
    rssBytes: process.rssBytes,
    heapUsedBytes: heap.heapUsedBytes,
    heapLimitBytes: heap.heapLimitBytes,
    packetsPerSecondIn: rate('datagramsIn'),
    packetsPerSecondOut: rate('datagramsOut'),
    udpReceiveDropsPerSecond:
      drops === undefined || dropsBefore === undefined ? undefined : perSecond(dropsBefore, drops),
  }
}

function share({ heapUsedBytes, heapLimitBytes }: { heapUsedBytes: number; heapLimitBytes: number }): number {
  return heapLimitBytes > 0 ? heapUsedBytes / heapLimitBytes : 0
}

function busyShare(before: ShardLoad | undefined, after: ShardLoad): number {
  const active = after.activeMs - (before?.activeMs ?? 0)
  const all = active + after.idleMs - (before?.idleMs ?? 0)
  return all > 0 ? Math.min(1, Math.max(0, active / all)) : 0
}
