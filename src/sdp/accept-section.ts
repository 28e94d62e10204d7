/** What is taken of one media section, whoever offered it: codecs, feedback, header extensions. */
import { BroadcastError } from '../errors.js'
import type { HeaderExtension, MediaKind, PayloadCodec } from '../rtp/types.js'
import { type AcceptedCodecs, acceptCodecs, rtpMapOf } from './accept-codecs.js'
import { acceptExtensions } from './accept-extensions.js'
import { type ForwardedMedia, sectionMid } from './choose-sections.js'
import type { SdpDescription, SdpExtension, SdpMedia } from './description.js'
import type { NegotiationRole } from './negotiation-role.js'
import type { SdpCapabilities } from './types.js'

/** A section that will have media. */
export interface AcceptedSection {
  readonly media: SdpMedia
  readonly mid: string
  readonly kind: MediaKind
  readonly accepted: AcceptedCodecs
  readonly codecs: readonly PayloadCodec[]
  /** As offered, with directions. */
  readonly offeredExtensions: readonly SdpExtension[]
  readonly extensions: readonly HeaderExtension[]
}

/** RTP over DTLS-SRTP; the short names are what JSEP (RFC 8829, section 5.1.2) wants to be taken for the long ones. */
const PROTOCOLS = /^(?:(?:UDP\/TLS|TCP\/TLS|TCP\/DTLS)\/)?RTP\/SAVPF?$/

/**
 * Takes what can be used of `media`.
 *
 * @param idsInUse header extension ids of the transport so far.
 * @throws BroadcastError `sdp-unsupported` without DTLS-SRTP or rtcp-mux, `codec-unsupported` if no codec can be forwarded; a whole
 * offer is refused rather than half of it answered (RFC 9725, section 4.4.3). `details.mid` names the section.
 */
export function acceptSection(
  media: ForwardedMedia,
  offer: SdpDescription,
  role: NegotiationRole,
  capabilities: SdpCapabilities,
  idsInUse: Map<number, string>,
): AcceptedSection {
  const kind = media.type
  const mid = sectionMid(media, offer)
  const fail = (why: string) =>
    new BroadcastError('sdp-unsupported', `media section ${mid}: ${why}`, { details: { mid, line: media.line } })
  if (!PROTOCOLS.test(media.protocol)) throw fail('the protocol is not RTP over DTLS-SRTP')
  // What stands for the transport may stand in the tagged section alone (RFC 8843, section 9.3.1.1).
  if (!media.rtcpMux && !media.bundleOnly) throw fail('a=rtcp-mux is required')
  const isPublisher = role === 'publisher'
  const feedback = isPublisher ? capabilities.publisherFeedback : capabilities.viewerFeedback
  const accepted = acceptCodecs(media, kind, feedback, capabilities.rtx)
  if (accepted.codecs.length === 0) throw noCodec(media, mid)
  const uris = isPublisher ? capabilities.publisherExtensions : capabilities.viewerExtensions
  const offeredExtensions = acceptExtensions(media, offer, role, uris, idsInUse)
  const extensions = offeredExtensions.map(({ id, uri }) => ({ id, uri }))
  return { media, mid, kind, accepted, codecs: accepted.codecs, offeredExtensions, extensions }
}

function noCodec(media: SdpMedia, mid: string): BroadcastError {
  const names = media.payloadTypes.map((payloadType) => rtpMapOf(media, payloadType)?.name ?? String(payloadType))
  const offered = [...new Set(names)]
  return new BroadcastError(
    'codec-unsupported',
    `media section ${mid}: no codec that can be forwarded: ${offered.join(', ')}`,
    {
      details: { mid, line: media.line, offered },
    },
  )
}
