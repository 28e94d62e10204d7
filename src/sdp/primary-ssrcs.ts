/** Which SSRCs of a section carry media themselves, and which repair them: retransmissions and error correction (RFC 5576; RFC 5956). */
import type { SdpMedia } from './description.js'

/** In these groups the first SSRC is repaired by the others. */
const REPAIR_GROUPS: readonly string[] = ['FID', 'FEC', 'FEC-FR']

/** In the offer's order; empty where the offer names none. */
export function primarySsrcs(media: SdpMedia): number[] {
  const repairs = new Set(
    media.ssrcGroups
      .filter(({ semantics }) => REPAIR_GROUPS.includes(semantics))
      .flatMap(({ ssrcs }) => ssrcs.slice(1)),
  )
  return media.ssrcs.filter((ssrc) => !repairs.has(ssrc))
}

/** The SSRCs of retransmissions with those that they repair (RFC 5576, section 4.2: FID), in the offer's order. */
export function rtxPairs(media: SdpMedia): { ssrc: number; rtxSsrc: number }[] {
  return media.ssrcGroups.flatMap(({ semantics, ssrcs: [ssrc, rtxSsrc] }) => {
    return semantics === 'FID' && ssrc !== undefined && rtxSsrc !== undefined ? [{ ssrc, rtxSsrc }] : []
  })
}
