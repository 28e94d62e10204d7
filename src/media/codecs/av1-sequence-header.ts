/** What an AV1 sequence header says of the frames of its sequence (AV1 specification, sections 5.5 and 6.4.1). */
import { BitReader } from './bit-reader.js'

/** Levels above it say which tier they mean. */
const LAST_LEVEL_WITHOUT_TIER = 7
/** seq_force_screen_content_tools: each frame says it. */
const SELECT_SCREEN_CONTENT_TOOLS = 2

// Scratch memory of the thread, where packets are handled one at a time.
const bits = new BitReader()

/** As much of it as is used. */
export interface Av1SequenceHeader {
  /** seq_profile. */
  readonly profile: number
  /** seq_level_idx of the first operating point. */
  readonly level: number
  /** seq_tier of the first operating point: 0 is main, 1 is high. */
  readonly tier: number
  /** Bits per sample. */
  readonly bitDepth: number
  /** Of the largest frames of the sequence. */
  readonly width: number
  readonly height: number
}

/** The sequence header in the data of an OBU, `buffer[start, end)`; undefined if it is cut off. */
export function readAv1SequenceHeader(buffer: Uint8Array, start: number, end: number): Av1SequenceHeader | undefined {
  bits.reset(buffer, start, end)
  const profile = bits.bits(3)
  // still_picture.
  bits.skip(1)
  const reduced = bits.flag()
  const point = reduced ? { level: bits.bits(5), tier: 0 } : readOperatingPoints()
  const widthBits = bits.bits(4) + 1
  const heightBits = bits.bits(4) + 1
  const width = bits.bits(widthBits) + 1
  const height = bits.bits(heightBits) + 1
  // The size is what counts: a header that ends here has that much.
  const failed = bits.failed
  skipTools(reduced)
  const bitDepth = readBitDepth(profile)
  return failed ? undefined : { profile, ...point, bitDepth, width, height }
}

/** The level and tier of the first of them. */
function readOperatingPoints(): { level: number; tier: number } {
  const delayBits = bits.flag() ? readTiming() : 0
  const hasDisplayDelay = bits.flag()
  const count = bits.bits(5) + 1
  let first = { level: 0, tier: 0 }
  for (let i = 0; i < count && !bits.failed; i++) {
    // operating_point_idc.
    bits.skip(12)
    const level = bits.bits(5)
    const tier = level > LAST_LEVEL_WITHOUT_TIER ? bits.bits(1) : 0
    if (i === 0) first = { level, tier }
    // The two delays of the decoder model, and low_delay_mode_flag.
    if (delayBits > 0 && bits.flag()) bits.skip(2 * delayBits + 1)
    if (hasDisplayDelay && bits.flag()) bits.skip(4)
  }
  return first
}

/** timing_info() and decoder_model_info(); returns how many bits each delay has, 0 without a decoder model. */
function readTiming(): number {
  // num_units_in_display_tick and time_scale.
  bits.skip(64)
  const equalIntervals = bits.flag()
  if (equalIntervals) bits.unsignedExpGolomb()
  const hasDecoderModel = bits.flag()
  if (!hasDecoderModel) return 0
  const delayBits = bits.bits(5) + 1
  // num_units_in_decoding_tick, and the lengths of two times that are in frame headers.
  bits.skip(42)
  return delayBits
}

/** From frame_id_numbers_present_flag to enable_restoration. */
function skipTools(reduced: boolean): void {
  // delta_frame_id_length and additional_frame_id_length.
  if (!reduced && bits.flag()) bits.skip(7)
  // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter.
  bits.skip(3)
  if (!reduced) skipInterTools()
  // enable_superres, enable_cdef, enable_restoration.
  bits.skip(3)
}

function skipInterTools(): void {
  // Compound prediction with masks, warped motion, dual filters.
  bits.skip(4)
  const hasOrderHint = bits.flag()
  // enable_jnt_comp and enable_ref_frame_mvs.
  if (hasOrderHint) bits.skip(2)
  const screenContentTools = bits.flag() ? SELECT_SCREEN_CONTENT_TOOLS : bits.bits(1)
  // seq_choose_integer_mv, else seq_force_integer_mv.
  if (screenContentTools > 0 && !bits.flag()) bits.skip(1)
  if (hasOrderHint) bits.skip(3)
}

/** The beginning of color_config(). */
function readBitDepth(profile: number): number {
  const isHigh = bits.flag()
  if (profile === 2 && isHigh) return bits.flag() ? 12 : 10
  return isHigh ? 10 : 8
}
