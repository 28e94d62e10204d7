/**
 * How long packets wait in queues: the smoothed delay above the least of the last half minute or so. GCC looks at the trend alone; we
 * use the height to tell a queue from jitter.
 */

/** The least delay is that of this interval and the one before, so that a change of route or drifting clocks do not stay forever. */
const INTERVAL_MS = 15_000
/** The weight of a new group in the average variation: slow, so that the beginning of a queue does not pass for jitter. */
const VARIATION_WEIGHT = 0.02

/** Fed with the smoothed delay of each group. */
export class QueueingDelay {
  /** Above the least. */
  queueMs = 0
  /** The average size of the variation between groups: jitter. */
  variationMs = 0
  #least = Number.NaN
  #leastBefore = Number.NaN
  #nextMs = 0
  #groups = 0

  /** The past says nothing any more, except how much jitter there is. */
  reset(): void {
    this.queueMs = 0
    this.#least = Number.NaN
    this.#leastBefore = Number.NaN
    this.#groups = 0
  }

  /** Takes a group. */
  add(smoothedMs: number, variationMs: number, nowMs: number): void {
    this.#groups++
    const weight = Math.max(VARIATION_WEIGHT, 1 / this.#groups)
    this.variationMs += weight * (Math.abs(variationMs) - this.variationMs)
    if (Number.isNaN(this.#least)) {
      this.#least = smoothedMs
      this.#nextMs = nowMs + INTERVAL_MS
    } else if (nowMs >= this.#nextMs) {
      this.#leastBefore = this.#least
      this.#least = smoothedMs
      this.#nextMs = nowMs + INTERVAL_MS
    } else if (smoothedMs < this.#least) this.#least = smoothedMs
    const least = this.#leastBefore < this.#least ? this.#leastBefore : this.#least
    this.queueMs = smoothedMs - least
  }
}
