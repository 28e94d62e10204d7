/** What a publisher's sender report says about other times than its own (RFC 3550, section 6.4.1). */
import { timestampDelta } from '../../rtp/sequence.js'
import type { CaptureClock } from '../types.js'

/** Clocks of 100 ppm are 6 ms apart after this; what is further away from a report is not told by it. */
const MAX_DISTANCE_MS = 60_000

/** The publisher's wall clock, in Unix milliseconds, at its RTP time `timestamp`; NaN where no report tells. */
export function captureMs(
  clock: CaptureClock | undefined,
  timestamp: number,
  clockRate: number,
  nowMs: number,
): number {
  // Timestamps come round, so a report that is very old can look near.
  if (clock === undefined || nowMs - clock.arrivalMs > MAX_DISTANCE_MS) return Number.NaN
  const sinceMs = (timestampDelta(timestamp, clock.rtpTimestamp) * 1000) / clockRate
  return Math.abs(sinceMs) > MAX_DISTANCE_MS ? Number.NaN : clock.ntpUnixMs + sinceMs
}

/** The publisher's RTP time when its wall clock says `unixMs`. */
export function captureTimestamp(clock: CaptureClock, unixMs: number, clockRate: number): number {
  return (clock.rtpTimestamp + Math.round(((unixMs - clock.ntpUnixMs) * clockRate) / 1000)) >>> 0
}
