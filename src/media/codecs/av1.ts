/** Where an AV1 coded video sequence begins (RTP Payload Format For AV1, v1.0, sections 4.4 and 4.5). */

const SEQUENCE_HEADER_OBU = 1
const TEMPORAL_DELIMITER_OBU = 2
/** A leb128 number has at most 8 bytes (AV1 specification, section 4.10.5). */
const MAX_LEB128_LENGTH = 8

/**
 * True if the payload begins a coded video sequence: the aggregation header has N without Z, or its first OBU, temporal delimiters
 * aside, is a sequence header.
 *
 * The second is for packetizers that leave N clear. True for one packet of a keyframe.
 */
export function isAv1KeyframeStart(buffer: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return false
  const header = buffer[start] as number
  const continuesFragment = (header & 0x80) !== 0
  if (continuesFragment) return false
  const startsSequence = (header & 0x08) !== 0
  return (startsSequence && start + 1 < end) || firstObuType(buffer, start, end) === SEQUENCE_HEADER_OBU
}

/** The type of the first OBU that is no temporal delimiter; -1 if there is none that can be read. */
function firstObuType(buffer: Uint8Array, start: number, end: number): number {
  // W: how many elements there are, of which the last has no length; with 0 every element has one.
  const elements = ((buffer[start] as number) >> 4) & 0x03
  let at = start + 1
  for (let i = 1; at < end; i++) {
    let size = end - at
    if (elements === 0 || i < elements) {
      size = readLeb128(buffer, at, end)
      if (size < 0) return -1
      while (((buffer[at++] as number) & 0x80) !== 0);
    }
    if (at + size > end) return -1
    if (size > 0) {
      const type = ((buffer[at] as number) >> 3) & 0x0f
      if (type !== TEMPORAL_DELIMITER_OBU) return type
    }
    at += size
  }
  return -1
}

/** The little-endian base 128 number at `at`; -1 if it is cut off or too long. */
function readLeb128(buffer: Uint8Array, at: number, end: number): number {
  let value = 0
  for (let i = 0; i < MAX_LEB128_LENGTH && at + i < end; i++) {
    const byte = buffer[at + i] as number
    value += (byte & 0x7f) * 2 ** (7 * i)
    if ((byte & 0x80) === 0) return value
  }
  return -1
}
