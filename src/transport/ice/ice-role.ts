/**
 * Who nominates (RFC 8445, sections 6.1.1 and 7.3.1.1). Whoever answers an offer with a lite agent, as this side mostly does, is controlled;
 * whoever made the offer controls. If both sides think that they control, the larger tie-breaker does. The other way round the peer is told to
 * take over: this side never goes from controlled to controlling.
 */
import { randomBigUint64 } from '../../util/random-pool.js'
import type { StunMessage } from '../stun/stun-message.js'

/**
 * The smallest possible, of checks to a peer that should check us but is silent: a full agent that thinks it controls is then always right,
 * tells us so by a role conflict, and does the checking itself.
 */
const LOWEST_TIE_BREAKER = 0n

/** The role of this side towards one peer. */
export class IceRole {
  readonly tieBreaker: bigint
  #controlling: boolean

  /** @param tieBreaker of a controlling side: 64 random bits by default. */
  constructor(controlling: boolean, tieBreaker?: bigint) {
    this.#controlling = controlling
    this.tieBreaker = controlling ? (tieBreaker ?? randomBigUint64()) : LOWEST_TIE_BREAKER
  }

  /** True while this side nominates. */
  get controlling(): boolean {
    return this.#controlling
  }

  /** True if an authentic check fits: the peer has the other role, or gets it by the tie-breakers. */
  agrees(request: StunMessage, remoteIsLite: boolean): boolean {
    if (!this.#controlling) {
      // Next to a full agent a lite one is always controlled. Requests without a role are old clients'.
      return !request.iceControlled || remoteIsLite
    }
    if (!request.iceControlling) return true
    if (this.tieBreaker >= request.tieBreaker) return false
    this.yield()
    return true
  }

  /** The peer nominates from now on. */
  yield(): void {
    this.#controlling = false
  }
}
