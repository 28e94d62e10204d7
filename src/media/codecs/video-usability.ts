/** What the usability information of H.264 and H.265 begins with, the same in both (ITU-T H.264, section E.1.1; H.265, section E.2.1). */
import type { BitReader } from './bit-reader.js'

/** The aspect ratio is given by two numbers. */
const EXTENDED_SAR = 255

/** Skips how pictures are to be shown, up to the location of chroma samples. */
export function skipPresentation(bits: BitReader): void {
  // aspect_ratio_info and its extended form.
  if (bits.flag() && bits.bits(8) === EXTENDED_SAR) bits.skip(32)
  // overscan_info.
  if (bits.flag()) bits.skip(1)
  // video_signal_type: format, range, and colours.
  if (bits.flag()) {
    bits.skip(4)
    if (bits.flag()) bits.skip(24)
  }
  // chroma_loc_info.
  if (bits.flag()) {
    bits.unsignedExpGolomb()
    bits.unsignedExpGolomb()
  }
}
