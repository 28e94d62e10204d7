/**
 * Reads the answer to an offer of ours (RFC 3264, section 6; RFC 8829, section 5.11). It is a stranger's word: what it takes of the offer is
 * taken, what it adds is passed over, and what makes no sense is refused.
 */
import { BroadcastError } from '../errors.js'
import { EXTENSION_URI } from '../rtp/extension-uri.js'
import type { PayloadCodec } from '../rtp/types.js'
import { acceptsPause } from './accept-pause.js'
import { acceptSection } from './accept-section.js'
import { acceptReceivedSimulcast, acceptSimulcast, NO_SIMULCAST } from './accept-simulcast.js'
import { chooseBundle } from './bundle.js'
import { type ForwardedMedia, isUsable } from './choose-sections.js'
import type { SdpDescription, SdpMedia } from './description.js'
import { parseFormatParameters } from './format-parameters.js'
import { OFFERED_FORMATS } from './offered-formats.js'
import { readTransport } from './offered-transport.js'
import { parseSdp } from './parse-sdp.js'
import { primarySsrcs, rtxPairs } from './primary-ssrcs.js'
import type { AnsweredOffer, PublisherSection, SdpCapabilities, ViewerLayer, ViewerSection } from './types.js'
import type { OfferedSection, OfferedStream, WrittenOffer } from './write-offer.js'

/**
 * Reads the answer to an offer to receive. The same input always gives the same result.
 *
 * @throws BroadcastError `sdp-invalid` (`details.line`) for what is no answer to that offer, `sdp-unsupported`, `direction-mismatch` if it
 * sends nothing, or `codec-unsupported` (`details.mid`, `details.offered`).
 */
export function readPublisherAnswer(
  answer: string,
  offer: WrittenOffer,
  capabilities: SdpCapabilities,
): AnsweredOffer<PublisherSection> {
  return readAnswer(answer, offer, capabilities, ({ media, offered, ...section }) => {
    const { rids } = namesLayers(section, offered) ? acceptSimulcast(media, payloadTypes(section)) : NO_SIMULCAST
    return {
      ...section,
      ssrcs: primarySsrcs(media),
      rids: rids.filter((rid) => offered.rids.includes(rid)),
      rtxPairs: hasRtx(section) ? rtxPairs(media) : [],
    }
  })
}

/** Reads the answer to an offer to send. Throws as {@link readPublisherAnswer} does; `direction-mismatch` if it takes nothing. */
export function readViewerAnswer(
  answer: string,
  offer: WrittenOffer,
  capabilities: SdpCapabilities,
): AnsweredOffer<ViewerSection> {
  return readAnswer(answer, offer, capabilities, ({ media, offered, ...section }) => {
    const limit = offered.rids.length
    const pauses = section.pause === true
    const { rids, paused } = namesLayers(section, offered)
      ? acceptReceivedSimulcast(media, payloadTypes(section), limit, pauses)
      : NO_SIMULCAST
    const streams = offered.streams.map(({ ssrc, rtxSsrc }) => {
      return { ssrc, ...(hasRtx(section) && rtxSsrc !== undefined ? { rtxSsrc } : {}) }
    })
    const layers = offered.rids.flatMap((rid, index): ViewerLayer[] => {
      const stream = streams[index]
      if (!stream || !rids.includes(rid)) return []
      return [{ rid, ...stream, ...(paused.includes(rid) ? { paused: true } : {}) }]
    })
    const { ssrc, rtxSsrc } = layers[0] ?? (streams[0] as OfferedStream)
    return {
      ...section,
      ssrc,
      ...(rtxSsrc === undefined ? {} : { rtxSsrc }),
      ...(layers.length > 0 ? { layers } : {}),
    }
  })
}

/** What both kinds of answer agree on about a section. */
type CommonSection = Pick<ViewerSection, 'mid' | 'kind' | 'codecs' | 'extensions' | 'pause'>

interface AgreedSection extends CommonSection {
  readonly media: SdpMedia
  readonly offered: OfferedSection
}

function readAnswer<Section>(
  text: string,
  offer: WrittenOffer,
  capabilities: SdpCapabilities,
  describe: (section: AgreedSection) => Section,
): AnsweredOffer<Section> {
  const answer = parseSdp(text)
  checkSections(answer, offer)
  const { role } = offer
  const taken = answer.media.filter((media): media is ForwardedMedia => isUsable(media, answer, role))
  if (taken.length === 0) {
    const why = role === 'publisher' ? 'the answer sends no audio or video' : 'the answer takes no audio or video'
    throw new BroadcastError('direction-mismatch', why, { details: { role } })
  }
  const bundle = chooseBundle(answer, taken)
  const { remote, dtlsRole, setup } = readTransport(answer, bundle)
  if (setup === 'actpass') {
    throw new BroadcastError('sdp-unsupported', 'the answer leaves the DTLS role open: setup:actpass')
  }
  const idsInUse = new Map<number, string>()
  const sections = taken.map((media) => {
    const offered = offer.sections[answer.media.indexOf(media)] as OfferedSection
    const { accepted, extensions } = acceptSection(media, answer, role, capabilitiesOf(capabilities, offered), idsInUse)
    const codecs = agreedCodecs(accepted.codecs, offered, role)
    if (codecs.length === 0) throw noCodec(offered, media)
    const pause = capabilities.pause && offered.kind === 'video' && acceptsPause(media)
    return describe({
      mid: offered.mid,
      kind: offered.kind,
      codecs,
      ...(pause ? { pause } : {}),
      extensions: extensions.filter(({ id, uri }) =>
        offered.extensions.some((one) => one.id === id && one.uri === uri),
      ),
      media,
      offered,
    })
  })
  const { tagged, mids } = bundle
  const mediaLine = `m=${tagged.type} 9 ${tagged.protocol} ${tagged.formats.join(' ')}`
  return { remote, dtlsRole, transportSection: { mid: tagged.mid, mediaLine, bundleMids: mids }, sections }
}

/** What was offered may be taken. */
function capabilitiesOf(capabilities: SdpCapabilities, { extensions }: OfferedSection): SdpCapabilities {
  const uris = extensions.map(({ uri }) => uri)
  return { ...capabilities, publisherExtensions: uris, viewerExtensions: uris }
}

/** Without the rid in packets layers could not be told apart (RFC 8853, section 5.5). */
function namesLayers({ extensions }: CommonSection, { rids }: OfferedSection): boolean {
  return rids.length > 0 && extensions.some(({ uri }) => uri === EXTENSION_URI.rid)
}

function payloadTypes({ codecs }: CommonSection): number[] {
  return codecs.map(({ payloadType }) => payloadType)
}

function hasRtx({ codecs }: CommonSection): boolean {
  return codecs.some(({ rtxPayloadType }) => rtxPayloadType !== undefined)
}

/** An answer has the sections of its offer, in their order (RFC 3264, section 6; RFC 8829, section 5.3.1). */
function checkSections(answer: SdpDescription, offer: WrittenOffer): void {
  const fail = (line: number, why: string) =>
    new BroadcastError('sdp-invalid', `SDP line ${line}: ${why}`, { details: { line } })
  for (const [index, media] of answer.media.entries()) {
    const offered = offer.sections[index]
    if (!offered) throw fail(media.line, 'a media section that was not offered')
    if (media.type !== offered.kind) throw fail(media.line, `the offer has ${offered.kind} here`)
    if (media.mid !== undefined && media.mid !== offered.mid)
      throw fail(media.line, `the offer has mid ${offered.mid} here`)
  }
  if (answer.media.length < offer.sections.length) {
    const line = answer.media.at(-1)?.line ?? 1
    throw fail(line, `${offer.sections.length} media sections were offered`)
  }
}

/**
 * What is sent to us comes under our payload types, what we send goes out under the answer's (RFC 3264, section 6.1). Where the answer does
 * not repeat the parameters of a payload type of ours, ours hold.
 */
function agreedCodecs(
  codecs: readonly PayloadCodec[],
  { kind }: OfferedSection,
  role: WrittenOffer['role'],
): PayloadCodec[] {
  const formats = new Map(OFFERED_FORMATS[kind].map((format) => [format.payloadType, format]))
  return codecs.flatMap((entry) => {
    const format = formats.get(entry.payloadType)
    if (format?.name !== entry.codec.name) return role === 'publisher' ? [] : [entry]
    const isBare = Object.keys(entry.codec.parameters).length === 0
    const codec = isBare ? { ...entry.codec, parameters: parseFormatParameters(format.parameters) } : entry.codec
    const { rtxPayloadType, ...plain } = entry
    const hasRtx = rtxPayloadType !== undefined && (role === 'viewer' || rtxPayloadType === format.rtxPayloadType)
    return [{ ...plain, codec, ...(hasRtx ? { rtxPayloadType } : {}) }]
  })
}

function noCodec({ mid }: OfferedSection, media: SdpMedia): BroadcastError {
  return new BroadcastError('codec-unsupported', `media section ${mid}: no payload type of the offer`, {
    details: { mid, line: media.line, offered: media.formats },
  })
}
