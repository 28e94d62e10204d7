/** Answers an offer to receive media: WHEP's side of it (draft-ietf-wish-whep), and any other viewer's. */
import { PAUSE_LINE } from './accept-pause.js'
import type { AcceptedSection } from './accept-section.js'
import type { KnownOffers } from './known-offers.js'
import { readTransport } from './offered-transport.js'
import { parseSdp } from './parse-sdp.js'
import { streamLines } from './stream-lines.js'
import type { LocalParameters, Negotiation, SdpCapabilities, ViewerSection } from './types.js'
import { acceptViewerLayers } from './viewer-layers.js'
import { bundleOf, planViewer, type ViewerPlan } from './viewer-plan.js'
import { writeAnswer } from './write-answer.js'

/** The names of what a viewer is going to receive. */
export interface ViewerStreams {
  /** The MediaStream id (RFC 8830) of all sections, a token. */
  readonly msid: string
  /** A fresh SSRC; called once or, with RTX, twice per accepted section, and so for each layer of one with several. */
  ssrc(): number
}

/** Viewers' offers under one set of capabilities. */
export type KnownViewerOffers = KnownOffers<ViewerPlan>

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
  const plan = shared?.kept ?? planViewer(description, capabilities)
  if (shared) shared.kept = plan
  const { remote, dtlsRole } = readTransport(description, bundleOf(plan, description))
  const served = { audio: 0, video: 0 }
  const own: string[][] = []
  const sections = plan.sections.map(({ section, pause }): ViewerSection => {
    const { media, mid, kind, codecs, extensions } = section
    const several = acceptViewerLayers(media, section, capabilities, pause, streams.ssrc)
    const { ssrc, rtxSsrc } = several?.layers[0] ?? oneStream(section, streams)
    // The n-th audio and the n-th video are one MediaStream, as they carry the same publisher.
    const ordinal = served[kind]++
    const msid = ordinal === 0 ? streams.msid : `${streams.msid}-${ordinal}`
    const track = `${msid} ${msid}-${kind}`
    // Streams with rids are not declared by SSRC: their packets say which they are.
    const lines = several ? [`a=msid:${track}`, ...several.lines] : streamLines(track, local.cname, ssrc, rtxSsrc)
    own.push(pause ? [PAUSE_LINE, ...lines] : lines)
    const optional = { ...(rtxSsrc === undefined ? {} : { rtxSsrc }), ...(several ? { layers: several.layers } : {}) }
    return { mid, kind, codecs, extensions, ssrc, ...optional, ...(pause ? { pause } : {}) }
  })
  const answer = writeAnswer(plan.frame, local, dtlsRole, own)
  return { answer, remote, dtlsRole, transportSection: plan.frame.transportSection, sections }
}

function oneStream({ accepted }: AcceptedSection, { ssrc }: ViewerStreams): { ssrc: number; rtxSsrc?: number } {
  return { ssrc: ssrc(), ...(accepted.rtx.length > 0 ? { rtxSsrc: ssrc() } : {}) }
}
