/** H.264 access units as RTP payloads (RFC 6184, sections 5 and 6). */
import type { Codec } from '../../rtp/types.js'
import { annexBUnits } from './annex-b.js'
import { type NalUnitFormat, nalUnitPayloads } from './nal-unit-payloads.js'
import type { Packetizer } from './types.js'

const ACCESS_UNIT_DELIMITER = 9
const FILLER_DATA = 12
/** Types from here on are the payload format's own. */
const FIRST_PAYLOAD_TYPE = 24
const STAP_A = 24
const FU_A = 28

const FORBIDDEN_BIT = 0x80
const REFERENCE_BITS = 0x60

const format: NalUnitFormat = {
  headerLength: 1,
  // The forbidden bit of any of the units, and the highest importance (RFC 6184, section 5.7.1).
  aggregateHeader: (units) => {
    const headers = units.map(headerOf)
    const forbidden = headers.some((header) => (header & FORBIDDEN_BIT) !== 0) ? FORBIDDEN_BIT : 0
    return [forbidden | Math.max(...headers.map((header) => header & REFERENCE_BITS)) | STAP_A]
  },
  fragmentHeader: (unit) => [(headerOf(unit) & (FORBIDDEN_BIT | REFERENCE_BITS)) | FU_A, typeOf(unit)],
}

/**
 * Non-interleaved mode (packetization-mode=1): short units of a picture share a payload (STAP-A), long ones are cut up (FU-A).
 *
 * Single NAL unit mode, which is that of a codec without the parameter: every unit is a payload of its own. A picture with a unit that is too
 * long for one cannot be sent then, and is left out whole: the encoder has to be told to make shorter slices.
 *
 * Access unit delimiters and filler data are left out, as timestamp and marker say the same and nothing.
 */
export class H264Packetizer implements Packetizer {
  readonly #singleUnits: boolean

  constructor(codec: Codec) {
    this.#singleUnits = codec.parameters['packetization-mode'] !== '1'
  }

  packetize(frame: Uint8Array, _keyframe: boolean, maxPayloadBytes: number): readonly Uint8Array[] {
    const units = annexBUnits(frame).filter(isSent)
    if (!this.#singleUnits) return nalUnitPayloads(units, maxPayloadBytes, format)
    return units.every((unit) => unit.length <= maxPayloadBytes) ? units : []
  }
}

function isSent(unit: Uint8Array): boolean {
  const type = typeOf(unit)
  return type > 0 && type < FIRST_PAYLOAD_TYPE && type !== ACCESS_UNIT_DELIMITER && type !== FILLER_DATA
}

function typeOf(unit: Uint8Array): number {
  return headerOf(unit) & 0x1f
}

function headerOf(unit: Uint8Array): number {
  return unit[0] as number
}
