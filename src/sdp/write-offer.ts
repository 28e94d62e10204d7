/**
 * Writes offers of our own (RFC 3264, section 5; RFC 8829, section 5.2): one audio and one video section in one bundle, as a full ICE agent
 * that leaves the DTLS role to the other side. They are what WHEP and WHIP clients offer (RFC 9725, section 4.4).
 *
 * Every section repeats transport and candidates: whichever is refused, the other one is enough.
 */
import { EXTENSION_URI } from '../rtp/extension-uri.js'
import type { HeaderExtension, MediaKind } from '../rtp/types.js'
import { PAUSE_LINE } from './accept-pause.js'
import { bandwidthLines } from './bandwidth-lines.js'
import { candidateLines, FULL_ICE_AGENT_LINES } from './ice-lines.js'
import type { NegotiationRole } from './negotiation-role.js'
import { OFFERED_FORMATS } from './offered-formats.js'
import type { LocalParameters, SdpCapabilities } from './types.js'

/** A section of an offer of ours. */
export interface OfferedSection {
  readonly mid: string
  readonly kind: MediaKind
  readonly extensions: readonly HeaderExtension[]
  /** What we send, if we do: one stream, or the layers that simulcast could have, worst quality first. */
  readonly streams: readonly OfferedStream[]
  /** The names of the layers, worst quality first; empty without simulcast. */
  readonly rids: readonly string[]
}

/** The SSRCs of a stream of ours. */
export interface OfferedStream {
  readonly ssrc: number
  /** Of its retransmissions. */
  readonly rtxSsrc?: number
}

/** An offer of ours, and what its answer is read by. */
export interface WrittenOffer {
  /** SDP text, lines ended by CRLF. */
  readonly offer: string
  /** What the other side is going to be. */
  readonly role: NegotiationRole
  readonly sections: readonly OfferedSection[]
}

/** What only some sections say. */
export interface OfferedLines {
  readonly section: OfferedSection
  /** Attributes behind those of the formats. */
  readonly lines: readonly string[]
  readonly maxBitrateBps?: number | undefined
}

/** The direction of our sections, by what the other side is. */
const OFFER_DIRECTION = { publisher: 'recvonly', viewer: 'sendonly' } as const satisfies Record<NegotiationRole, string>

/** These mean something in sections of the one kind only. */
const EXTENSION_KINDS: ReadonlyMap<string, MediaKind> = new Map([
  [EXTENSION_URI.audioLevel, 'audio'],
  [EXTENSION_URI.rid, 'video'],
  [EXTENSION_URI.repairedRid, 'video'],
  [EXTENSION_URI.videoOrientation, 'video'],
  [EXTENSION_URI.playoutDelay, 'video'],
  [EXTENSION_URI.dependencyDescriptor, 'video'],
])
/** What names layers in packets (RFC 8852); without them there is nothing to tell apart. */
const LAYER_EXTENSIONS: readonly string[] = [EXTENSION_URI.rid, EXTENSION_URI.repairedRid]
/** What is repaired or paced in audio; the rest is about pictures. */
const AUDIO_FEEDBACK: readonly string[] = ['nack', 'transport-cc']

/** The extensions of a section of that kind: one id per URI in all sections, as they share a transport (RFC 8843, section 9). */
export function offeredExtensions(uris: readonly string[], kind: MediaKind, hasLayers: boolean): HeaderExtension[] {
  return [...new Set([...uris, ...LAYER_EXTENSIONS])]
    .map((uri, index) => ({ id: index + 1, uri }))
    .filter(({ uri }) => (EXTENSION_KINDS.get(uri) ?? kind) === kind && (hasLayers || !LAYER_EXTENSIONS.includes(uri)))
}

/** The names of so many layers; none for one, which needs no name. */
export function layerRids(layers: number): string[] {
  return layers > 1 ? Array.from({ length: layers }, (_, index) => String(index)) : []
}

/** RFC 8851 and RFC 8853; none without rids. */
export function simulcastLines(rids: readonly string[], direction: 'send' | 'recv'): string[] {
  if (rids.length === 0) return []
  return [...rids.map((rid) => `a=rid:${rid} ${direction}`), `a=simulcast:${direction} ${rids.join(';')}`]
}

/** The text. */
export function writeOffer(
  role: NegotiationRole,
  sections: readonly OfferedLines[],
  local: LocalParameters,
  capabilities: SdpCapabilities,
): WrittenOffer {
  const feedback = role === 'publisher' ? capabilities.publisherFeedback : capabilities.viewerFeedback
  const lines = [
    'v=0',
    `o=- ${local.sdpSessionId} 1 IN IP4 0.0.0.0`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${sections.map(({ section }) => section.mid).join(' ')}`,
    ...FULL_ICE_AGENT_LINES,
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS *',
  ]
  for (const { section, lines: own, maxBitrateBps } of sections) {
    lines.push(
      mediaLine(section.kind, capabilities.rtx),
      'c=IN IP4 0.0.0.0',
      ...bandwidthLines(maxBitrateBps),
      `a=mid:${section.mid}`,
      `a=${OFFER_DIRECTION[role]}`,
      `a=ice-ufrag:${local.iceUfrag}`,
      `a=ice-pwd:${local.icePwd}`,
      `a=fingerprint:${local.fingerprint.algorithm} ${local.fingerprint.value}`,
      'a=setup:actpass',
      'a=rtcp-mux',
      'a=rtcp-mux-only',
      'a=rtcp-rsize',
      ...section.extensions.map(({ id, uri }) => `a=extmap:${id} ${uri}`),
      ...formatLines(section.kind, feedback, capabilities.rtx),
      ...(section.kind === 'video' && capabilities.pause ? [PAUSE_LINE] : []),
      ...own,
      ...candidateLines(local.candidates),
    )
  }
  return { offer: `${lines.join('\r\n')}\r\n`, role, sections: sections.map(({ section }) => section) }
}

function mediaLine(kind: MediaKind, rtx: boolean): string {
  const types = OFFERED_FORMATS[kind].flatMap(({ payloadType, rtxPayloadType }) =>
    rtx && rtxPayloadType !== undefined ? [payloadType, rtxPayloadType] : [payloadType],
  )
  return `m=${kind} 9 UDP/TLS/RTP/SAVPF ${types.join(' ')}`
}

function formatLines(kind: MediaKind, feedback: readonly string[], rtx: boolean): string[] {
  const values = feedback.filter((value) => kind === 'video' || AUDIO_FEEDBACK.includes(value))
  return OFFERED_FORMATS[kind].flatMap(({ payloadType, rtpMap, parameters, rtxPayloadType }) => [
    `a=rtpmap:${payloadType} ${rtpMap}`,
    ...values.map((value) => `a=rtcp-fb:${payloadType} ${value}`),
    ...(parameters === '' ? [] : [`a=fmtp:${payloadType} ${parameters}`]),
    ...(rtx && rtxPayloadType !== undefined
      ? [`a=rtpmap:${rtxPayloadType} rtx/90000`, `a=fmtp:${rtxPayloadType} apt=${payloadType}`]
      : []),
  ])
}
