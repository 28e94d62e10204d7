/** The picture size in an AV1 sequence header (AV1 specification, section 5.5). */
import { Av1Obus } from './av1-obus.js'
import { BitReader } from './bit-reader.js'
import { createFrameSize, type FrameSize } from './frame-size.js'

const SEQUENCE_HEADER_OBU = 1
/** Levels above it say which tier they mean. */
const LAST_LEVEL_WITHOUT_TIER = 7

// Scratch memory of the thread, where packets are handled one at a time.
const obus = new Av1Obus()
const bits = new BitReader()

/**
 * The size in the payload's sequence header, which is that of the largest frames of the sequence; undefined if there is none that can
 * be read.
 */
export function readAv1FrameSize(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  const continuesFragment = start < end && ((buffer[start] as number) & 0x80) !== 0
  if (continuesFragment) return undefined
  obus.reset(buffer, start, end)
  while (obus.next()) {
    if (obus.type !== SEQUENCE_HEADER_OBU) continue
    return readAv1SequenceSize(buffer, obus.start, obus.end)
  }
  return undefined
}

/** The size in the sequence header whose OBU has the data `buffer[start, end)`; undefined where it cannot be read. */
export function readAv1SequenceSize(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  bits.reset(buffer, start, end)
  // seq_profile and still_picture.
  bits.skip(4)
  const reduced = bits.flag()
  if (reduced) bits.skip(5)
  else skipOperatingPoints()
  const widthBits = bits.bits(4) + 1
  const heightBits = bits.bits(4) + 1
  const width = bits.bits(widthBits) + 1
  const height = bits.bits(heightBits) + 1
  return bits.failed ? undefined : createFrameSize(width, height)
}

function skipOperatingPoints(): void {
  const delayBits = bits.flag() ? readTiming() : 0
  const hasDisplayDelay = bits.flag()
  const count = bits.bits(5) + 1
  for (let i = 0; i < count && !bits.failed; i++) {
    // operating_point_idc.
    bits.skip(12)
    // seq_tier.
    if (bits.bits(5) > LAST_LEVEL_WITHOUT_TIER) bits.skip(1)
    // The two delays of the decoder model, and low_delay_mode_flag.
    if (delayBits > 0 && bits.flag()) bits.skip(2 * delayBits + 1)
    if (hasDisplayDelay && bits.flag()) bits.skip(4)
  }
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
