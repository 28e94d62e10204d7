/** Where an H.264 picture begins that depends on no other, from the NAL unit types in a payload (RFC 6184, sections 5.2 to 5.8). */
import { H264Units } from './h264-units.js'

const IDR_SLICE = 5
const SEQUENCE_PARAMETER_SET = 7

// Scratch memory of the thread, where packets are handled one at a time.
const units = new H264Units()

/**
 * True if the payload holds a sequence parameter set, an IDR slice, or the first fragment of one of them.
 *
 * So it is true for several packets of one keyframe (SPS, IDR, each further IDR slice): the keyframe begins at the first of them
 * that has its timestamp.
 */
export function isH264KeyframeStart(buffer: Uint8Array, start: number, end: number): boolean {
  units.reset(buffer, start, end)
  while (units.next()) if (units.type === IDR_SLICE || units.type === SEQUENCE_PARAMETER_SET) return true
  return false
}
