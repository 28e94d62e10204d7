/** Where an H.264 picture begins that depends on no other, from the NAL unit types in a payload (RFC 6184, sections 5.2 to 5.8). */
import { readUint16 } from '../../rtp/bytes.js'

const IDR_SLICE = 5
const SEQUENCE_PARAMETER_SET = 7
const STAP_A = 24
const STAP_B = 25
const MTAP16 = 26
const MTAP24 = 27
const FU_A = 28
const FU_B = 29

/**
 * True if the payload holds a sequence parameter set, an IDR slice, or the first fragment of one of them.
 *
 * So it is true for several packets of one keyframe (SPS, IDR, each further IDR slice): the keyframe begins at the first of them
 * that has its timestamp.
 */
export function isH264KeyframeStart(buffer: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return false
  const type = (buffer[start] as number) & 0x1f
  switch (type) {
    case STAP_A:
      return aggregateHoldsKeyframe(buffer, start + 1, end, 0)
    case STAP_B:
      return aggregateHoldsKeyframe(buffer, start + 3, end, 0)
    // Each unit of these has an order difference of one byte and a time offset of two or three.
    case MTAP16:
      return aggregateHoldsKeyframe(buffer, start + 3, end, 3)
    case MTAP24:
      return aggregateHoldsKeyframe(buffer, start + 3, end, 4)
    case FU_A:
    case FU_B:
      return start + 2 <= end && fragmentBeginsKeyframe(buffer[start + 1] as number)
    default:
      return beginsKeyframe(type)
  }
}

function beginsKeyframe(type: number): boolean {
  return type === IDR_SLICE || type === SEQUENCE_PARAMETER_SET
}

/** The FU header: S, E, R and the type of the unit that is cut up. */
function fragmentBeginsKeyframe(header: number): boolean {
  return (header & 0x80) !== 0 && beginsKeyframe(header & 0x1f)
}

/** Whether a unit in a list of size, `skip` bytes and NAL unit is one; a unit that is cut off ends the list. */
function aggregateHoldsKeyframe(buffer: Uint8Array, from: number, end: number, skip: number): boolean {
  let at = from
  while (at + 2 + skip < end) {
    const size = readUint16(buffer, at)
    // In the MTAPs the size counts the NAL unit alone.
    at += 2 + skip
    if (size === 0 || at + size > end) return false
    if (beginsKeyframe((buffer[at] as number) & 0x1f)) return true
    at += size
  }
  return false
}
