/** The picture size in an H.264 sequence parameter set (ITU-T H.264, sections 7.3.2.1.1 and 7.4.2.1.1). */
import { BitReader } from './bit-reader.js'
import { createFrameSize, type FrameSize } from './frame-size.js'
import { H264Units } from './h264-units.js'
import { readRawBytes } from './raw-bytes.js'

const SEQUENCE_PARAMETER_SET = 7
const MACROBLOCK = 16

/** The profiles whose parameter sets say their chroma format, bit depths and scaling matrices. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])

const CHROMA_420 = 1
const CHROMA_422 = 2
const CHROMA_444 = 3

/** The frames that an expected delta per picture order count cycle can be given for. */
const MAX_CYCLE = 255

// Scratch memory of the thread, where packets are handled one at a time.
const units = new H264Units()
const bits = new BitReader()

/** The size in the first sequence parameter set of the payload, less what is cropped; undefined if there is none that can be read. */
export function readH264FrameSize(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  units.reset(buffer, start, end)
  while (units.next()) {
    if (units.type !== SEQUENCE_PARAMETER_SET) continue
    return readH264ParameterSet(buffer, units.start, units.end)
  }
  return undefined
}

/** The size in the sequence parameter set whose NAL unit has `buffer[start, end)` behind its header. */
export function readH264ParameterSet(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  readRawBytes(bits, buffer, start, end)
  return readParameterSet()
}

function readParameterSet(): FrameSize | undefined {
  const profile = bits.bits(8)
  // Constraint flags and level.
  bits.skip(16)
  bits.unsignedExpGolomb()
  const chroma = HIGH_PROFILES.has(profile) ? readChroma() : CHROMA_420
  // log2_max_frame_num.
  bits.unsignedExpGolomb()
  skipPictureOrderCount()
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
  return readCropped(width, height, chroma, framesOnly)
}

/** What is cropped is counted in samples of chroma, where there is any, and in lines of a field, where there are fields. */
function readCropped(width: number, height: number, chroma: number, framesOnly: boolean): FrameSize | undefined {
  const cropped = bits.flag()
  const unitX = chroma === CHROMA_420 || chroma === CHROMA_422 ? 2 : 1
  const unitY = (chroma === CHROMA_420 ? 2 : 1) * (framesOnly ? 1 : 2)
  const cropX = cropped ? unitX * (bits.unsignedExpGolomb() + bits.unsignedExpGolomb()) : 0
  const cropY = cropped ? unitY * (bits.unsignedExpGolomb() + bits.unsignedExpGolomb()) : 0
  return bits.failed ? undefined : createFrameSize(width - cropX, height - cropY)
}

/** chroma_format_idc, behind which bit depths and scaling matrices are passed over. */
function readChroma(): number {
  const format = bits.unsignedExpGolomb()
  // Whether the colours are coded separately.
  if (format === CHROMA_444) bits.skip(1)
  bits.unsignedExpGolomb()
  bits.unsignedExpGolomb()
  // qpprime_y_zero_transform_bypass_flag.
  bits.skip(1)
  if (bits.flag()) {
    const lists = format === CHROMA_444 ? 12 : 8
    for (let i = 0; i < lists && !bits.failed; i++) if (bits.flag()) skipScalingList(i < 6 ? 16 : 64)
  }
  return format
}

/** A list ends early where its next value would be 0 (ITU-T H.264, section 7.3.2.1.1.1). */
function skipScalingList(size: number): void {
  let scale = 8
  for (let i = 0; i < size && scale !== 0 && !bits.failed; i++) scale = (scale + bits.signedExpGolomb()) & 0xff
}

function skipPictureOrderCount(): void {
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
