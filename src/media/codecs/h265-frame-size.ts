/** The picture size in an H.265 sequence parameter set (ITU-T H.265, sections 7.3.2.2.1 and 7.4.3.2.1). */
import { BitReader } from './bit-reader.js'
import { createFrameSize, type FrameSize } from './frame-size.js'
import { skipProfiles } from './h265-profiles.js'
import { H265Units } from './h265-units.js'
import { readRawBytes } from './raw-bytes.js'

const SEQUENCE_PARAMETER_SET = 33

const CHROMA_420 = 1
const CHROMA_422 = 2
const CHROMA_444 = 3

// Scratch memory of the thread, where packets are handled one at a time.
const units = new H265Units()
const bits = new BitReader()

/** The size in the first sequence parameter set of the base layer, less what is cropped; undefined if there is none that can be read. */
export function readH265FrameSize(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  units.reset(buffer, start, end)
  while (units.next()) {
    if (units.type !== SEQUENCE_PARAMETER_SET || units.layerId !== 0) continue
    return readH265ParameterSet(buffer, units.start, units.end)
  }
  return undefined
}

/** The size in the sequence parameter set whose NAL unit has `buffer[start, end)` behind its header. */
export function readH265ParameterSet(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  readRawBytes(bits, buffer, start, end)
  return readParameterSet()
}

function readParameterSet(): FrameSize | undefined {
  // The video parameter set's id.
  bits.skip(4)
  const sublayers = bits.bits(3)
  // Whether temporal layers nest.
  bits.skip(1)
  skipProfiles(bits, sublayers)
  bits.unsignedExpGolomb()
  const format = bits.unsignedExpGolomb()
  // Whether the colours are coded separately.
  if (format === CHROMA_444) bits.skip(1)
  const width = bits.unsignedExpGolomb()
  const height = bits.unsignedExpGolomb()
  const windowed = bits.flag()
  // The conformance window is counted in samples of chroma, where there is any.
  const unitX = format === CHROMA_420 || format === CHROMA_422 ? 2 : 1
  const unitY = format === CHROMA_420 ? 2 : 1
  const cropX = windowed ? unitX * (bits.unsignedExpGolomb() + bits.unsignedExpGolomb()) : 0
  const cropY = windowed ? unitY * (bits.unsignedExpGolomb() + bits.unsignedExpGolomb()) : 0
  return bits.failed ? undefined : createFrameSize(width - cropX, height - cropY)
}
