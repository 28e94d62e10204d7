/**
 * Keyframe requests that cross with a keyframe: the viewer sent them before it can have known what became of that one, so they say nothing about it.
 * Many players ask as soon as anything comes, or for what is on its way already.
 *
 * Who does miss something asks again, as RTCP is not reliable anyway (RFC 4585, section 3.5); browsers do after 200 ms.
 */
import type { ViewerReports } from './viewer-reports.js'

/** Taken for the round trip before there are reports. */
const DEFAULT_RTT_MS = 100

/** A keyframe comes in whole, its losses are repaired, and it is found not to be decodable within this time. Browsers wait as long before they ask. */
const RECEPTION_MS = 200

/** However long the round trip is said to be. */
const LONGEST_MS = 1000

/**
 * True for a request that cannot be about the stream's newest keyframe.
 *
 * @param sinceKeyframeMs the time since that began to be sent.
 * @param reports the viewer's about the stream.
 * @param rttMs the round trip by its reports about other streams, where it is known.
 */
export function isEarlyRequest(
  sinceKeyframeMs: number,
  reports: Pick<ViewerReports, 'count' | 'rttMs'>,
  rttMs: number | undefined,
): boolean {
  return sinceKeyframeMs < Math.min(LONGEST_MS, roundTripMs(reports, rttMs) + RECEPTION_MS)
}

function roundTripMs(reports: Pick<ViewerReports, 'count' | 'rttMs'>, rttMs: number | undefined): number {
  if (reports.rttMs !== undefined) return reports.rttMs
  // It reports, but has not got the sender report yet that follows a stream's beginning: the round trip is not over.
  return reports.count > 0 ? LONGEST_MS : (rttMs ?? DEFAULT_RTT_MS)
}
