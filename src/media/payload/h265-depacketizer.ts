/** H.265 access units in Annex B format (RFC 7798, section 4.4). Streams with decoding order numbers are not understood, nor are PACI packets. */
import type { Codec } from '../../rtp/types.js'
import { skipProfiles } from '../codecs/h265-profiles.js'
import { H265Units } from '../codecs/h265-units.js'
import { AccessUnit } from './access-unit.js'
import { type ParameterSetRules, ParameterSets } from './parameter-sets.js'
import type { Depacketizer } from './types.js'

const HEADER_LENGTH = 2
const LAST_SLICE = 31
const FIRST_IRAP = 16
const LAST_IRAP = 23
const LAST_UNIT = 47
const AGGREGATION_PACKET = 48
const FRAGMENTATION_UNIT = 49
const FU_HEAD_LENGTH = 3

/** The parameter sets of H.265. */
export const H265_PARAMETER_SETS: ParameterSetRules = {
  kinds: [
    { type: 32, headerLength: HEADER_LENGTH, readId: (bits) => bits.bits(4) },
    {
      type: 33,
      headerLength: HEADER_LENGTH,
      readId: (bits) => {
        // The video parameter set's id (ITU-T H.265, section 7.3.2.2.1).
        bits.skip(4)
        const sublayers = bits.bits(3)
        bits.skip(1)
        skipProfiles(bits, sublayers)
        return bits.unsignedExpGolomb()
      },
    },
    { type: 34, headerLength: HEADER_LENGTH, readId: (bits) => bits.unsignedExpGolomb() },
  ],
  delimiterType: 35,
}

const SDP_PARAMETERS = ['sprop-vps', 'sprop-sps', 'sprop-pps']

const EMPTY = new Uint8Array(0)

// Scratch memory of the thread, where packets are handled one at a time.
const aggregate = new H265Units()

/** Remembers the parameter sets of its track. A keyframe without any counts as malformed. */
export class H265Depacketizer implements Depacketizer {
  readonly #maxFrameBytes: number
  readonly #parameterSets = new ParameterSets(H265_PARAMETER_SETS)

  /** @param codec its `sprop-vps`, `sprop-sps` and `sprop-pps` are used until others come. */
  constructor(codec: Codec, maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
    for (const name of SDP_PARAMETERS) this.#parameterSets.learnFromSdp(codec.parameters[name], typeOf)
  }

  depacketize(payloads: readonly Uint8Array[]): Uint8Array | undefined {
    const frame = new AccessUnit()
    if (!payloads.every((payload) => take(payload, frame) && !frame.overflows)) return undefined
    const { units } = frame
    if (units.length === 0) return undefined
    this.#parameterSets.learn(units)
    if (!units.some(({ type }) => type <= LAST_SLICE)) return EMPTY
    const isKeyframe = units.some(({ type }) => type >= FIRST_IRAP && type <= LAST_IRAP)
    // Nobody can decode it.
    if (isKeyframe && !this.#parameterSets.complete(units)) return undefined
    return frame.toAnnexB(this.#maxFrameBytes)
  }
}

/** Takes the units of one payload; false if it is malformed. */
function take(payload: Uint8Array, frame: AccessUnit): boolean {
  if (payload.length < HEADER_LENGTH) return false
  const type = typeOf(payload)
  if (type === FRAGMENTATION_UNIT) return takeFragment(payload, frame)
  if (type === AGGREGATION_PACKET) return takeAggregate(payload, frame)
  if (type > LAST_UNIT) return false
  frame.add(type, payload)
  return true
}

function takeAggregate(payload: Uint8Array, frame: AccessUnit): boolean {
  aggregate.reset(payload, 0, payload.length)
  let end = 0
  while (aggregate.next()) {
    if (aggregate.type > LAST_UNIT) return false
    end = aggregate.end
    frame.add(aggregate.type, payload.subarray(aggregate.start - HEADER_LENGTH, end))
  }
  // One that is cut off ends the aggregate.
  return end === payload.length
}

function takeFragment(payload: Uint8Array, frame: AccessUnit): boolean {
  if (payload.length < FU_HEAD_LENGTH) return false
  const header = payload[2] as number
  const type = header & 0x3f
  if (type > LAST_UNIT) return false
  const fragment = payload.subarray(FU_HEAD_LENGTH)
  const begins = (header & 0x80) !== 0
  const ends = (header & 0x40) !== 0
  if (!begins) return frame.continue(type, fragment, ends)
  // The header of the packet with the type of the unit.
  const first = ((payload[0] as number) & 0x81) | (type << 1)
  frame.begin(type, Uint8Array.of(first, payload[1] as number), fragment)
  return true
}

function typeOf(unit: Uint8Array): number {
  return ((unit[0] as number) >> 1) & 0x3f
}
