/** Arithmetic on snapshots of traffic. */
import type { TrafficTotals } from './types.js'

/** The sum of two snapshots. */
export function sumTotals(a: TrafficTotals, b: TrafficTotals): TrafficTotals {
  return {
    rtpPacketsIn: a.rtpPacketsIn + b.rtpPacketsIn,
    rtpBytesIn: a.rtpBytesIn + b.rtpBytesIn,
    rtpPacketsOut: a.rtpPacketsOut + b.rtpPacketsOut,
    rtpBytesOut: a.rtpBytesOut + b.rtpBytesOut,
  }
}

/** No traffic. */
export const NO_TRAFFIC: TrafficTotals = { rtpPacketsIn: 0, rtpBytesIn: 0, rtpPacketsOut: 0, rtpBytesOut: 0 }
