/** An H.265 sequence parameter set (ITU-T H.265, sections 7.3.2.2.1 and 7.3.3). */
import type { BitReader } from './bit-reader.js'
import { createFrameSize, type FrameSize } from './frame-size.js'
import { skipProfiles } from './h265-profiles.js'

const CHROMA_420 = 1
const CHROMA_422 = 2
const CHROMA_444 = 3

/** As much of it as comes first. */
export interface H265ParameterSet {
  /** Less what is cropped; undefined if it cannot be read. */
  readonly size: FrameSize | undefined
  /** Temporal sub-layers below the whole. */
  readonly sublayers: number
}

/**
 * Reads the parameter set whose raw bytes behind the header come next, as far as the picture size. See `h265-usability.ts` for the rest.
 */
export function parseH265ParameterSet(bits: BitReader): H265ParameterSet {
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
  const size = bits.failed ? undefined : createFrameSize(width - cropX, height - cropY)
  return { size, sublayers }
}
