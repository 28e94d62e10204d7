/**
 * Whose loss is it? A full link drops what is too much: with less sent, as much arrives and less is lost. A bad link drops its part of
 * everything. After the rate was lowered, whichever of the two explains the loss better is believed.
 */

/** The comparison begins when the sent rate is down to this part. */
const CLEARLY_LESS = 0.93
/** It needs so many packets that were sent at the lower rate... */
const MIN_PACKETS = 100
/** ...and so great a difference between the two explanations. */
const MIN_DIFFERENCE = 0.025

/** Without a verdict by then, there will be none: the rate has not become clearly less. */
const GIVE_UP_MS = 4000

/** What came out of a comparison; 'open' as long as there is nothing to say. */
export type LossVerdict = 'open' | 'ours' | 'of the link'

/** One comparison at a time. */
export class LossOrigin {
  /** The loss at the lower rate, when there is a verdict. */
  lossAfter = 0
  /** What the link carries, if the loss was ours. */
  carriedBps = 0
  #lossBefore = 0
  #sentBefore = Number.NaN
  #lost = 0
  #total = 0
  #beganMs = 0

  /** True from `begin` to a verdict. */
  get compares(): boolean {
    return !Number.isNaN(this.#sentBefore)
  }

  /** The rate is about to be lowered. */
  begin(loss: number, sentBps: number, nowMs: number): void {
    this.#beganMs = nowMs
    this.#lossBefore = loss
    this.#sentBefore = sentBps
    this.#lost = 0
    this.#total = 0
  }

  /** Takes a window's loss. */
  judge(loss: number, packets: number, sentBps: number, nowMs: number): LossVerdict {
    if (!this.compares) return 'open'
    if (nowMs - this.#beganMs > GIVE_UP_MS) {
      this.#sentBefore = Number.NaN
      return 'open'
    }
    if (sentBps > this.#sentBefore * CLEARLY_LESS) return 'open'
    this.#lost += loss * packets
    this.#total += packets
    if (this.#total < MIN_PACKETS) return 'open'
    const after = this.#lost / this.#total
    const arrivedBps = (1 - this.#lossBefore) * this.#sentBefore
    const ifOurs = Math.max(0, 1 - arrivedBps / Math.max(1, sentBps))
    const tells = this.#lossBefore - ifOurs >= MIN_DIFFERENCE
    this.lossAfter = after
    this.carriedBps = arrivedBps
    this.#sentBefore = Number.NaN
    if (!tells) return 'open'
    return after > (this.#lossBefore + ifOurs) / 2 ? 'of the link' : 'ours'
  }
}
