/** What the link carried when it was last full, and how sure that is (draft-ietf-rmcat-gcc-02, section 5.5: near convergence). */

const WEIGHT = 0.05
/** Bounds of the variance, relative to the mean, in kbps. */
const MIN_VARIANCE = 0.4
const MAX_VARIANCE = 2.5
/** A rate this many standard deviations off is not near. */
const NEAR_DEVIATIONS = 3

/** Mean and variance of the rates at which the link was over-used. */
export class LinkCapacity {
  #kbps = Number.NaN
  #variance = MIN_VARIANCE

  /** NaN before the link was full once, or since it was found to have changed. */
  get bps(): number {
    return this.#kbps * 1000
  }

  /** The link was full while `bps` arrived. */
  observe(bps: number): void {
    const sample = bps / 1000
    if (Number.isNaN(this.#kbps)) this.#kbps = sample
    else this.#kbps += WEIGHT * (sample - this.#kbps)
    const error = this.#kbps - sample
    const variance = (1 - WEIGHT) * this.#variance + (WEIGHT * error * error) / Math.max(1, this.#kbps)
    this.#variance = Math.min(MAX_VARIANCE, Math.max(MIN_VARIANCE, variance))
  }

  /** More than the link was known to carry. */
  isBelow(bps: number): boolean {
    return bps / 1000 > this.#kbps + this.#margin()
  }

  /** Less than it was known to carry. */
  isAbove(bps: number): boolean {
    return bps / 1000 < this.#kbps - this.#margin()
  }

  /** The link is another now. */
  forget(): void {
    this.#kbps = Number.NaN
  }

  #margin(): number {
    return NEAR_DEVIATIONS * Math.sqrt(this.#variance * this.#kbps)
  }
}
