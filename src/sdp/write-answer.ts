/**
 * Writes an answer (RFC 3264, section 6; RFC 8829, section 5.3).
 *
 * Every accepted section repeats ICE credentials, fingerprint and setup, though RFC 8843 wants them in the tagged one only: browsers
 * write them everywhere, and GStreamer refuses an answer without. Rejected sections have them too, where they mean nothing, as aiortc
 * refuses an answer without. Candidates stand in the tagged section alone.
 */
import type { AcceptedSection } from './accept-section.js'
import { bandwidthLines } from './bandwidth-lines.js'
import type { Bundle } from './bundle.js'
import type { SdpDescription, SdpMedia } from './description.js'
import { candidateLines, ICE_AGENT_LINES } from './ice-lines.js'
import { ANSWER_DIRECTION, type NegotiationRole } from './negotiation-role.js'
import type { LocalParameters, Negotiation, TransportSection } from './types.js'

/** Everything that an answer says. */
export interface AnswerContent {
  readonly offer: SdpDescription
  readonly role: NegotiationRole
  readonly local: LocalParameters
  readonly dtlsRole: Negotiation<unknown>['dtlsRole']
  readonly bundle: Bundle
  /** The accepted sections. */
  readonly sections: readonly AnswerSection[]
}

/** An accepted section of an answer. */
export interface AnswerSection {
  readonly section: AcceptedSection
  /** The `formatLines` of the section. */
  readonly formatLines: readonly string[]
  /** The attributes that only one role has. */
  readonly lines: readonly string[]
  /** What the offerer may send in the section, in bits per second. */
  readonly maxBitrateBps?: number | undefined
}

/** The text, lines ended by CRLF. */
export function writeAnswer(content: AnswerContent): string {
  const { offer, local, bundle } = content
  const accepted = new Map(content.sections.map((entry) => [entry.section.media, entry]))
  const lines = [
    'v=0',
    `o=- ${local.sdpSessionId} 1 IN IP4 0.0.0.0`,
    's=-',
    't=0 0',
    ...(bundle.mids.length > 0 ? [`a=group:BUNDLE ${bundle.mids.join(' ')}`] : []),
    ...ICE_AGENT_LINES,
    ...(offer.extmapAllowMixed ? ['a=extmap-allow-mixed'] : []),
    'a=msid-semantic: WMS *',
  ]
  for (const media of offer.media) {
    const entry = accepted.get(media)
    lines.push(...(entry ? acceptedLines(entry, content) : rejectedLines(media, content)))
  }
  return `${lines.join('\r\n')}\r\n`
}

/** The section that fragments for this answer's transport name. */
export function transportSection({ bundle, sections }: Pick<AnswerContent, 'bundle' | 'sections'>): TransportSection {
  const tagged = sections.find(({ section }) => section.media === bundle.tagged) as AnswerSection
  return { mid: bundle.tagged.mid, mediaLine: mediaLine(tagged.section), bundleMids: bundle.mids }
}

function mediaLine({ media, accepted }: AcceptedSection): string {
  return `m=${media.type} 9 ${media.protocol} ${accepted.payloadTypes.join(' ')}`
}

function acceptedLines(accepted: AnswerSection, content: AnswerContent): string[] {
  const { section, formatLines, lines, maxBitrateBps } = accepted
  const { media } = section
  const { local, bundle, role } = content
  return [
    mediaLine(section),
    'c=IN IP4 0.0.0.0',
    ...bandwidthLines(maxBitrateBps),
    ...midLines(media),
    `a=${ANSWER_DIRECTION[role]}`,
    ...transportLines(content),
    'a=rtcp-mux',
    // RFC 8858 keeps it out of answers, RFC 9725 (section 4.4.1) wants it in every bundled section of WHIP's; no peer is known to mind.
    ...(bundle.mids.length > 0 ? ['a=rtcp-mux-only'] : []),
    ...(media.rtcpReducedSize ? ['a=rtcp-rsize'] : []),
    ...(media.extmapAllowMixed ? ['a=extmap-allow-mixed'] : []),
    ...formatLines,
    ...lines,
    ...(media === bundle.tagged ? candidateLines(local.candidates) : []),
  ]
}

/** Refused by port 0, and so outside the bundle. */
function rejectedLines(media: SdpMedia, content: AnswerContent): string[] {
  return [
    `m=${media.type} 0 ${media.protocol} ${media.formats.join(' ')}`,
    'c=IN IP4 0.0.0.0',
    ...midLines(media),
    'a=inactive',
    ...transportLines(content),
    ...(media.rtcpMux ? ['a=rtcp-mux'] : []),
  ]
}

function transportLines({ local, dtlsRole }: AnswerContent): string[] {
  return [
    `a=ice-ufrag:${local.iceUfrag}`,
    `a=ice-pwd:${local.icePwd}`,
    `a=fingerprint:${local.fingerprint.algorithm} ${local.fingerprint.value}`,
    `a=setup:${dtlsRole === 'server' ? 'passive' : 'active'}`,
  ]
}

function midLines({ mid }: SdpMedia): string[] {
  return mid === undefined ? [] : [`a=mid:${mid}`]
}
