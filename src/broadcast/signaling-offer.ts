/** Offers that this side makes, and what is said with them. */
import { BroadcastError } from '../errors.js'
import { integerOption } from '../util/options.js'
import type { SignalingContext, SignalingSession } from './signaling-target.js'

/** More layers than anybody sends. */
const MAX_LAYERS = 8

/** What is known about the session that an offer of ours is for. */
export interface OfferContext extends SignalingContext {
  /**
   * How many simulcast layers the video may come in (RFC 8853), 1 to 8; their rids are `0`, `1`, ..., the worst quality first. Default 1: one video without
   * layers. Servers that do not know simulcast answer with one.
   */
  readonly layers?: number
}

/** An answer as callers hold it: SDP text, or what `RTCPeerConnection.createAnswer()` resolved to. */
export type AnswerInput = string | { readonly type: 'answer'; readonly sdp: string }

/** An offer that `setRemoteDescription` takes as it is, and the session that waits for its answer. */
export interface SignalingOffer<Session extends SignalingSession = SignalingSession> {
  readonly type: 'offer'
  readonly sdp: string
  readonly session: Session
  /**
   * Takes the answer; the session connects then. Rejects with `request-invalid` for what is no answer and for a second one, `sdp-invalid`,
   * `sdp-unsupported`, `direction-mismatch`, `codec-unsupported`, after which another answer may still be given, and with `session-not-found` or `closed` if
   * the session has ended.
   */
  accept(answer: AnswerInput): Promise<void>
}

/** Throws `option-invalid`. */
export function resolveLayers({ layers }: OfferContext): Pick<OfferContext, 'layers'> {
  return layers === undefined ? {} : { layers: integerOption('layers', layers, 1, 1, MAX_LAYERS) }
}

/** The SDP text of `input`. Throws `request-invalid` if it is neither SDP text nor `{ type: 'answer', sdp }`. */
export function answerText(input: AnswerInput): string {
  if (typeof input === 'string') return input
  if (typeof input !== 'object' || input === null || typeof input.sdp !== 'string' || input.type !== 'answer') {
    throw new BroadcastError('request-invalid', "an answer is SDP text or an object { type: 'answer', sdp }")
  }
  return input.sdp
}
