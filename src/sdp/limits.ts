/** How large a session description may be. Real offers stay far below; without bounds one request could hold a thread for seconds. */

/** The bounds of `parseSdp`. What exceeds one is refused with `sdp-unsupported`, and `details.limit` names it. */
export const SDP_LIMITS = {
  /** Characters of the whole text. */
  textLength: 262_144,
  /** Lines of the whole text. */
  lines: 4096,
  /** Characters of one line; H.265 parameter sets in `a=fmtp` are the longest real ones. */
  lineLength: 16_384,
  /** Media sections. */
  mediaSections: 64,
  /** Formats of one `m=` line. */
  formatsPerSection: 128,
  /** `a=extmap` lines of one section. */
  extensionsPerSection: 64,
  /** Different SSRCs of one section. */
  ssrcsPerSection: 64,
  /** `a=rid` lines of one section. */
  ridsPerSection: 16,
  /** `a=fingerprint` lines of one section. */
  fingerprintsPerSection: 8,
  /** `a=group` lines. */
  groups: 64,
} as const

/** The name of one of {@link SDP_LIMITS}. */
export type SdpLimit = keyof typeof SDP_LIMITS

/** Usable candidates that are kept of one section; further ones are ignored, as a peer has no right to be checked everywhere. */
export const MAX_CANDIDATES_PER_SECTION = 32

/** The bounds of `parseSdpFragment`. What exceeds one is refused with `sdp-unsupported`, and `details.limit` names it. */
export const FRAGMENT_LIMITS = {
  /** Characters of the whole text. */
  textLength: 65_536,
  /** Lines of the whole text. */
  lines: 1024,
  /** Characters of one line. */
  lineLength: 4096,
  /** Media lines. */
  mediaSections: 64,
} as const
