/**
 * Which payload types of a section are taken: all that can be forwarded, in the offer's order (RFC 3264, section 6.1; RFC 8866, section 6.6;
 * RFC 4585, section 4.2). Which of a viewer's payload types fits what a publisher sends is decided per packet by the media core, as a
 * publisher may change it, or come later.
 */
import type { Codec, CodecName, MediaKind, PayloadCodec } from '../rtp/types.js'
import { readRed } from './accept-red.js'
import type { SdpMedia, SdpRtpMap } from './description.js'
import { parseFormatParameters } from './format-parameters.js'
import { decimal } from './syntax.js'

interface ForwardedCodec {
  readonly name: CodecName
  readonly kind: MediaKind
  readonly clockRate: number
  readonly channels: number
  /** Whether the parameters describe a stream that can be forwarded; always without it. */
  readonly serves?: (parameters: Codec['parameters']) => boolean
}

/** Names compare without case (RFC 8866, section 6.6). */
const FORWARDED_CODECS: ReadonlyMap<string, ForwardedCodec> = new Map(
  (
    [
      { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1 },
      { name: 'VP9', kind: 'video', clockRate: 90_000, channels: 1, serves: (p) => isNumber(p['profile-id'], 3) },
      { name: 'H264', kind: 'video', clockRate: 90_000, channels: 1, serves: isForwardableH264 },
      // Several RTP streams for one video (MRST, MRMT) would need to be forwarded as one.
      {
        name: 'H265',
        kind: 'video',
        clockRate: 90_000,
        channels: 1,
        serves: (p) => (p['tx-mode'] ?? 'SRST') === 'SRST',
      },
      { name: 'AV1', kind: 'video', clockRate: 90_000, channels: 1, serves: (p) => isNumber(p.profile, 2) },
      { name: 'opus', kind: 'audio', clockRate: 48_000, channels: 2 },
      { name: 'PCMU', kind: 'audio', clockRate: 8000, channels: 1 },
      { name: 'PCMA', kind: 'audio', clockRate: 8000, channels: 1 },
      { name: 'G722', kind: 'audio', clockRate: 8000, channels: 1 },
    ] satisfies ForwardedCodec[]
  ).map((codec) => [codec.name.toLowerCase(), codec]),
)

/** Payload types that mean something without a=rtpmap (RFC 3551, section 6). */
const STATIC_RTP_MAPS: ReadonlyMap<number, SdpRtpMap> = new Map([
  [0, { name: 'PCMU', clockRate: 8000, channels: 1 }],
  [8, { name: 'PCMA', clockRate: 8000, channels: 1 }],
  [9, { name: 'G722', clockRate: 8000, channels: 1 }],
])

/** On one port these payload types would be taken for RTCP (RFC 5761, section 4). */
const RTCP_PAYLOAD_TYPES = { first: 64, last: 95 }

/** The feedback that audio has, too; the rest is about pictures or is given once, in video. */
const AUDIO_FEEDBACK: readonly string[] = ['nack', 'transport-cc']

/** A retransmission payload type (RFC 4588, section 8.1). */
export interface AcceptedRtx {
  readonly payloadType: number
  readonly rtpMap: SdpRtpMap
  readonly parameters: Codec['parameters']
}

/** What of a section's formats is taken. */
export interface AcceptedCodecs {
  readonly codecs: readonly PayloadCodec[]
  readonly rtx: readonly AcceptedRtx[]
  /** Both together, in the offer's order. */
  readonly payloadTypes: readonly number[]
}

/** Takes what can be forwarded; possibly nothing. */
export function acceptCodecs(
  media: SdpMedia,
  kind: MediaKind,
  feedback: readonly string[],
  acceptRtx: boolean,
): AcceptedCodecs {
  const offered = media.payloadTypes.filter((type) => type < RTCP_PAYLOAD_TYPES.first || type > RTCP_PAYLOAD_TYPES.last)
  const codecs: PayloadCodec[] = []
  const rtxByCodec = acceptRtx ? readRtx(media, offered) : new Map<number, AcceptedRtx>()
  const rtx: AcceptedRtx[] = []
  const plain = new Map<number, Codec>()
  for (const payloadType of offered) {
    const codec = readCodec(media, payloadType, kind)
    if (codec) plain.set(payloadType, codec)
  }
  for (const payloadType of offered) {
    const codec = plain.get(payloadType) ?? readRed(media, payloadType, plain)
    if (!codec) continue
    // What is sent twice anyway needs no stream for its retransmissions.
    const retransmission = codec.blocks ? undefined : rtxByCodec.get(payloadType)
    const paired = retransmission?.rtpMap.clockRate === codec.clockRate ? retransmission : undefined
    if (paired) rtx.push(paired)
    codecs.push({
      payloadType,
      codec,
      ...(paired ? { rtxPayloadType: paired.payloadType } : {}),
      feedback: readFeedback(media, payloadType, kind, feedback),
    })
  }
  const taken = new Set([...codecs, ...rtx].map(({ payloadType }) => payloadType))
  return { codecs, rtx, payloadTypes: offered.filter((payloadType) => taken.has(payloadType)) }
}

/** The a=rtpmap of a payload type, written or static. */
export function rtpMapOf(media: SdpMedia, payloadType: number): SdpRtpMap | undefined {
  return media.rtpMaps.get(payloadType) ?? STATIC_RTP_MAPS.get(payloadType)
}

function readCodec(media: SdpMedia, payloadType: number, kind: MediaKind): Codec | undefined {
  const rtpMap = rtpMapOf(media, payloadType)
  const known = rtpMap && FORWARDED_CODECS.get(rtpMap.name.toLowerCase())
  if (!known || known.kind !== kind || known.clockRate !== rtpMap.clockRate || known.channels !== rtpMap.channels) {
    return undefined
  }
  const parameters = parametersOf(media, payloadType)
  if (known.serves?.(parameters) === false) return undefined
  return { name: known.name, kind, clockRate: known.clockRate, channels: known.channels, parameters }
}

/** Retransmissions by the payload type that they repeat. */
function readRtx(media: SdpMedia, offered: readonly number[]): Map<number, AcceptedRtx> {
  const found = new Map<number, AcceptedRtx>()
  for (const payloadType of offered) {
    const rtpMap = rtpMapOf(media, payloadType)
    if (rtpMap?.name.toLowerCase() !== 'rtx') continue
    const parameters = parametersOf(media, payloadType)
    const repeated = decimal(parameters.apt, 0, 127)
    if (repeated >= 0 && !found.has(repeated)) found.set(repeated, { payloadType, rtpMap, parameters })
  }
  return found
}

function readFeedback(media: SdpMedia, payloadType: number, kind: MediaKind, accepted: readonly string[]): string[] {
  // RTP/SAVP is the profile without feedback.
  if (!media.protocol.endsWith('F')) return []
  const values = media.feedback
    .filter((entry) => entry.payloadType === payloadType || entry.payloadType === -1)
    .map(({ value }) => value)
    .filter((value) => accepted.includes(value) && (kind === 'video' || AUDIO_FEEDBACK.includes(value)))
  return [...new Set(values)]
}

function parametersOf(media: SdpMedia, payloadType: number): Codec['parameters'] {
  return parseFormatParameters(media.formatParameters.get(payloadType) ?? '')
}

/** RFC 6184, section 8.1: mode 2 interleaves NAL units, which no WebRTC endpoint sends. */
function isForwardableH264(parameters: Codec['parameters']): boolean {
  const profileLevelId = parameters['profile-level-id']
  return (
    isNumber(parameters['packetization-mode'], 1) &&
    (profileLevelId === undefined || /^[0-9a-f]{6}$/i.test(profileLevelId))
  )
}

/** True for a number up to `max`, and for nothing, which is 0. */
function isNumber(text: string | undefined, max: number): boolean {
  return text === undefined || decimal(text, 0, max) >= 0
}
