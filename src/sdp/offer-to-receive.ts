/** Offers to receive media, as a WHEP player does (draft-ietf-wish-whep): the other side becomes a publisher of ours. */
import type { LocalParameters, SdpCapabilities } from './types.js'
import {
  layerRids,
  type OfferedSection,
  offeredExtensions,
  simulcastLines,
  type WrittenOffer,
  writeOffer,
} from './write-offer.js'

/** What is asked for besides the media. */
export interface ReceiveOfferOptions {
  /** The most that is to be sent in the video section, in bits per second; said by `b=`. */
  readonly maxBitrateBps?: number
  /** In how many layers the video may come; 1 for one without simulcast, which is the default. */
  readonly layers?: number
}

/** Writes the offer. The same input always gives the same text. */
export function offerToReceive(
  local: LocalParameters,
  capabilities: SdpCapabilities,
  options: ReceiveOfferOptions = {},
): WrittenOffer {
  const sections = (['audio', 'video'] as const).map((kind, index) => {
    const rids = kind === 'video' && capabilities.simulcast ? layerRids(options.layers ?? 1) : []
    const section: OfferedSection = {
      mid: String(index),
      kind,
      extensions: offeredExtensions(capabilities.publisherExtensions, kind, rids.length > 0),
      streams: [],
      rids,
    }
    const maxBitrateBps = kind === 'video' ? options.maxBitrateBps : undefined
    return { section, lines: simulcastLines(rids, 'recv'), maxBitrateBps }
  })
  return writeOffer('publisher', sections, local, capabilities)
}
