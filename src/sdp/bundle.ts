/** One transport for everything: the BUNDLE group of an offer and of its answer (RFC 8843, sections 7.2 and 7.3). */
import { BroadcastError } from '../errors.js'
import type { SdpDescription, SdpMedia } from './description.js'

/** The transport that all accepted sections share. */
export interface Bundle {
  /** The section that stands for the transport, the answerer-tagged one; always an accepted one. */
  readonly tagged: SdpMedia
  /** Accepted mids, the tagged one first; empty where the offer has no BUNDLE group. */
  readonly mids: readonly string[]
  /** All sections of the offer's group, accepted or not, the tagged one first. */
  readonly members: readonly SdpMedia[]
}

/** The mids of each BUNDLE group. */
export function bundleGroups(offer: SdpDescription): readonly (readonly string[])[] {
  return offer.groups.filter(({ semantics }) => semantics === 'BUNDLE').map(({ mids }) => mids)
}

/**
 * The bundle that holds all of `accepted` (at least one section). A single section needs none.
 *
 * @throws BroadcastError `sdp-unsupported` if they do not share one.
 */
export function chooseBundle(offer: SdpDescription, accepted: readonly SdpMedia[]): Bundle {
  const holds = (mids: readonly string[]) => accepted.every(({ mid }) => mid !== undefined && mids.includes(mid))
  const group = bundleGroups(offer).find(holds)
  if (!group) {
    const [only, second] = accepted
    if (only && !second) return { tagged: only, mids: [], members: [only] }
    throw new BroadcastError('sdp-unsupported', 'the media sections do not share one transport: BUNDLE is required', {
      details: { lines: accepted.map(({ line }) => line) },
    })
  }
  const byMid = new Map(offer.media.map((media) => [media.mid, media]))
  const listed = [...new Set(group)].flatMap((mid) => byMid.get(mid) ?? [])
  const served = listed.filter((media) => accepted.includes(media))
  // A section that has no address of its own cannot be the suggested one, while any other can.
  const tagged = served.find(({ bundleOnly }) => !bundleOnly) ?? (served[0] as SdpMedia)
  const taggedFirst = (sections: SdpMedia[]) => [tagged, ...sections.filter((media) => media !== tagged)]
  return { tagged, mids: taggedFirst(served).map(({ mid }) => mid as string), members: taggedFirst(listed) }
}
