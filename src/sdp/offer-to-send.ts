/** Offers to send media, as a WHIP client does (RFC 9725): the other side becomes a viewer of ours. */
import type { ViewerStreams } from './negotiate-viewer.js'
import { streamLines } from './stream-lines.js'
import type { LocalParameters, SdpCapabilities } from './types.js'
import { type OfferedSection, offeredExtensions, type WrittenOffer, writeOffer } from './write-offer.js'

/** Writes the offer of one audio and one video. The same input always gives the same text. */
export function offerToSend(
  local: LocalParameters,
  streams: ViewerStreams,
  capabilities: SdpCapabilities,
): WrittenOffer {
  const uris = capabilities.viewerExtensions
  const sections = (['audio', 'video'] as const).map((kind, index) => {
    const ssrc = streams.ssrc()
    const rtxSsrc = kind === 'video' && capabilities.rtx ? streams.ssrc() : undefined
    const section: OfferedSection = {
      mid: String(index),
      kind,
      extensions: offeredExtensions(uris, kind, false),
      ssrc,
      ...(rtxSsrc === undefined ? {} : { rtxSsrc }),
      rids: [],
    }
    const track = `${streams.msid} ${streams.msid}-${kind}`
    return { section, lines: streamLines(track, local.cname, ssrc, rtxSsrc) }
  })
  return writeOffer('viewer', sections, local, capabilities)
}
