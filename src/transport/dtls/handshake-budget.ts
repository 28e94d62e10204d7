/**
 * How much of its thread's time a port gives to handshakes, whoever asks for them: they cost milliseconds each, and from many addresses at once they
 * would hold up the media of everybody else. Handshakes that have begun go on; what is put off is the first datagram of others, which their peers
 * repeat by themselves (RFC 6347, section 4.2.4).
 */
import type { Clock } from '../../util/clock.js'

/** Of the thread's time, in the long run. */
const SHARE = 0.5
/** So much may be used at once: about a hundred handshakes. */
const BURST_MS = 1000

/** One for all peers of a port. */
export class HandshakeBudget {
  readonly #clock: Pick<Clock, 'nowMs'>
  #leftMs = BURST_MS
  #refilledMs = Number.NaN

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock
  }

  /** True if another handshake may begin. */
  admits(nowMs: number): boolean {
    if (!Number.isNaN(this.#refilledMs)) {
      this.#leftMs = Math.min(BURST_MS, this.#leftMs + (nowMs - this.#refilledMs) * SHARE)
    }
    this.#refilledMs = nowMs
    return this.#leftMs > 0
  }

  /** Some work begins; the time that it returns is for `ended`. */
  started(): number {
    return this.#clock.nowMs()
  }

  /** The work that began at `startedMs` is done. */
  ended(startedMs: number): void {
    // Never deeper in debt than a burst: a thread that was held up by something else must not refuse handshakes for long.
    this.#leftMs = Math.max(-BURST_MS, this.#leftMs - (this.#clock.nowMs() - startedMs))
  }
}
