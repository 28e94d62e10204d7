/** Tells from the trend whether a queue grows (draft-ietf-rmcat-gcc-02, section 5.4: over-use detector with an adaptive threshold). */

/** What the network does: its queue is stable, grows, or drains. */
export type LinkUsage = 'normal' | 'overuse' | 'underuse'

const FIRST_THRESHOLD = 12.5
const MIN_THRESHOLD = 6
const MAX_THRESHOLD = 600
/** How fast the threshold follows the trend, per ms: up while the trend is beyond it, down while it is below. */
const GAIN_UP = 0.0087
const GAIN_DOWN = 0.039
/** A trend this far beyond the threshold is no reason to raise it. */
const MAX_OFFSET = 15
/** The longest step of time for the threshold. */
const MAX_STEP_MS = 100
/** The trend must be beyond the threshold for longer than this. */
const OVERUSE_MS = 10
/** A queue is no queue below this, or below this many times the jitter: then it is jitter. */
const MIN_QUEUE_MS = 5
const JITTER_FACTOR = 1.5

/** Fed with each group's trend. */
export class OveruseDetector {
  usage: LinkUsage = 'normal'
  threshold = FIRST_THRESHOLD
  #beyondMs = -1
  #beyondCount = 0
  #previousTrend = 0
  #updatedMs = Number.NaN

  /** Forgets the trend, keeps the threshold. */
  reset(): void {
    this.usage = 'normal'
    this.#beyondMs = -1
    this.#beyondCount = 0
    this.#previousTrend = 0
    this.#updatedMs = Number.NaN
  }

  /**
   * Takes the trend after a group that was sent `sendDeltaMs` after the one before and arrived at `arrivalMs`, with packets waiting for
   * `queueMs` and a jitter of `variationMs`.
   */
  update(trend: number, sendDeltaMs: number, arrivalMs: number, queueMs: number, variationMs: number): void {
    if (trend > this.threshold) {
      // It passed the threshold somewhere between the two groups.
      if (this.#beyondMs < 0) this.#beyondMs = sendDeltaMs / 2
      else this.#beyondMs += sendDeltaMs
      this.#beyondCount++
      const lasts = this.#beyondMs > OVERUSE_MS && this.#beyondCount > 1
      const isQueue = queueMs > Math.max(MIN_QUEUE_MS, JITTER_FACTOR * variationMs)
      if (lasts && isQueue && trend >= this.#previousTrend) {
        this.#beyondMs = 0
        this.#beyondCount = 0
        this.usage = 'overuse'
      }
    } else {
      this.#beyondMs = -1
      this.#beyondCount = 0
      this.usage = trend < -this.threshold ? 'underuse' : 'normal'
    }
    this.#previousTrend = trend
    this.#adapt(Math.abs(trend), arrivalMs)
  }

  #adapt(size: number, arrivalMs: number): void {
    const stepMs = Number.isNaN(this.#updatedMs) ? 0 : Math.min(Math.max(0, arrivalMs - this.#updatedMs), MAX_STEP_MS)
    this.#updatedMs = arrivalMs
    if (size > this.threshold + MAX_OFFSET) return
    const gain = size > this.threshold ? GAIN_UP : GAIN_DOWN
    const threshold = this.threshold + gain * (size - this.threshold) * stepMs
    this.threshold = Math.min(MAX_THRESHOLD, Math.max(MIN_THRESHOLD, threshold))
  }
}
