/**
 * The absolute capture time extension (http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time), in its long form: when the packet's
 * first frame was captured by the capturer's own clock, and what has to be added to the sender's clock to get that one.
 */
import { writeUint32 } from './bytes.js'
import { ntpFraction, ntpSeconds } from './ntp-time.js'

/** Two numbers of 32 bits before and 32 bits behind the point: a NTP timestamp and a signed offset. */
export const ABS_CAPTURE_TIME_LENGTH = 16

/**
 * Writes the element's data at `offset`.
 *
 * @param captureUnixMs when it was captured, as milliseconds since the Unix epoch in the capturer's clock.
 * @param clockOffsetMs the capturer's clock minus the one that our sender reports go by.
 */
export function writeAbsCaptureTime(
  buffer: Uint8Array,
  offset: number,
  captureUnixMs: number,
  clockOffsetMs: number,
): void {
  let at = writeUint32(buffer, offset, ntpSeconds(captureUnixMs))
  at = writeUint32(buffer, at, ntpFraction(captureUnixMs))
  // In whole microseconds: what is less than nothing by no more than a rounding error must not become a second less.
  const offsetMs = Math.round(clockOffsetMs * 1000) / 1000
  at = writeUint32(buffer, at, Math.floor(offsetMs / 1000))
  // The fraction is counted upwards from the second below, so a NTP timestamp's serves negative offsets, too.
  writeUint32(buffer, at, ntpFraction(offsetMs))
}
