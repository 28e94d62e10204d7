/**
 * The receiver's own estimate (draft-alvestrand-rmcat-remb-03): the rate for a viewer that gives no transport-wide feedback, and a cap for
 * one that gives it.
 */

/** With transport-wide feedback, an estimate that is not repeated for this long is no cap any more. */
const FRESH_MS = 10_000

/** The newest receiver estimate. */
export class ReceiverEstimate {
  #bps = Number.NaN
  #receivedMs = Number.NEGATIVE_INFINITY

  /** NaN before the first. */
  get bps(): number {
    return this.#bps
  }

  /** Takes one from the network; what is no rate is ignored. */
  receive(bps: number, nowMs: number): void {
    if (!(bps >= 0)) return
    this.#bps = bps
    this.#receivedMs = nowMs
  }

  /** What it caps an estimate of our own to. */
  capBps(nowMs: number): number {
    return nowMs - this.#receivedMs <= FRESH_MS ? this.#bps : Number.POSITIVE_INFINITY
  }
}
