/** Tells a publisher's offer from a viewer's without negotiating it. */
import { isUsable } from './choose-sections.js'
import { parseSdp } from './parse-sdp.js'

/**
 * True if the offer has audio or video to send.
 *
 * @throws BroadcastError as {@link parseSdp} does.
 */
export function offerSendsMedia(offer: string): boolean {
  const description = parseSdp(offer)
  return description.media.some((media) => isUsable(media, description, 'publisher'))
}
