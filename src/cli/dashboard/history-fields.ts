/** Which figures the dashboard keeps, and how they are made of what was read. */
import type { LoadStatsLike } from '../../signaling/admin/admin-target.js'
import type { MediaFigures } from './media-figures.js'
import type { TrafficRates } from './traffic-rate.js'

/** Of a broadcast, and of all together. */
export const BROADCAST_FIELDS = [
  'inBps',
  'outBps',
  'packetsIn',
  'packetsOut',
  'publishers',
  'viewers',
  /** Sessions that were connected since the sample before. */
  'joins',
  'lossIn',
  'lossOut',
  'lossOut95',
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
  'rssBytes',
  'udpDropsPerSecond',
  'utilization',
] as const

/** The name of a figure of a broadcast. */
export type BroadcastField = (typeof BROADCAST_FIELDS)[number]
/** The name of a figure of the whole. */
export type ServerField = (typeof SERVER_FIELDS)[number]
/** A sample; what is not known is left out. */
export type Figures<Field extends string> = { readonly [field in Field]?: number | undefined }

/** Sessions of a broadcast, or of all. */
export interface SessionCounts {
  readonly publishers: number
  readonly viewers: number
  readonly joins: number
}

/** The sample of a broadcast, or of all together. */
export function broadcastSample(
  counts: SessionCounts,
  rates: TrafficRates | undefined,
  media: MediaFigures | undefined,
): Figures<BroadcastField> {
  const { layers, ...quality } = media ?? {}
  return {
    ...counts,
    ...rates,
    ...quality,
    layersBest: layers?.best,
    layersMiddle: layers?.middle,
    layersLowest: layers?.lowest,
    layersNone: layers?.none,
  }
}

/** What the process adds to that. */
export function loadSample(load: LoadStatsLike | undefined): Figures<ServerField> {
  if (load === undefined) return {}
  const { cpu, eventLoopDelayMs, rssBytes, udpReceiveDropsPerSecond, utilization } = load
  return {
    cpu,
    loopDelayMs: eventLoopDelayMs.control,
    // Without threads for the media there is nobody but the application's.
    shardLoopDelayMs: eventLoopDelayMs.shards.reduce((worst, delay) => Math.max(worst, delay), Number.NaN),
    rssBytes,
    udpDropsPerSecond: udpReceiveDropsPerSecond,
    utilization,
  }
}
