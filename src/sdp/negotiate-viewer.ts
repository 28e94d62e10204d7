/** Answers an offer to receive media: WHEP's side of it (draft-ietf-wish-whep), and any other viewer's. */
import { acceptSection } from './accept-section.js'
import { chooseBundle } from './bundle.js'
import { chooseSections } from './choose-sections.js'
import { readTransport } from './offered-transport.js'
import { parseSdp } from './parse-sdp.js'
import type { LocalParameters, Negotiation, SdpCapabilities, ViewerSection } from './types.js'
import { transportSection, writeAnswer } from './write-answer.js'

/** The names of what a viewer is going to receive. */
export interface ViewerStreams {
  /** The MediaStream id (RFC 8830) of all sections, a token. */
  readonly msid: string
  /** A fresh SSRC; called once or, with RTX, twice per accepted section. */
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
    const section = acceptSection(media, description, role, capabilities, idsInUse)
    const ssrc = streams.ssrc()
    const rtxSsrc = section.accepted.rtx.length > 0 ? streams.ssrc() : undefined
    // The n-th audio and the n-th video are one MediaStream, as they carry the same publisher.
    const ordinal = served[section.kind]++
    const msid = ordinal === 0 ? streams.msid : `${streams.msid}-${ordinal}`
    return { section, ssrc, rtxSsrc, lines: streamLines(msid, section.kind, local.cname, ssrc, rtxSsrc) }
  })
  return {
    answer: writeAnswer({ offer: description, role, local, dtlsRole, bundle, sections: accepted }),
    remote,
    dtlsRole,
    transportSection: transportSection({ bundle, sections: accepted }),
    sections: accepted.map(({ section: { mid, kind, codecs, extensions }, ssrc, rtxSsrc }) => {
      return { mid, kind, codecs, extensions, ssrc, ...(rtxSsrc === undefined ? {} : { rtxSsrc }) }
    }),
  }
}

/** `a=msid` (RFC 8830) and `a=ssrc` (RFC 5576) of one stream. */
export function streamLines(
  msid: string,
  kind: string,
  cname: string,
  ssrc: number,
  rtxSsrc: number | undefined,
): string[] {
  const track = `${msid} ${msid}-${kind}`
  const describe = (id: number) => [`a=ssrc:${id} cname:${cname}`, `a=ssrc:${id} msid:${track}`]
  if (rtxSsrc === undefined) return [`a=msid:${track}`, ...describe(ssrc)]
  return [`a=msid:${track}`, `a=ssrc-group:FID ${ssrc} ${rtxSsrc}`, ...describe(ssrc), ...describe(rtxSsrc)]
}
