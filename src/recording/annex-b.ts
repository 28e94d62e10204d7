/** The NAL units of a frame in Annex B format (ITU-T H.264 and H.265, annex B). */

/** Where the units lie in `frame`, without their start codes; what is no start code of three or four bytes belongs to a unit. */
export function findNalUnits(frame: Uint8Array): { readonly start: number; readonly end: number }[] {
  const units: { start: number; end: number }[] = []
  let start = -1
  for (let at = 0; at + 2 < frame.length; at++) {
    if (frame[at] !== 0 || frame[at + 1] !== 0 || frame[at + 2] !== 1) continue
    if (start >= 0) units.push({ start, end: withoutZeros(frame, start, at) })
    start = at + 3
    at += 2
  }
  if (start >= 0 && start < frame.length) units.push({ start, end: frame.length })
  return units
}

/** A unit never ends with a zero byte: those belong to the next start code. */
function withoutZeros(frame: Uint8Array, start: number, end: number): number {
  let at = end
  while (at > start && frame[at - 1] === 0) at--
  return at
}
