/** Offers to send media, as a WHIP client does (RFC 9725): the other side becomes a viewer of ours. */
import type { ViewerStreams } from './negotiate-viewer.js'
import { streamLines } from './stream-lines.js'
import type { LocalParameters, SdpCapabilities } from './types.js'
import {
  layerRids,
  type OfferedSection,
  type OfferedStream,
  offeredExtensions,
  simulcastLines,
  type WrittenOffer,
  writeOffer,
} from './write-offer.js'

/** What can be sent besides one audio and one video. */
export interface SendOfferOptions {
  /** In how many layers the video can go out, all at once; 1 for one layer at a time, which is the default. No more than the capabilities allow. */
  readonly layers?: number
}

/**
 * Writes the offer of one audio and one video. The same input always gives the same text.
 *
 * @param streams names for our streams.
 */
export function offerToSend(
  local: LocalParameters,
  streams: ViewerStreams,
  capabilities: SdpCapabilities,
  options: SendOfferOptions = {},
): WrittenOffer {
  const uris = capabilities.viewerExtensions
  const layers = Math.min(options.layers ?? 1, capabilities.viewerLayers)
  const sections = (['audio', 'video'] as const).map((kind, index) => {
    const rids = kind === 'video' ? layerRids(layers) : []
    const hasRtx = kind === 'video' && capabilities.rtx
    const own = Array.from({ length: Math.max(1, rids.length) }, (): OfferedStream => {
      return { ssrc: streams.ssrc(), ...(hasRtx ? { rtxSsrc: streams.ssrc() } : {}) }
    })
    const section: OfferedSection = {
      mid: String(index),
      kind,
      extensions: offeredExtensions(uris, kind, rids.length > 0),
      streams: own,
      rids,
    }
    const track = `${streams.msid} ${streams.msid}-${kind}`
    const { ssrc, rtxSsrc } = own[0] as OfferedStream
    // Streams with rids are not declared by SSRC: their packets say which they are.
    const lines =
      rids.length > 0
        ? [`a=msid:${track}`, ...simulcastLines(rids, 'send')]
        : streamLines(track, local.cname, ssrc, rtxSsrc)
    return { section, lines }
  })
  return writeOffer('viewer', sections, local, capabilities)
}
