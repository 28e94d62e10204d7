/** H.264 access units in Annex B format (RFC 6184, sections 5.6 to 5.8). The interleaved mode's own packets are not understood, except STAP-B. */
import type { Codec } from '../../rtp/types.js'
import { H264Units } from '../codecs/h264-units.js'
import { AccessUnit } from './access-unit.js'
import { type ParameterSetRules, ParameterSets } from './parameter-sets.js'
import type { Depacketizer } from './types.js'

const LAST_SLICE = 5
const IDR_SLICE = 5
const LAST_UNIT = 23
const STAP_A = 24
const STAP_B = 25
const FU_A = 28
const FU_HEAD_LENGTH = 2

/** The parameter sets of H.264. */
export const H264_PARAMETER_SETS: ParameterSetRules = {
  kinds: [
    {
      type: 7,
      headerLength: 1,
      readId: (bits) => {
        // Profile, constraints and level (ITU-T H.264, section 7.3.2.1.1).
        bits.skip(24)
        return bits.unsignedExpGolomb()
      },
    },
    { type: 8, headerLength: 1, readId: (bits) => bits.unsignedExpGolomb() },
  ],
  delimiterType: 9,
}

const EMPTY = new Uint8Array(0)

// Scratch memory of the thread, where packets are handled one at a time.
const aggregate = new H264Units()

/** Remembers the parameter sets of its track. A keyframe without any counts as malformed. */
export class H264Depacketizer implements Depacketizer {
  readonly #maxFrameBytes: number
  readonly #parameterSets = new ParameterSets(H264_PARAMETER_SETS)

  /** @param codec its `sprop-parameter-sets` are used until others come. */
  constructor(codec: Codec, maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
    this.#parameterSets.learnFromSdp(codec.parameters['sprop-parameter-sets'], (unit) => (unit[0] as number) & 0x1f)
  }

  depacketize(payloads: readonly Uint8Array[]): Uint8Array | undefined {
    const frame = new AccessUnit()
    if (!payloads.every((payload) => take(payload, frame) && !frame.overflows)) return undefined
    const { units } = frame
    if (units.length === 0) return undefined
    this.#parameterSets.learn(units)
    if (!units.some(({ type }) => type >= 1 && type <= LAST_SLICE)) return EMPTY
    const isKeyframe = units.some(({ type }) => type === IDR_SLICE)
    // Nobody can decode it.
    if (isKeyframe && !this.#parameterSets.complete(units)) return undefined
    return frame.toAnnexB(this.#maxFrameBytes)
  }
}

/** Takes the units of one payload; false if it is malformed. */
function take(payload: Uint8Array, frame: AccessUnit): boolean {
  const type = (payload[0] ?? 0) & 0x1f
  if (type === FU_A) return takeFragment(payload, frame)
  if (type === STAP_A || type === STAP_B) return takeAggregate(payload, frame)
  if (!isUnit(type)) return false
  frame.add(type, payload)
  return true
}

function takeAggregate(payload: Uint8Array, frame: AccessUnit): boolean {
  aggregate.reset(payload, 0, payload.length)
  let end = 0
  while (aggregate.next()) {
    if (!isUnit(aggregate.type)) return false
    end = aggregate.end
    frame.add(aggregate.type, payload.subarray(aggregate.start - 1, end))
  }
  // One that is cut off ends the aggregate.
  return end === payload.length
}

function takeFragment(payload: Uint8Array, frame: AccessUnit): boolean {
  if (payload.length < FU_HEAD_LENGTH) return false
  const indicator = payload[0] as number
  const header = payload[1] as number
  const type = header & 0x1f
  if (!isUnit(type)) return false
  const fragment = payload.subarray(FU_HEAD_LENGTH)
  const begins = (header & 0x80) !== 0
  const ends = (header & 0x40) !== 0
  if (!begins) return frame.continue(type, fragment, ends)
  frame.begin(type, Uint8Array.of((indicator & 0xe0) | type), fragment)
  return true
}

function isUnit(type: number): boolean {
  return type >= 1 && type <= LAST_UNIT
}
