/** How long a packet that others have overtaken is waited for before it counts as lost: as long as such packets lately took. */

/** Longer reordering costs more in late repairs than it saves in needless ones. */
const MAX_WAIT_MS = 60

/** What was seen is remembered for one to two of these. */
const WINDOW_MS = 10_000

/** What came before it was asked for may have come later still, had there been no limit; what came after is known exactly. */
const MARGIN_UNASKED = 2
const MARGIN_ASKED = 1.2

/** Learns from packets that come late by themselves. */
export class ReorderingTolerance {
  #windowStartMs = Number.NEGATIVE_INFINITY
  #currentMs = 0
  #previousMs = 0

  /** How long to wait; 0 while no packet was ever overtaken. */
  waitMs(nowMs: number): number {
    this.#advance(nowMs)
    return Math.min(MAX_WAIT_MS, Math.max(this.#currentMs, this.#previousMs))
  }

  /** A packet has come `lateMs` after it was missed, of itself. `asked` says that a NACK had been sent for it, in vain. */
  late(lateMs: number, asked: boolean, nowMs: number): void {
    // Beyond what is ever waited for it teaches nothing.
    if (lateMs > 2 * MAX_WAIT_MS) return
    this.#advance(nowMs)
    const waitMs = 1 + lateMs * (asked ? MARGIN_ASKED : MARGIN_UNASKED)
    this.#currentMs = Math.max(this.#currentMs, waitMs)
  }

  #advance(nowMs: number): void {
    const elapsedMs = nowMs - this.#windowStartMs
    if (elapsedMs < WINDOW_MS) return
    this.#previousMs = elapsedMs < 2 * WINDOW_MS ? this.#currentMs : 0
    this.#currentMs = 0
    this.#windowStartMs = nowMs
  }
}
