/** Answers an offer to receive media: WHEP's side of it (draft-ietf-wish-whep), and any other viewer's. */
import { acceptsPause, PAUSE_LINE } from './accept-pause.js'
import { type AcceptedSection, acceptSection } from './accept-section.js'
import { chooseBundle } from './bundle.js'
import { chooseSections } from './choose-sections.js'
import { readTransport } from './offered-transport.js'
import { parseSdp } from './parse-sdp.js'
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

/**
 * Negotiates a viewer's offer. The same input always gives the same result.
 *
 * @param offer SDP text.
 * @param local this side's end of the transport.
 * @param streams names for our streams.
 * @param capabilities what may be accepted.
 * @throws BroadcastError `sdp-invalid` (`details.line`), `sdp-unsupported`, `direction-mismatch`, or `codec-unsupported` (`details.mid`,
 * `details.offered`).
 */
export function negotiateViewer(
  offer: string,
  local: LocalParameters,
  streams: ViewerStreams,
  capabilities: SdpCapabilities,
): Negotiation<ViewerSection> {
  const role = 'viewer'
  const description = parseSdp(offer)
  const chosen = chooseSections(description, role)
  const bundle = chooseBundle(description, chosen)
  const { remote, dtlsRole } = readTransport(description, bundle)
  const idsInUse = new Map<number, string>()
  const served = { audio: 0, video: 0 }
  const accepted = chosen.map((media) => {
    const section = acceptSection(media, description, role, capabilitiesFor(media, capabilities), idsInUse)
    const pause = capabilities.pause && acceptsPause(media)
    const several = acceptViewerLayers(media, section, capabilities, pause, streams.ssrc)
    const { ssrc, rtxSsrc } = several?.layers[0] ?? oneStream(section, streams)
    // The n-th audio and the n-th video are one MediaStream, as they carry the same publisher.
    const ordinal = served[section.kind]++
    const msid = ordinal === 0 ? streams.msid : `${streams.msid}-${ordinal}`
    const track = `${msid} ${msid}-${section.kind}`
    // Streams with rids are not declared by SSRC: their packets say which they are.
    const described = several ? [`a=msid:${track}`, ...several.lines] : streamLines(track, local.cname, ssrc, rtxSsrc)
    const lines = [...(pause ? [PAUSE_LINE] : []), ...described]
    return { section, ssrc, rtxSsrc, layers: several?.layers, pause, lines }
  })
  return {
    answer: writeAnswer({ offer: description, role, local, dtlsRole, bundle, sections: accepted }),
    remote,
    dtlsRole,
    transportSection: transportSection({ bundle, sections: accepted }),
    sections: accepted.map(({ section: { mid, kind, codecs, extensions }, ssrc, rtxSsrc, layers, pause }) => {
      const optional = { ...(rtxSsrc === undefined ? {} : { rtxSsrc }), ...(layers ? { layers } : {}) }
      return { mid, kind, codecs, extensions, ssrc, ...optional, ...(pause ? { pause } : {}) }
    }),
  }
}

function oneStream({ accepted }: AcceptedSection, { ssrc }: ViewerStreams): { ssrc: number; rtxSsrc?: number } {
  return { ssrc: ssrc(), ...(accepted.rtx.length > 0 ? { rtxSsrc: ssrc() } : {}) }
}
