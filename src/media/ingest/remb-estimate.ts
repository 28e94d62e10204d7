/**
 * What a publisher without transport-wide feedback is told it may send (draft-alvestrand-rmcat-remb-03).
 *
 * Delay is not looked at: the sender has receiver reports, and a loss-based controller of its own. So this is a ceiling that stays out of the way of
 * an encoder that climbs, at one and a half times what came lately, and comes down with loss. It does not follow the rate down otherwise: a
 * still picture needs little, and must not be slow to become sharp when it moves again.
 */

/** What is said before anything is known; encoders start below. */
const START_BPS = 2_500_000
const FLOOR_BPS = 150_000
const HEADROOM = 1.5

/** Loss above this lowers the ceiling, loss below this lets it rise; draft-ietf-rmcat-gcc-02, section 6, has the same figures. */
const HIGH_LOSS = 0.1
const LOW_LOSS = 0.02

/** The ceiling of one publisher. */
export class RembEstimate {
  #bps = START_BPS

  /** The ceiling, without the cap that an application may have set. */
  get bps(): number {
    return this.#bps
  }

  /** A second has passed, in which `receivedBps` came and the part `lossRate` of the packets did not. */
  update(receivedBps: number, lossRate: number): void {
    if (lossRate > HIGH_LOSS) {
      const carriedBps = receivedBps * (1 - lossRate / 2)
      this.#bps = Math.max(FLOOR_BPS, Math.min(this.#bps, carriedBps))
    } else if (lossRate < LOW_LOSS) {
      this.#bps = Math.max(this.#bps, receivedBps * HEADROOM)
    }
  }
}
