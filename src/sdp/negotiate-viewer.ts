/** Answers an offer to receive media: WHEP's side of it (draft-ietf-wish-whep), and any other viewer's. */
import { acceptsPause, PAUSE_LINE } from './accept-pause.js'
import { type AcceptedSection, acceptSection } from './accept-section.js'
import { chooseBundle } from './bundle.js'
import { chooseSections, type ForwardedMedia } from './choose-sections.js'
import type { SdpDescription } from './description.js'
import type { KnownOffers } from './known-offers.js'
import { readTransport } from './offered-transport.js'
import { parseSdp } from './parse-sdp.js'
import { formatLines } from './payload-lines.js'
import { streamLines } from './stream-lines.js'
import type { LocalParameters, Negotiation, SdpCapabilities, ViewerSection } from './types.js'
import { acceptViewerLayers, capabilitiesFor } from './viewer-layers.js'
import { transportSection, writeAnswer } from './write-answer.js'

/** The names of what a viewer is going to receive. */
export interface ViewerStreams {
  /** The MediaStream id (RFC 8830) of all sections, a token. */
  readonly msid: string
  /** A fresh SSRC; called once or, with RTX, twice per accepted section, and so for each layer of one with several. */
  ssrc(): number
}

/** A section as all offers with the same outline have it. */
interface SharedSection {
  readonly section: Omit<AcceptedSection, 'media'>
  readonly formatLines: readonly string[]
  readonly pause: boolean
}

/** Viewers' offers under one set of capabilities. */
export type KnownViewerOffers = KnownOffers<readonly SharedSection[]>

const ROLE = 'viewer'

/**
 * Negotiates a viewer's offer. The same input always gives the same result.
 *
 * @param offer SDP text.
 * @param local this side's end of the transport.
 * @param streams names for our streams.
 * @param capabilities what may be accepted.
 * @param known earlier offers under the same capabilities, to be faster by them. Results may share parts.
 * @throws BroadcastError `sdp-invalid` (`details.line`), `sdp-unsupported`, `direction-mismatch`, or `codec-unsupported` (`details.mid`,
 * `details.offered`).
 */
export function negotiateViewer(
  offer: string,
  local: LocalParameters,
  streams: ViewerStreams,
  capabilities: SdpCapabilities,
  known?: KnownViewerOffers,
): Negotiation<ViewerSection> {
  const { description, shared } = known?.read(offer) ?? { description: parseSdp(offer), shared: undefined }
  const chosen = chooseSections(description, ROLE)
  const bundle = chooseBundle(description, chosen)
  const { remote, dtlsRole } = readTransport(description, bundle)
  const parts = shared?.kept ?? acceptSections(chosen, description, capabilities)
  if (shared) shared.kept = parts
  const served = { audio: 0, video: 0 }
  const accepted = chosen.map((media, i) => {
    const { pause, formatLines, ...part } = parts[i] as SharedSection
    const section = { ...part.section, media }
    const several = acceptViewerLayers(media, section, capabilities, pause, streams.ssrc)
    const { ssrc, rtxSsrc } = several?.layers[0] ?? oneStream(section, streams)
    // The n-th audio and the n-th video are one MediaStream, as they carry the same publisher.
    const ordinal = served[section.kind]++
    const msid = ordinal === 0 ? streams.msid : `${streams.msid}-${ordinal}`
    const track = `${msid} ${msid}-${section.kind}`
    // Streams with rids are not declared by SSRC: their packets say which they are.
    const described = several ? [`a=msid:${track}`, ...several.lines] : streamLines(track, local.cname, ssrc, rtxSsrc)
    const lines = [...(pause ? [PAUSE_LINE] : []), ...described]
    return { section, formatLines, ssrc, rtxSsrc, layers: several?.layers, pause, lines }
  })
  return {
    answer: writeAnswer({ offer: description, role: ROLE, local, dtlsRole, bundle, sections: accepted }),
    remote,
    dtlsRole,
    transportSection: transportSection({ bundle, sections: accepted }),
    sections: accepted.map(({ section: { mid, kind, codecs, extensions }, ssrc, rtxSsrc, layers, pause }) => {
      const optional = { ...(rtxSsrc === undefined ? {} : { rtxSsrc }), ...(layers ? { layers } : {}) }
      return { mid, kind, codecs, extensions, ssrc, ...optional, ...(pause ? { pause } : {}) }
    }),
  }
}

function acceptSections(
  chosen: readonly ForwardedMedia[],
  description: SdpDescription,
  capabilities: SdpCapabilities,
): SharedSection[] {
  const idsInUse = new Map<number, string>()
  return chosen.map((media) => {
    const accepted = acceptSection(media, description, ROLE, capabilitiesFor(media, capabilities), idsInUse)
    const { media: _, ...section } = accepted
    const pause = capabilities.pause && acceptsPause(media)
    return { section, formatLines: formatLines(accepted, ROLE), pause }
  })
}

function oneStream({ accepted }: AcceptedSection, { ssrc }: ViewerStreams): { ssrc: number; rtxSsrc?: number } {
  return { ssrc: ssrc(), ...(accepted.rtx.length > 0 ? { rtxSsrc: ssrc() } : {}) }
}
