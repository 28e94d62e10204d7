/** The video usability information of H.264 (ITU-T H.264, sections E.1.1 and E.1.2), as far as time and order go. */
import type { BitReader } from './bit-reader.js'
import { skipPresentation } from './video-usability.js'

const MAX_SCHEDULES = 32

/** What the information says. */
export interface H264Usability {
  /** Frames per second; undefined where it is not said. */
  readonly frameRate: number | undefined
  /** How many frames may be decoded before one that is shown before them; undefined where it is not said. */
  readonly maxReorderFrames: number | undefined
}

const NOTHING_SAID: H264Usability = { frameRate: undefined, maxReorderFrames: undefined }

/** Reads what follows the picture size in a sequence parameter set, where {@link parseH264ParameterSet} stops. */
export function readH264Usability(bits: BitReader): H264Usability {
  const present = bits.flag()
  if (!present || bits.failed) return NOTHING_SAID
  skipPresentation(bits)
  const frameRate = readFrameRate(bits)
  if (bits.failed) return NOTHING_SAID
  const maxReorderFrames = readReordering(bits)
  return { frameRate, maxReorderFrames: bits.failed ? undefined : maxReorderFrames }
}

/** timing_info. A frame takes two ticks, as a field takes one. */
function readFrameRate(bits: BitReader): number | undefined {
  if (!bits.flag()) return undefined
  const unitsInTick = bits.bits(32)
  const timeScale = bits.bits(32)
  // fixed_frame_rate_flag: where it is not set, the rate is still the best there is to go by.
  bits.skip(1)
  return unitsInTick > 0 && timeScale > 0 ? timeScale / (2 * unitsInTick) : undefined
}

function readReordering(bits: BitReader): number | undefined {
  const nal = bits.flag()
  if (nal) skipDecoderParameters(bits)
  const vcl = bits.flag()
  if (vcl) skipDecoderParameters(bits)
  // low_delay_hrd_flag.
  if (nal || vcl) bits.skip(1)
  // pic_struct_present_flag.
  bits.skip(1)
  if (!bits.flag()) return undefined
  // Whether motion vectors leave the picture, two bounds of bytes and bits, and two of motion vectors.
  bits.skip(1)
  for (let i = 0; i < 4; i++) bits.unsignedExpGolomb()
  return bits.unsignedExpGolomb()
}

/** hrd_parameters(). */
function skipDecoderParameters(bits: BitReader): void {
  const count = bits.unsignedExpGolomb() + 1
  if (count > MAX_SCHEDULES) bits.failed = true
  bits.skip(8)
  for (let i = 0; i < count && !bits.failed; i++) {
    bits.unsignedExpGolomb()
    bits.unsignedExpGolomb()
    bits.skip(1)
  }
  // The lengths of three delays, and of a time offset.
  bits.skip(20)
}
