/** Where an H.265 picture begins that depends on no other, from the NAL unit types in a payload (RFC 7798, section 4.4). */
import { readUint16 } from '../../rtp/bytes.js'

/** BLA, IDR and CRA pictures (RFC 7798, section 1.1.4; ITU-T H.265, table 7-1). */
const FIRST_IRAP = 16
const LAST_IRAP = 21
const VIDEO_PARAMETER_SET = 32
const SEQUENCE_PARAMETER_SET = 33
const AGGREGATION_PACKET = 48
const FRAGMENTATION_UNIT = 49
const NAL_HEADER_LENGTH = 2

/**
 * True if the payload holds a video or sequence parameter set, a slice of an IRAP picture, or the first fragment of one of them.
 *
 * So it is true for several packets of one keyframe (VPS, SPS, each slice): the keyframe begins at the first of them that has its
 * timestamp. Streams with decoding order numbers (sprop-max-don-diff above 0) are not understood; WebRTC has none.
 */
export function isH265KeyframeStart(buffer: Uint8Array, start: number, end: number): boolean {
  if (start + NAL_HEADER_LENGTH > end) return false
  const type = nalType(buffer[start] as number)
  if (type === AGGREGATION_PACKET) return aggregateHoldsKeyframe(buffer, start + NAL_HEADER_LENGTH, end)
  if (type !== FRAGMENTATION_UNIT) return beginsKeyframe(type)
  if (start + NAL_HEADER_LENGTH >= end) return false
  // The FU header: S, E and the type of the unit that is cut up.
  const header = buffer[start + NAL_HEADER_LENGTH] as number
  return (header & 0x80) !== 0 && beginsKeyframe(header & 0x3f)
}

function nalType(firstByte: number): number {
  return (firstByte >> 1) & 0x3f
}

function beginsKeyframe(type: number): boolean {
  return (type >= FIRST_IRAP && type <= LAST_IRAP) || type === VIDEO_PARAMETER_SET || type === SEQUENCE_PARAMETER_SET
}

/** Whether a unit in a list of size and NAL unit is one; a unit that is cut off ends the list. */
function aggregateHoldsKeyframe(buffer: Uint8Array, from: number, end: number): boolean {
  let at = from
  while (at + 2 < end) {
    const size = readUint16(buffer, at)
    at += 2
    if (size < NAL_HEADER_LENGTH || at + size > end) return false
    if (beginsKeyframe(nalType(buffer[at] as number))) return true
    at += size
  }
  return false
}
