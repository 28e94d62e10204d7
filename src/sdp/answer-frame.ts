/**
 * An answer without what is each session's own: what follows from the offer, what is accepted of it and nothing else. Offers with the same outline
 * share one, so that most of an answer is written once for a thousand viewers.
 */
import type { AcceptedSection } from './accept-section.js'
import { bandwidthLines } from './bandwidth-lines.js'
import type { Bundle } from './bundle.js'
import type { SdpDescription, SdpMedia } from './description.js'
import { ICE_AGENT_LINES } from './ice-lines.js'
import { ANSWER_DIRECTION, type NegotiationRole } from './negotiation-role.js'
import { formatLines } from './payload-lines.js'
import type { TransportSection } from './types.js'

/** What a frame is made of. */
export interface AnswerContent {
  readonly offer: SdpDescription
  readonly role: NegotiationRole
  readonly bundle: Bundle
  /** The accepted sections. */
  readonly sections: readonly AcceptedContent[]
}

/** An accepted section. */
export interface AcceptedContent {
  readonly section: AcceptedSection
  /** What the offerer may send in the section, in bits per second. */
  readonly maxBitrateBps?: number | undefined
}

/** See the top of the file. Texts are whole lines, ended by CRLF. */
export interface AnswerFrame {
  /** The session level, behind its `o=` line. */
  readonly head: string
  /** In the offer's order. */
  readonly sections: readonly FramedSection[]
  readonly transportSection: TransportSection
}

/** A media section: between the two texts stands the transport. */
export interface FramedSection {
  readonly before: string
  readonly after: string
  /** Which of the accepted sections it is; undefined for a rejected one. */
  readonly accepted: number | undefined
  /** Whether it has the candidates. */
  readonly isTagged: boolean
}

/** Writes it. */
export function answerFrame(content: AnswerContent): AnswerFrame {
  const { offer, bundle, sections } = content
  const tagged = sections.find(({ section }) => section.media === bundle.tagged) as AcceptedContent
  return {
    head: text([
      's=-',
      't=0 0',
      ...(bundle.mids.length > 0 ? [`a=group:BUNDLE ${bundle.mids.join(' ')}`] : []),
      ...ICE_AGENT_LINES,
      ...(offer.extmapAllowMixed ? ['a=extmap-allow-mixed'] : []),
      'a=msid-semantic: WMS *',
    ]),
    sections: offer.media.map((media) => {
      const accepted = sections.findIndex(({ section }) => section.media === media)
      const entry = sections[accepted]
      return entry ? framedSection(entry, accepted, content) : rejectedSection(media)
    }),
    transportSection: { mid: bundle.tagged.mid, mediaLine: mediaLine(tagged.section), bundleMids: bundle.mids },
  }
}

function mediaLine({ media, accepted }: AcceptedSection): string {
  return `m=${media.type} 9 ${media.protocol} ${accepted.payloadTypes.join(' ')}`
}

function framedSection(entry: AcceptedContent, accepted: number, { bundle, role }: AnswerContent): FramedSection {
  const { section, maxBitrateBps } = entry
  const { media } = section
  const before = [
    mediaLine(section),
    'c=IN IP4 0.0.0.0',
    ...bandwidthLines(maxBitrateBps),
    ...midLines(media),
    `a=${ANSWER_DIRECTION[role]}`,
  ]
  const after = [
    'a=rtcp-mux',
    // RFC 8858 keeps it out of answers, RFC 9725 (section 4.4.1) wants it in every bundled section of WHIP's; no peer is known to mind.
    ...(bundle.mids.length > 0 ? ['a=rtcp-mux-only'] : []),
    ...(media.rtcpReducedSize ? ['a=rtcp-rsize'] : []),
    ...(media.extmapAllowMixed ? ['a=extmap-allow-mixed'] : []),
    ...formatLines(section, role),
  ]
  return { before: text(before), after: text(after), accepted, isTagged: media === bundle.tagged }
}

/** Refused by port 0, and so outside the bundle. */
function rejectedSection(media: SdpMedia): FramedSection {
  const before = [
    `m=${media.type} 0 ${media.protocol} ${media.formats.join(' ')}`,
    'c=IN IP4 0.0.0.0',
    ...midLines(media),
    'a=inactive',
  ]
  const after = media.rtcpMux ? ['a=rtcp-mux'] : []
  return { before: text(before), after: text(after), accepted: undefined, isTagged: false }
}

function midLines({ mid }: SdpMedia): string[] {
  return mid === undefined ? [] : [`a=mid:${mid}`]
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join('')
}
