/** Which header extensions of a section are taken, under the offer's ids (RFC 8285, section 6; RFC 8843, section 9 for bundles). */

import { EXTENSION_URI } from '../rtp/extension-uri.js'
import type { SdpDescription, SdpExtension, SdpMedia } from './description.js'
import { directionServes, type NegotiationRole } from './negotiation-role.js'

/** Ids above need the two-byte form. */
const MAX_ONE_BYTE_ID = 14
const MAX_TWO_BYTE_ID = 255
/** What an element of the one-byte form holds. */
const MAX_ONE_BYTE_LENGTH = 16

/**
 * Takes what `uris` names and the direction allows, once each.
 *
 * @param idsInUse URIs by id, of all sections of the transport so far; what was taken is added. An id that means something else in an
 * earlier section is left out, as packets do not always say which section they belong to.
 */
export function acceptExtensions(
  media: SdpMedia,
  offer: SdpDescription,
  role: NegotiationRole,
  uris: readonly string[],
  idsInUse: Map<number, string>,
): SdpExtension[] {
  // Towards a peer that has not said that it can tell the forms apart, the one-byte form is the safe one.
  const mixed = media.extmapAllowMixed || offer.extmapAllowMixed
  const maxId = role === 'publisher' || mixed ? MAX_TWO_BYTE_ID : MAX_ONE_BYTE_ID
  const accepted: SdpExtension[] = []
  for (const extension of [...media.extensions, ...offer.extensions]) {
    const { id, uri, direction } = extension
    if (id > maxId || !uris.includes(uri) || !directionServes(direction ?? 'sendrecv', role)) continue
    if (accepted.some((other) => other.id === id || other.uri === uri)) continue
    if ((idsInUse.get(id) ?? uri) !== uri) continue
    // With a structure it is longer than the one-byte form holds.
    if (uri === EXTENSION_URI.dependencyDescriptor && role === 'viewer' && !mixed) continue
    if (uri === EXTENSION_URI.mid && (media.mid === undefined || media.mid.length > MAX_ONE_BYTE_LENGTH)) continue
    idsInUse.set(id, uri)
    accepted.push(extension)
  }
  return accepted
}
