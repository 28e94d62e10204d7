/** An H.264 sequence parameter set (ITU-T H.264, section 7.3.2.1.1). */
import type { BitReader } from './bit-reader.js'
import { createFrameSize, type FrameSize } from './frame-size.js'

const MACROBLOCK = 16

/** The profiles whose parameter sets say their chroma format, bit depths and scaling matrices. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])

const CHROMA_420 = 1
const CHROMA_422 = 2
const CHROMA_444 = 3

/** The frames that an expected delta per picture order count cycle can be given for. */
const MAX_CYCLE = 255

/**
 * The picture size, less what is cropped, of the parameter set whose raw bytes behind the header come next; undefined if it cannot be read. What
 * comes then is its usability information (see `h264-usability.ts`).
 */
export function parseH264ParameterSet(bits: BitReader): FrameSize | undefined {
  const profile = bits.bits(8)
  // Constraint flags and level.
  bits.skip(16)
  bits.unsignedExpGolomb()
  const chroma = HIGH_PROFILES.has(profile) ? readChroma(bits) : CHROMA_420
  // log2_max_frame_num.
  bits.unsignedExpGolomb()
  skipPictureOrderCount(bits)
  // How many frames are referred to, and whether their numbers have gaps.
  bits.unsignedExpGolomb()
  bits.skip(1)
  const width = (bits.unsignedExpGolomb() + 1) * MACROBLOCK
  const mapUnits = bits.unsignedExpGolomb() + 1
  const framesOnly = bits.flag()
  // Whether frames and fields may change by macroblock.
  if (!framesOnly) bits.skip(1)
  const height = mapUnits * MACROBLOCK * (framesOnly ? 1 : 2)
  bits.skip(1)
  return readCropped(bits, width, height, chroma, framesOnly)
}

/** What is cropped is counted in samples of chroma, where there is any, and in lines of a field, where there are fields. */
function readCropped(
  bits: BitReader,
  width: number,
  height: number,
  chroma: number,
  framesOnly: boolean,
): FrameSize | undefined {
  const cropped = bits.flag()
  const unitX = chroma === CHROMA_420 || chroma === CHROMA_422 ? 2 : 1
  const unitY = (chroma === CHROMA_420 ? 2 : 1) * (framesOnly ? 1 : 2)
  const cropX = cropped ? unitX * (bits.unsignedExpGolomb() + bits.unsignedExpGolomb()) : 0
  const cropY = cropped ? unitY * (bits.unsignedExpGolomb() + bits.unsignedExpGolomb()) : 0
  return bits.failed ? undefined : createFrameSize(width - cropX, height - cropY)
}

/** chroma_format_idc, behind which bit depths and scaling matrices are passed over. */
function readChroma(bits: BitReader): number {
  const format = bits.unsignedExpGolomb()
  // Whether the colours are coded separately.
  if (format === CHROMA_444) bits.skip(1)
  bits.unsignedExpGolomb()
  bits.unsignedExpGolomb()
  // qpprime_y_zero_transform_bypass_flag.
  bits.skip(1)
  if (bits.flag()) {
    const lists = format === CHROMA_444 ? 12 : 8
    for (let i = 0; i < lists && !bits.failed; i++) if (bits.flag()) skipScalingList(bits, i < 6 ? 16 : 64)
  }
  return format
}

/** A list ends early where its next value would be 0 (ITU-T H.264, section 7.3.2.1.1.1). */
function skipScalingList(bits: BitReader, size: number): void {
  let scale = 8
  for (let i = 0; i < size && scale !== 0 && !bits.failed; i++) scale = (scale + bits.signedExpGolomb()) & 0xff
}

function skipPictureOrderCount(bits: BitReader): void {
  const type = bits.unsignedExpGolomb()
  if (type === 0) bits.unsignedExpGolomb()
  if (type !== 1) return
  bits.skip(1)
  bits.signedExpGolomb()
  bits.signedExpGolomb()
  const cycle = bits.unsignedExpGolomb()
  if (cycle > MAX_CYCLE) bits.failed = true
  for (let i = 0; i < cycle && !bits.failed; i++) bits.signedExpGolomb()
}
