/** H.265 access units as RTP payloads (RFC 7798, section 4.4), without decoding order numbers, as sprop-max-don-diff is 0 in WebRTC. */
import { annexBUnits } from './annex-b.js'
import { type NalUnitFormat, nalUnitPayloads } from './nal-unit-payloads.js'
import type { Packetizer } from './types.js'

const HEADER_LENGTH = 2
const ACCESS_UNIT_DELIMITER = 35
const FILLER_DATA = 38
/** Types from here on are the payload format's own. */
const FIRST_PAYLOAD_TYPE = 48
const AGGREGATION_PACKET = 48
const FRAGMENTATION_UNIT = 49

const FORBIDDEN_BIT = 0x80

const format: NalUnitFormat = {
  headerLength: HEADER_LENGTH,
  // The forbidden bit of any of the units, and their lowest layers (RFC 7798, section 4.4.2).
  aggregateHeader: (units) => {
    const forbidden = units.some((unit) => (byteOf(unit, 0) & FORBIDDEN_BIT) !== 0) ? FORBIDDEN_BIT : 0
    const layerId = Math.min(...units.map((unit) => ((byteOf(unit, 0) & 0x01) << 5) | (byteOf(unit, 1) >> 3)))
    const temporalId = Math.min(...units.map((unit) => byteOf(unit, 1) & 0x07))
    return [forbidden | (AGGREGATION_PACKET << 1) | (layerId >> 5), ((layerId & 0x1f) << 3) | temporalId]
  },
  // The unit's own header with another type.
  fragmentHeader: (unit) => [(byteOf(unit, 0) & 0x81) | (FRAGMENTATION_UNIT << 1), byteOf(unit, 1), typeOf(unit)],
}

/**
 * Short units of a picture share a payload (AP), long ones are cut up (FU). Access unit delimiters and filler data are left out, as timestamp and
 * marker say the same and nothing.
 */
export class H265Packetizer implements Packetizer {
  packetize(frame: Uint8Array, _keyframe: boolean, maxPayloadBytes: number): readonly Uint8Array[] {
    return nalUnitPayloads(annexBUnits(frame).filter(isSent), maxPayloadBytes, format)
  }
}

function isSent(unit: Uint8Array): boolean {
  if (unit.length < HEADER_LENGTH) return false
  const type = typeOf(unit)
  return type < FIRST_PAYLOAD_TYPE && type !== ACCESS_UNIT_DELIMITER && type !== FILLER_DATA
}

function typeOf(unit: Uint8Array): number {
  return (byteOf(unit, 0) >> 1) & 0x3f
}

function byteOf(unit: Uint8Array, at: number): number {
  return unit[at] as number
}
