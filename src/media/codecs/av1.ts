/** Where an AV1 coded video sequence begins (RTP Payload Format For AV1, v1.0, sections 4.4 and 4.5). */
import { Av1Obus } from './av1-obus.js'

const SEQUENCE_HEADER_OBU = 1
const TEMPORAL_DELIMITER_OBU = 2

// Scratch memory of the thread, where packets are handled one at a time.
const obus = new Av1Obus()

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
  obus.reset(buffer, start, end)
  while (obus.next()) if (obus.type !== TEMPORAL_DELIMITER_OBU) return obus.type
  return -1
}
