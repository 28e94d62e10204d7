/**
 * Whether packets of one codec configuration can be decoded under another: RFC 6184, section 8.1 (H.264 profiles and packetization), RFC
 * 7798, section 7.1 (H.265), RFC 9628, section 6 (VP9) and the AV1 payload specification, section 7.2.
 */
import type { Codec, PayloadCodec } from '../../rtp/types.js'

/** H.264 profiles from their profile_idc and constraint flags (RFC 6184, table 5). */
type H264Profile =
  | 'constrained-baseline'
  | 'baseline'
  | 'main'
  | 'extended'
  | 'constrained-high'
  | 'high'
  | 'high-444-predictive'
  | 'other'

/** Whose streams a decoder of the profile takes besides its own (ITU-T H.264, annex A.2). */
const H264_DECODES: Readonly<Record<H264Profile, readonly H264Profile[]>> = {
  'constrained-baseline': [],
  baseline: ['constrained-baseline'],
  main: ['constrained-baseline'],
  extended: ['constrained-baseline', 'baseline', 'main'],
  'constrained-high': ['constrained-baseline'],
  high: ['constrained-baseline', 'main', 'constrained-high'],
  'high-444-predictive': ['constrained-baseline', 'main', 'constrained-high', 'high'],
  other: [],
}

/** Where profile-level-id is not given (RFC 6184, section 8.1): Baseline, level 1. */
const H264_DEFAULT_PROFILE = '42000a'

/**
 * True if what a source sends as `from` may be sent on as `to`.
 *
 * Levels are not compared: they bound size and rate, which only the stream itself shows, and decoders commonly do more than they say.
 */
export function codecsForwardable(from: Codec, to: Codec): boolean {
  if (from.name !== to.name || from.clockRate !== to.clockRate || from.channels !== to.channels) return false
  switch (from.name) {
    case 'H264':
      return h264Forwardable(from, to)
    case 'H265':
      return sameParameter(from, to, 'profile-id', '1') && sameParameter(from, to, 'tx-mode', 'SRST')
    case 'VP9':
      return sameParameter(from, to, 'profile-id', '0')
    case 'AV1':
      return sameParameter(from, to, 'profile', '0')
    case 'red':
      return (
        from.blocks !== undefined && to.blocks !== undefined && codecsForwardable(from.blocks.codec, to.blocks.codec)
      )
    default:
      return true
  }
}

/**
 * The first of `codecs` that says the very same as `codec`, else the first that can carry it; undefined if none can. Redundant audio can be
 * carried without its redundancy, too, where nothing else is possible.
 */
export function selectPayloadCodec(codec: Codec, codecs: readonly PayloadCodec[]): PayloadCodec | undefined {
  const possible = codecs.filter((entry) => codecsForwardable(codec, entry.codec))
  const found = possible.find((entry) => codecsForwardable(entry.codec, codec)) ?? possible[0]
  return found ?? (codec.blocks && selectPayloadCodec(codec.blocks.codec, codecs))
}

function h264Forwardable(from: Codec, to: Codec): boolean {
  // Mode 0 is a subset of mode 1; 2 is interleaved and stands alone.
  const mode = from.parameters['packetization-mode'] ?? '0'
  const allowed = to.parameters['packetization-mode'] ?? '0'
  if (mode !== allowed && !(mode === '0' && allowed === '1')) return false
  const sent = h264Profile(from)
  const decoded = h264Profile(to)
  if (sent === 'other' || decoded === 'other') return sameH264ProfileBytes(from, to)
  return sent === decoded || H264_DECODES[decoded].includes(sent)
}

function h264Profile(codec: Codec): H264Profile {
  const bytes = profileLevelId(codec)
  const idc = Number.parseInt(bytes.slice(0, 2), 16)
  const constraints = Number.parseInt(bytes.slice(2, 4), 16)
  const set0 = (constraints & 0x80) !== 0
  const set1 = (constraints & 0x40) !== 0
  if (idc === 0x42) return set1 ? 'constrained-baseline' : 'baseline'
  if (idc === 0x4d) return set0 ? 'constrained-baseline' : 'main'
  if (idc === 0x58) return set1 ? (set0 ? 'constrained-baseline' : 'main') : set0 ? 'baseline' : 'extended'
  if (idc === 0x64) return (constraints & 0x0c) === 0x0c ? 'constrained-high' : 'high'
  // With constraint_set3_flag it is the intra profile.
  if (idc === 0xf4 && (constraints & 0x10) === 0) return 'high-444-predictive'
  return 'other'
}

function sameH264ProfileBytes(from: Codec, to: Codec): boolean {
  return profileLevelId(from).slice(0, 4) === profileLevelId(to).slice(0, 4)
}

function profileLevelId(codec: Codec): string {
  return (codec.parameters['profile-level-id'] ?? H264_DEFAULT_PROFILE).toLowerCase()
}

function sameParameter(from: Codec, to: Codec, name: string, fallback: string): boolean {
  return (from.parameters[name] ?? fallback) === (to.parameters[name] ?? fallback)
}
