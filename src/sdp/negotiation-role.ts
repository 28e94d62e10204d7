/** The two roles of an offerer, and how each turns the direction attributes (RFC 3264, section 6.1; RFC 9725, section 4.4). */
import type { Direction, SdpDescription, SdpMedia } from './description.js'

/** Who made the offer. */
export type NegotiationRole = 'publisher' | 'viewer'

/** Our direction towards either, whatever of it was offered. */
export const ANSWER_DIRECTION = { publisher: 'recvonly', viewer: 'sendonly' } as const satisfies Record<
  NegotiationRole,
  Direction
>

/** True if a direction that the offerer wrote lets media flow as the role wants it. */
export function directionServes(direction: Direction, role: NegotiationRole): boolean {
  return direction === 'sendrecv' || direction === (role === 'publisher' ? 'sendonly' : 'recvonly')
}

/** The direction of a section: its own, the session's, or `sendrecv`. */
export function directionOf(media: SdpMedia, offer: SdpDescription): Direction {
  return media.direction ?? offer.direction ?? 'sendrecv'
}
