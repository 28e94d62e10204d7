/** Where an H.265 picture begins that depends on no other, from the NAL unit types in a payload (RFC 7798, section 4.4). */
import { H265Units } from './h265-units.js'

/** BLA, IDR and CRA pictures (RFC 7798, section 1.1.4; ITU-T H.265, table 7-1). */
const FIRST_IRAP = 16
const LAST_IRAP = 21
const VIDEO_PARAMETER_SET = 32
const SEQUENCE_PARAMETER_SET = 33

// Scratch memory of the thread, where packets are handled one at a time.
const units = new H265Units()

/**
 * True if the payload holds a video or sequence parameter set, a slice of an IRAP picture, or the first fragment of one of them.
 *
 * So it is true for several packets of one keyframe (VPS, SPS, each slice): the keyframe begins at the first of them that has its
 * timestamp.
 */
export function isH265KeyframeStart(buffer: Uint8Array, start: number, end: number): boolean {
  units.reset(buffer, start, end)
  while (units.next()) if (beginsKeyframe(units.type)) return true
  return false
}

function beginsKeyframe(type: number): boolean {
  return (type >= FIRST_IRAP && type <= LAST_IRAP) || type === VIDEO_PARAMETER_SET || type === SEQUENCE_PARAMETER_SET
}
