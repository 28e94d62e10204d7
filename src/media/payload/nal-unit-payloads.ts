/** What the payloads of H.264 (RFC 6184, section 5) and H.265 (RFC 7798, section 4.4) have in common. */
import { writeUint16 } from '../../rtp/bytes.js'
import { cutEvenly } from './cut-evenly.js'

/** S and E of a fragmentation unit's header. */
const FIRST_FRAGMENT = 0x80
const LAST_FRAGMENT = 0x40

/** The size in front of each unit of an aggregate has 16 bits, as that of a datagram. */
const SIZE_LENGTH = 2
const MAX_SIZE = 0xffff

/** Where they differ. */
export interface NalUnitFormat {
  /** How long the header of a NAL unit is, that of an aggregate included. */
  readonly headerLength: number
  /** The header of an aggregate of these units. */
  aggregateHeader(units: readonly Uint8Array[]): readonly number[]
  /** What comes in front of each fragment of that unit: a header, and the fragmentation unit's header, still without S and E. */
  fragmentHeader(unit: Uint8Array): readonly number[]
}

/**
 * Units in order: in aggregates where several are short enough, alone, or cut up. Empty where one cannot be sent, as then the picture cannot be
 * decoded.
 */
export function nalUnitPayloads(
  units: readonly Uint8Array[],
  maxPayloadBytes: number,
  format: NalUnitFormat,
): Uint8Array[] {
  const limit = Math.min(maxPayloadBytes, MAX_SIZE)
  const payloads: Uint8Array[] = []
  let waiting: Uint8Array[] = []
  let waitingLength = format.headerLength
  const flush = (): void => {
    if (waiting.length > 0) payloads.push(aggregate(waiting, waitingLength, format))
    waiting = []
    waitingLength = format.headerLength
  }
  for (const unit of units) {
    const length = SIZE_LENGTH + unit.length
    if (waitingLength + length > limit) flush()
    if (unit.length <= limit) {
      waiting.push(unit)
      waitingLength += length
      continue
    }
    const fragments = cutUp(unit, limit, format)
    if (fragments.length === 0) return []
    for (const fragment of fragments) payloads.push(fragment)
  }
  flush()
  return payloads
}

/** The units as one payload; one unit alone is a payload as it is. */
function aggregate(units: readonly Uint8Array[], length: number, format: NalUnitFormat): Uint8Array {
  if (units.length === 1) return units[0] as Uint8Array
  const payload = new Uint8Array(length)
  payload.set(format.aggregateHeader(units))
  let at = format.headerLength
  for (const unit of units) {
    at = writeUint16(payload, at, unit.length)
    payload.set(unit, at)
    at += unit.length
  }
  return payload
}

/** A unit that is too long for one payload. Its own header goes into that of the fragments. */
function cutUp(unit: Uint8Array, maxPayloadBytes: number, format: NalUnitFormat): Uint8Array[] {
  const header = format.fragmentHeader(unit)
  const pieces = cutEvenly(unit.subarray(format.headerLength), maxPayloadBytes - header.length)
  return pieces.map((piece, i) => {
    const payload = new Uint8Array(header.length + piece.length)
    payload.set(header)
    const flags = (i === 0 ? FIRST_FRAGMENT : 0) | (i === pieces.length - 1 ? LAST_FRAGMENT : 0)
    payload[header.length - 1] = (payload[header.length - 1] as number) | flags
    payload.set(piece, header.length)
    return payload
  })
}
