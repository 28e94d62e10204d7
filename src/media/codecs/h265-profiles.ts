/** Profiles and levels in the parameter sets of H.265, which nothing here needs to know (ITU-T H.265, section 7.3.3). */
import type { BitReader } from './bit-reader.js'

/** Profile space, tier and profile, compatibility and constraint flags; the level is another byte. */
const PROFILE_BITS = 88
const LEVEL_BITS = 8
/** The flags of sub-layers have room for so many, wherever there are any. */
const SUBLAYER_SLOTS = 8

/** Passes over profile_tier_level(), for so many sub-layers below the whole. */
export function skipProfiles(bits: BitReader, sublayers: number): void {
  bits.skip(PROFILE_BITS + LEVEL_BITS)
  if (sublayers === 0) return
  const flags = bits.bits(2 * SUBLAYER_SLOTS)
  for (let i = 0; i < sublayers; i++) {
    const present = flags >> (2 * (SUBLAYER_SLOTS - 1 - i))
    if ((present & 0x02) !== 0) bits.skip(PROFILE_BITS)
    if ((present & 0x01) !== 0) bits.skip(LEVEL_BITS)
  }
}
