/** Offers to receive media, as a WHEP player does (draft-ietf-wish-whep): the other side becomes a publisher of ours. */
import type { LocalParameters, SdpCapabilities } from './types.js'
import { type OfferedSection, offeredExtensions, type WrittenOffer, writeOffer } from './write-offer.js'

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
  const rids = Array.from({ length: options.layers ?? 1 }, (_, index) => String(index))
  const sections = (['audio', 'video'] as const).map((kind, index) => {
    const hasLayers = kind === 'video' && rids.length > 1
    const section: OfferedSection = {
      mid: String(index),
      kind,
      extensions: offeredExtensions(capabilities.publisherExtensions, kind, hasLayers),
      rids: hasLayers ? rids : [],
    }
    const lines = hasLayers ? simulcastLines(rids) : []
    return { section, lines, maxBitrateBps: kind === 'video' ? options.maxBitrateBps : undefined }
  })
  return writeOffer('publisher', sections, local, capabilities)
}

/** RFC 8851 and RFC 8853. */
function simulcastLines(rids: readonly string[]): string[] {
  return [...rids.map((rid) => `a=rid:${rid} recv`), `a=simulcast:recv ${rids.join(';')}`]
}
