/** The tallies of client addresses. Its memory is bounded by the sessions there are and by a number. */
import { addressKey } from '../util/address-key.js'
import type { SessionLimitsConfig } from './session-limits.js'
import { SessionTally } from './session-tally.js'

/** Addresses without sessions that are remembered, at most. */
const MAX_ADDRESSES = 65_536

/** How many of the oldest entries are looked at when one is added: as it is more than one, the table shrinks by itself. */
const LOOKED_AT = 4

/** One tally per address; those that say nothing any more are forgotten when others come. */
export class AddressTable {
  /** Oldest use first. */
  readonly #tallies = new Map<string, SessionTally>()

  constructor(
    private readonly limits: SessionLimitsConfig,
    private readonly maxAddresses = MAX_ADDRESSES,
  ) {}

  /** How many addresses are remembered. */
  get size(): number {
    return this.#tallies.size
  }

  /** The tally of `address`; undefined for one that is not limited. */
  tally(address: string, nowMs: number): SessionTally | undefined {
    const key = addressKey(address)
    if (key === undefined) return undefined
    const known = this.#tallies.get(key)
    if (known === undefined) this.#tidy(nowMs)
    else this.#tallies.delete(key)
    const tally = known ?? new SessionTally('addressLimits', this.limits)
    this.#tallies.set(key, tally)
    return tally
  }

  #tidy(nowMs: number): void {
    let looked = 0
    for (const [key, tally] of this.#tallies) {
      if (looked++ === LOOKED_AT) return
      const isFull = this.#tallies.size >= this.maxAddresses
      this.#tallies.delete(key)
      // To the end of the line, so that the next ones get their turn.
      if (!tally.idle(nowMs) && !(isFull && tally.empty)) this.#tallies.set(key, tally)
    }
  }
}
