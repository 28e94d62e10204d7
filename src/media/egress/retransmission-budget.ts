/** What repairing the losses of one viewer may cost: bandwidth as a share of its media, and lookups, so that a flood of NACKs costs little of either. */
import { TokenBucket } from '../../util/token-bucket.js'

/** Numbers in NACKs that are looked at: several times what a viewer on the worst link asks for. */
const LOOKUPS_PER_SECOND = 5000
const LOOKUP_BURST = 2500

/** The budget of one viewer, for all its streams together. */
export class RetransmissionBudget {
  readonly #share: number
  readonly #bytes: TokenBucket
  readonly #lookups = new TokenBucket(LOOKUP_BURST)

  /**
   * @param share the part of the media's bitrate that retransmissions may have besides, as an average.
   * @param burstBytes how much may go at once.
   */
  constructor(share: number, burstBytes: number) {
    this.#share = share
    this.#bytes = new TokenBucket(burstBytes)
  }

  /** Adds what has accrued; `mediaBps` is the rate of the viewer's media now. */
  refill(mediaBps: number, nowMs: number): void {
    this.#bytes.refill((mediaBps * this.#share) / 8, nowMs)
    this.#lookups.refill(LOOKUPS_PER_SECOND, nowMs)
  }

  /** True if another number may be looked up. */
  takeLookup(): boolean {
    return this.#lookups.take(1)
  }

  /** True if `bytes` may be sent again. */
  takeBytes(bytes: number): boolean {
    return this.#bytes.take(bytes)
  }
}
