/** What callers pass as an offer, as SDP text. */
import { BroadcastError } from '../errors.js'
import type { OfferInput } from './signaling-target.js'

/** The SDP text of `input`. Throws `request-invalid` if it is neither SDP text nor `{ type: 'offer', sdp }`. */
export function offerText(input: OfferInput): string {
  if (typeof input === 'string') return input
  if (typeof input !== 'object' || input === null || typeof input.sdp !== 'string') {
    throw new BroadcastError('request-invalid', "an offer is SDP text or an object { type: 'offer', sdp }")
  }
  if (input.type !== 'offer') {
    throw new BroadcastError(
      'request-invalid',
      `expected a session description of type offer, got ${String(input.type)}`,
    )
  }
  return input.sdp
}
