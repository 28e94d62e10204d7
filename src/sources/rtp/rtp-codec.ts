/** The codecs of plain RTP by name, with what senders that say nothing else are taken to send (RFC 3551, section 6, and the codecs' own RFCs). */
import type { Codec, CodecName, PayloadCodec } from '../../rtp/types.js'
import { objectOption, refuseOption } from '../../util/options.js'

/** The codecs that plain RTP is taken in and sent out with. */
export type RtpCodecName = Exclude<CodecName, 'red'>

/** A codec with parameters of its own, where the usual ones are not what is sent. */
export interface RtpCodecOptions {
  /** Its SDP encoding name, in any case. */
  readonly name: RtpCodecName | Lowercase<RtpCodecName>
  /** The parameters of `a=fmtp`, e.g. `{ 'profile-level-id': '640c1f' }`; those that are left out are as usual. */
  readonly parameters?: Readonly<Record<string, string>>
}

interface KnownCodec {
  readonly codec: Codec
  /** The static type of RFC 3551, table 4, or one of the dynamic range. */
  readonly payloadType: number
}

const VIDEO = { kind: 'video', clockRate: 90_000, channels: 1 } as const

const CODECS: Readonly<Record<RtpCodecName, KnownCodec>> = {
  VP8: { payloadType: 96, codec: { ...VIDEO, name: 'VP8', parameters: {} } },
  VP9: { payloadType: 98, codec: { ...VIDEO, name: 'VP9', parameters: { 'profile-id': '0' } } },
  H264: {
    payloadType: 102,
    // Constrained Baseline, which every browser decodes.
    codec: { ...VIDEO, name: 'H264', parameters: { 'packetization-mode': '1', 'profile-level-id': '42e01f' } },
  },
  H265: { payloadType: 104, codec: { ...VIDEO, name: 'H265', parameters: {} } },
  AV1: { payloadType: 106, codec: { ...VIDEO, name: 'AV1', parameters: {} } },
  opus: {
    payloadType: 111,
    codec: { kind: 'audio', name: 'opus', clockRate: 48_000, channels: 2, parameters: { 'sprop-stereo': '1' } },
  },
  PCMU: { payloadType: 0, codec: { kind: 'audio', name: 'PCMU', clockRate: 8000, channels: 1, parameters: {} } },
  PCMA: { payloadType: 8, codec: { kind: 'audio', name: 'PCMA', clockRate: 8000, channels: 1, parameters: {} } },
  // Its samples are 16,000 a second, its clock is 8000 for historical reasons (RFC 3551, section 4.5.2).
  G722: { payloadType: 9, codec: { kind: 'audio', name: 'G722', clockRate: 8000, channels: 1, parameters: {} } },
}

/** The names, in canonical spelling. */
export const RTP_CODEC_NAMES = Object.keys(CODECS) as RtpCodecName[]

/** The codec of that name in any case; undefined for none. */
export function knownCodec(name: string): KnownCodec | undefined {
  const found = RTP_CODEC_NAMES.find((known) => known.toLowerCase() === name.toLowerCase())
  return found && CODECS[found]
}

/** The codec that an option says. Throws `option-invalid`. */
export function codecOption(option: string, value: unknown): PayloadCodec {
  const wanted = `one of ${RTP_CODEC_NAMES.join(', ')}, or { name, parameters }`
  if (typeof value !== 'string') objectOption(option, value as object, wanted)
  const { name, parameters = {} } = typeof value === 'string' ? { name: value } : (value as RtpCodecOptions)
  const known = typeof name === 'string' ? knownCodec(name) : undefined
  if (known === undefined) refuseOption(option, wanted, name)
  objectOption(`${option}.parameters`, parameters, 'an object of texts')
  for (const [key, text] of Object.entries(parameters)) {
    // They are written into descriptions, where a line break would begin another line.
    if (typeof text !== 'string' || !/^[\x21-\x3a\x3c-\x7e]*$/.test(text) || !/^[A-Za-z0-9-]+$/.test(key)) {
      refuseOption(`${option}.parameters`, 'printable texts without spaces and semicolons', text)
    }
  }
  const lowerCased = Object.fromEntries(Object.entries(parameters).map(([key, text]) => [key.toLowerCase(), text]))
  const { codec, payloadType } = known
  return { payloadType, codec: { ...codec, parameters: { ...codec.parameters, ...lowerCased } }, feedback: [] }
}
