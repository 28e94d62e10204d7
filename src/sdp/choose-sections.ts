/**
 * Which media sections of an offer are served: of a publisher at most one of audio and one of video (RFC 9725, section 4.4; more are
 * refused), of a viewer as many as it offers, up to a limit, as each may carry another publisher. Sections of other kinds (data
 * channels), of directions that carry nothing our way, and beyond the limit are rejected with port 0.
 */
import { BroadcastError } from '../errors.js'
import type { MediaKind } from '../rtp/types.js'
import { bundleGroups } from './bundle.js'
import type { SdpDescription, SdpMedia } from './description.js'
import { directionOf, directionServes, type NegotiationRole } from './negotiation-role.js'

/** Audio and video sections that one viewer is sent, each. */
export const MAX_VIEWER_SECTIONS_PER_KIND = 16

/** A section of a kind that is forwarded. */
export interface ForwardedMedia extends SdpMedia {
  readonly type: MediaKind
}

/**
 * The sections to serve, in the offer's order.
 *
 * @throws BroadcastError `direction-mismatch` if there is none, `sdp-unsupported` if a publisher has too many.
 */
export function chooseSections(offer: SdpDescription, role: NegotiationRole): ForwardedMedia[] {
  const usable = offer.media.filter((media) => isUsable(media, offer, role))
  if (usable.length === 0) {
    const lacking = role === 'publisher' ? 'no audio or video to send' : 'to receive no audio or video'
    throw new BroadcastError('direction-mismatch', `a ${role} offers ${lacking}`, { details: { role } })
  }
  const limit = role === 'publisher' ? 1 : MAX_VIEWER_SECTIONS_PER_KIND
  const chosen: ForwardedMedia[] = []
  for (const media of usable) {
    if (chosen.filter(({ type }) => type === media.type).length < limit) chosen.push(media)
    else if (role === 'publisher') {
      throw new BroadcastError('sdp-unsupported', `a publisher offers more than one ${media.type} section`, {
        details: { line: media.line, mid: sectionMid(media, offer) },
      })
    }
  }
  return chosen
}

/** True if the section has media of a kind that is forwarded, flowing the role's way. */
export function isUsable(media: SdpMedia, offer: SdpDescription, role: NegotiationRole): media is ForwardedMedia {
  if (media.type !== 'audio' && media.type !== 'video') return false
  return isOffered(media, offer) && directionServes(directionOf(media, offer), role)
}

/** The section's mid or, where the offer has none, one that no other section has. */
export function sectionMid(media: SdpMedia, offer: SdpDescription): string {
  if (media.mid !== undefined) return media.mid
  let mid = String(offer.media.indexOf(media))
  while (offer.media.some((other) => other.mid === mid)) mid = `_${mid}`
  return mid
}

/** Port 0 disables a section, unless it is to be reached through a bundle only (RFC 8843, section 6). */
function isOffered(media: SdpMedia, offer: SdpDescription): boolean {
  if (media.port !== 0) return true
  const { mid } = media
  return media.bundleOnly && mid !== undefined && bundleGroups(offer).some((mids) => mids.includes(mid))
}
