/** The codec of a track as the application names it. */
import type { Codec, CodecName } from '../rtp/types.js'
import { refuseOption } from '../util/options.js'

/** The codecs that a track of one's own can have. */
export type LocalCodecName = Exclude<CodecName, 'red'>

/** A codec with format parameters, where the defaults do not fit. */
export interface LocalCodec {
  readonly name: LocalCodecName
  /** As in `a=fmtp` (RFC 8866, section 6.15): what viewers are matched with. Each one given replaces the default. */
  readonly parameters?: Readonly<Record<string, string>>
}

type Facts = Omit<Codec, 'name'>

const VIDEO: Omit<Facts, 'parameters'> = { kind: 'video', clockRate: 90_000, channels: 1 }

/** Constrained Baseline, as every WebRTC client takes it (RFC 7742, section 6.2). */
const H264_PARAMETERS = {
  'level-asymmetry-allowed': '1',
  'packetization-mode': '1',
  'profile-level-id': '42e01f',
}

const FACTS: Readonly<Record<LocalCodecName, Facts>> = {
  VP8: { ...VIDEO, parameters: {} },
  VP9: { ...VIDEO, parameters: { 'profile-id': '0' } },
  H264: { ...VIDEO, parameters: H264_PARAMETERS },
  H265: { ...VIDEO, parameters: {} },
  AV1: { ...VIDEO, parameters: {} },
  opus: { kind: 'audio', clockRate: 48_000, channels: 2, parameters: { minptime: '10', useinbandfec: '1' } },
  PCMU: { kind: 'audio', clockRate: 8000, channels: 1, parameters: {} },
  PCMA: { kind: 'audio', clockRate: 8000, channels: 1, parameters: {} },
  // Its clock runs at half its sampling rate, by an old mistake (RFC 3551, section 4.5.2).
  G722: { kind: 'audio', clockRate: 8000, channels: 1, parameters: {} },
}

/** The whole codec. Throws `option-invalid` for one that is not known. */
export function trackCodec(codec: LocalCodecName | LocalCodec): Codec {
  const { name, parameters = {} } = typeof codec === 'string' ? { name: codec } : codec
  const known = Object.keys(FACTS).find((each) => each.toLowerCase() === String(name).toLowerCase())
  if (known === undefined) refuseOption('codec', `one of ${Object.keys(FACTS).join(', ')}`, name)
  const facts = FACTS[known as LocalCodecName]
  return { name: known as LocalCodecName, ...facts, parameters: { ...facts.parameters, ...parameters } }
}
