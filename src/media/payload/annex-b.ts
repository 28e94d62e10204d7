/** The byte stream format of H.264 and H.265 (annex B of either specification). */

/**
 * The NAL units of an access unit, which begin behind start codes of three or four bytes; without the start codes and the zeros that may follow
 * a unit. They point into `frame`. What comes before the first start code is left out, and so are empty units.
 */
export function annexBUnits(frame: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = []
  let start = -1
  for (let code = findStartCode(frame, 0); ; code = findStartCode(frame, start)) {
    if (start >= 0) {
      // Of a start code of four bytes, too, the first one is a zero behind the unit; a unit itself never ends in one.
      let end = code
      while (end > start && frame[end - 1] === 0) end--
      if (end > start) units.push(frame.subarray(start, end))
    }
    if (code === frame.length) return units
    start = code + 3
  }
}

/** Where the next 00 00 01 at or behind `from` begins; the length where there is none. */
function findStartCode(frame: Uint8Array, from: number): number {
  const { length } = frame
  for (let at = from + 2; at < length; ) {
    const byte = frame[at] as number
    if (byte > 1) at += 3
    else if (byte === 0) at++
    else if (frame[at - 1] === 0 && frame[at - 2] === 0) return at - 2
    else at += 3
  }
  return length
}
