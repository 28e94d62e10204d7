/** Which figures the dashboard keeps. */
import type { LoadStatsLike } from '../../signaling/admin/admin-target.js'

/** Of a broadcast, and of all together; what they are see `SessionCounts`, `TrafficRates` and `MediaFigures`. */
export const BROADCAST_FIELDS = [
  'inBps',
  'outBps',
  'packetsIn',
  'packetsOut',
  'publishers',
  'viewers',
  'joins',
  'copies',
  'lossIn',
  'lossOut',
  'rttMs',
  'rtt95Ms',
  'layersBest',
  'layersMiddle',
  'layersLowest',
  'layersNone',
] as const

/** Of the whole process. */
export const SERVER_FIELDS = [
  ...BROADCAST_FIELDS,
  'cpu',
  /** Of the application's thread, and of the worst of those that carry media. */
  'loopDelayMs',
  'shardLoopDelayMs',
  'utilization',
] as const

/** The name of a figure. */
export type HistoryField = (typeof SERVER_FIELDS)[number]
/** A sample; what is not known is left out. */
export type Figures = { readonly [field in HistoryField]?: number | undefined }

/** Sessions of a broadcast, or of all. */
export interface SessionCounts {
  readonly publishers: number
  readonly viewers: number
  /** Sessions that were connected since the sample before. */
  readonly joins: number
  /** Streams that arrive at viewers, where each gets what every publisher of its broadcast sends. */
  readonly copies: number
}

/** What the process has to bear, as figures. */
export function loadFigures(load: LoadStatsLike | undefined): Figures {
  if (load === undefined || load.atMs === 0) return {}
  const { cpu, eventLoopDelayMs, utilization } = load
  const { control, shards } = eventLoopDelayMs
  return {
    cpu,
    loopDelayMs: control,
    // Without threads for the media there is nobody but the application's.
    ...(shards.length === 0 ? {} : { shardLoopDelayMs: Math.max(...shards) }),
    utilization,
  }
}
