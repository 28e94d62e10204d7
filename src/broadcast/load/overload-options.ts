/** From which load on newcomers are refused: options, defaults, checks. */
import { totalmem } from 'node:os'
import { booleanOption, integerOption, numberOption, refuseOption } from '../../util/options.js'

/**
 * Limits of the load. A figure that exceeds its limit for `overloadedAfterMs` makes the Sfu `overloaded`: new viewers are refused, those that are
 * there stay. `Infinity` is no limit.
 */
export interface OverloadOptions {
  /** How late the event loop of a thread with media may be, see `LoadStats.eventLoopDelayMs`. Default 400. */
  readonly maxEventLoopDelayMs?: number
  /** The same of the application's thread, which no packet waits for. Default 2000. */
  readonly maxControlDelayMs?: number
  /**
   * For which part of the time the thread of a shard may be busy. Default 1, which nothing exceeds: a crowd that joins keeps a thread busy for a while, and nobody
   * who watches is worse off for it. It counts for `LoadStats.utilization` all the same.
   */
  readonly maxShardUtilization?: number
  /** What the process may take of the CPU time it can have, see `LoadStats.cpu`. Default 0.97. */
  readonly maxCpu?: number
  /** Memory of the process. Default nine tenths of what its control group, or else the machine, has. */
  readonly maxRssBytes?: number
  /** What a thread's JavaScript heap may take of the limit that V8 has for it. Default 0.9. */
  readonly maxHeapShare?: number
  /** Datagrams that the kernel may drop for want of room in the receive buffers. Default 100. */
  readonly maxReceiveDropsPerSecond?: number
  /** Datagrams that may be sent, as measured for this machine. Default no limit. */
  readonly maxPacketsPerSecondOut?: number
  /**
   * Whether viewers do without their best layers before anybody is refused: without one, then without two, as long as it is still too much; given back in
   * the same steps. Default false.
   */
  readonly lowerLayersFirst?: boolean
  /** For how long a limit has to be exceeded. Default 3000. */
  readonly overloadedAfterMs?: number
  /** For how long all figures have to be below `recoverBelow` of their limits until it is over. Default 5000. */
  readonly recoveredAfterMs?: number
  /** Default 0.85. */
  readonly recoverBelow?: number
  /** Publishers are few, and what they bring others wait for: they are refused only if a figure is at so many times its limit. Default 2. */
  readonly refusePublishersAbove?: number
}

/** {@link OverloadOptions}, resolved. */
export type OverloadConfig = Required<OverloadOptions>

const NONE = Number.POSITIVE_INFINITY
const DAY_MS = 86_400_000

/** What holds unless told otherwise. */
export const DEFAULT_OVERLOAD: OverloadConfig = {
  maxEventLoopDelayMs: 400,
  maxControlDelayMs: 2000,
  maxShardUtilization: 1,
  maxCpu: 0.97,
  maxRssBytes: 0.9 * Math.min(totalmem(), constrainedMemory()),
  maxHeapShare: 0.9,
  maxReceiveDropsPerSecond: 100,
  maxPacketsPerSecondOut: NONE,
  lowerLayersFirst: false,
  overloadedAfterMs: 3000,
  recoveredAfterMs: 5000,
  recoverBelow: 0.85,
  refusePublishersAbove: 2,
}

/** No limit at all. */
const NO_LIMITS: OverloadConfig = {
  ...DEFAULT_OVERLOAD,
  maxEventLoopDelayMs: NONE,
  maxControlDelayMs: NONE,
  maxShardUtilization: NONE,
  maxCpu: NONE,
  maxRssBytes: NONE,
  maxHeapShare: NONE,
  maxReceiveDropsPerSecond: NONE,
}

/** What the user passed as `overload`, completed; false for no limits. Throws `option-invalid`. */
export function resolveOverload(options: OverloadOptions | false | undefined): OverloadConfig {
  const d = DEFAULT_OVERLOAD
  if (options === undefined) return d
  if (options === false) return NO_LIMITS
  if (typeof options !== 'object' || options === null) {
    refuseOption('overload', 'an object such as { maxCpu: 0.8 }, or false', options)
  }
  const number = (name: keyof OverloadOptions, min: number, max = NONE): number =>
    numberOption(`overload.${name}`, options[name], d[name] as number, min, max)
  const duration = (name: 'overloadedAfterMs' | 'recoveredAfterMs'): number =>
    integerOption(`overload.${name}`, options[name], d[name], 0, DAY_MS)
  return {
    maxEventLoopDelayMs: number('maxEventLoopDelayMs', 1),
    maxControlDelayMs: number('maxControlDelayMs', 1),
    maxShardUtilization: number('maxShardUtilization', 0.01),
    maxCpu: number('maxCpu', 0.01),
    maxRssBytes: number('maxRssBytes', 1),
    maxHeapShare: number('maxHeapShare', 0.01),
    maxReceiveDropsPerSecond: number('maxReceiveDropsPerSecond', 0.01),
    maxPacketsPerSecondOut: number('maxPacketsPerSecondOut', 1),
    lowerLayersFirst: booleanOption('overload.lowerLayersFirst', options.lowerLayersFirst, d.lowerLayersFirst),
    overloadedAfterMs: duration('overloadedAfterMs'),
    recoveredAfterMs: duration('recoveredAfterMs'),
    recoverBelow: number('recoverBelow', 0.01, 1),
    refusePublishersAbove: number('refusePublishersAbove', 1),
  }
}

/** What the control group grants; more than any machine has where it grants all. */
function constrainedMemory(): number {
  return process.constrainedMemory() || NONE
}
