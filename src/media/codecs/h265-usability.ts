/** What an H.265 sequence parameter set says behind the picture size, as far as time and order go (ITU-T H.265, sections 7.3.2.2.1, 7.3.4, 7.3.7 and E.2.1). */
import type { BitReader } from './bit-reader.js'
import { skipPresentation } from './video-usability.js'

const MAX_REFERENCE_SETS = 64
const MAX_REFERENCES = 16
const MAX_LONG_TERM = 32

/** What it says. */
export interface H265Usability {
  /** Frames per second; undefined where it is not said. */
  readonly frameRate: number | undefined
  /** How many frames may be decoded before one that is shown before them. */
  readonly maxReorderFrames: number | undefined
}

/** Reads what follows where {@link parseH265ParameterSet} stops, which has told how many `sublayers` there are. */
export function readH265Usability(bits: BitReader, sublayers: number): H265Usability {
  // Two bit depths.
  bits.unsignedExpGolomb()
  bits.unsignedExpGolomb()
  const pictureOrderBits = bits.unsignedExpGolomb() + 4
  const maxReorderFrames = readReordering(bits, sublayers)
  if (bits.failed) return { frameRate: undefined, maxReorderFrames: undefined }
  skipTools(bits)
  skipReferenceSets(bits)
  skipLongTerm(bits, pictureOrderBits)
  // sps_temporal_mvp_enabled_flag and strong_intra_smoothing_enabled_flag.
  bits.skip(2)
  const frameRate = bits.flag() ? readFrameRate(bits) : undefined
  return { frameRate: bits.failed ? undefined : frameRate, maxReorderFrames }
}

/** Of the whole, which is the last sub-layer that is described. */
function readReordering(bits: BitReader, sublayers: number): number {
  const each = bits.flag()
  let reorder = 0
  for (let i = each ? 0 : sublayers; i <= sublayers; i++) {
    bits.unsignedExpGolomb()
    reorder = bits.unsignedExpGolomb()
    bits.unsignedExpGolomb()
  }
  return reorder
}

/** Block sizes, scaling lists, and what coding tools are used. */
function skipTools(bits: BitReader): void {
  for (let i = 0; i < 6; i++) bits.unsignedExpGolomb()
  if (bits.flag() && bits.flag()) skipScalingLists(bits)
  // amp_enabled_flag and sample_adaptive_offset_enabled_flag.
  bits.skip(2)
  if (!bits.flag()) return
  // PCM: two bit depths, two block sizes, and whether it is filtered.
  bits.skip(8)
  bits.unsignedExpGolomb()
  bits.unsignedExpGolomb()
  bits.skip(1)
}

function skipScalingLists(bits: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6 && !bits.failed; matrix += size === 3 ? 3 : 1) {
      const explicit = bits.flag()
      if (!explicit) bits.unsignedExpGolomb()
      else skipScalingList(bits, size)
    }
  }
}

function skipScalingList(bits: BitReader, size: number): void {
  if (size > 1) bits.signedExpGolomb()
  const count = Math.min(64, 16 << (2 * size))
  for (let i = 0; i < count && !bits.failed; i++) bits.signedExpGolomb()
}

function skipReferenceSets(bits: BitReader): void {
  const count = bits.unsignedExpGolomb()
  if (count > MAX_REFERENCE_SETS) bits.failed = true
  let references = 0
  for (let i = 0; i < count && !bits.failed; i++) references = readReferenceSet(bits, i > 0 && bits.flag(), references)
}

/** st_ref_pic_set(); returns how many pictures it refers to. */
function readReferenceSet(bits: BitReader, predicted: boolean, before: number): number {
  let references = 0
  if (predicted) {
    // The sign and size of the difference to the set before.
    bits.skip(1)
    bits.unsignedExpGolomb()
    for (let i = 0; i <= before && !bits.failed; i++) if (bits.flag() || bits.flag()) references++
  } else {
    references = bits.unsignedExpGolomb() + bits.unsignedExpGolomb()
    if (references > MAX_REFERENCES) bits.failed = true
    for (let i = 0; i < references && !bits.failed; i++) {
      bits.unsignedExpGolomb()
      bits.skip(1)
    }
  }
  return references
}

function skipLongTerm(bits: BitReader, pictureOrderBits: number): void {
  if (!bits.flag()) return
  const count = bits.unsignedExpGolomb()
  if (count > MAX_LONG_TERM) bits.failed = true
  else bits.skip(count * (pictureOrderBits + 1))
}

/** vui_parameters(), as far as the clock: a picture takes one tick. */
function readFrameRate(bits: BitReader): number | undefined {
  skipPresentation(bits)
  // neutral_chroma_indication_flag, field_seq_flag and frame_field_info_present_flag.
  bits.skip(3)
  // default_display_window.
  if (bits.flag()) for (let i = 0; i < 4; i++) bits.unsignedExpGolomb()
  if (!bits.flag()) return undefined
  const unitsInTick = bits.bits(32)
  const timeScale = bits.bits(32)
  return unitsInTick > 0 && timeScale > 0 ? timeScale / unitsInTick : undefined
}
