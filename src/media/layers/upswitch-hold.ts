/**
 * When more may be tried: only what the estimate has allowed for a while, not soon after a change, and after a try that failed not for
 * long. So a link that stays as it is sees few changes, and one that recovers is used again soon.
 */

/** The estimate has to allow it for this long. */
export const UP_AFTER_MS = 1000
/** Time between two steps up, and between a step down and one up. */
const AFTER_UP_MS = 1500
const AFTER_DOWN_MS = 2000
/** A step down this soon after one up says that the step up was a mistake. */
const FAILURE_MS = 30_000
/** How long nothing is tried after the first failure, after the next twice as long, and so on. */
const FIRST_PENALTY_MS = 30_000
const LONGEST_PENALTY_MS = 120_000
/** An estimate that has fallen below this part of what it was says that the link has changed: nobody has failed. */
const COLLAPSE = 0.6
/** And so does one that has grown to this many times what it was when the try failed. */
const GROWTH = 1.5

const BUCKETS = 10

/** The hold of one viewer. */
export class UpswitchHold {
  /** A ring of the least estimate in each part of the window. */
  readonly #least = new Float64Array(BUCKETS).fill(Number.POSITIVE_INFINITY)
  #bucket = Number.NEGATIVE_INFINITY
  #bps = Number.NaN
  #firstMs = Number.NaN
  #untilMs = Number.NEGATIVE_INFINITY
  #upMs = Number.NEGATIVE_INFINITY
  #upBps = 0
  #failures = 0
  #penaltyUntilMs = Number.NEGATIVE_INFINITY
  /** The least estimate since the last step down. */
  #leastSinceDown = Number.POSITIVE_INFINITY

  /** The estimate is `bps` now. */
  observe(bps: number, nowMs: number): void {
    if (Number.isNaN(this.#firstMs)) this.#firstMs = nowMs
    const bucket = Math.floor((nowMs * BUCKETS) / UP_AFTER_MS)
    const steps = Math.min(BUCKETS, bucket - this.#bucket)
    // In between it was what it was last.
    for (let i = 0; i < steps; i++) this.#least[slotOf(bucket - i)] = Number.isNaN(this.#bps) ? bps : this.#bps
    this.#bucket = Math.max(bucket, this.#bucket)
    const slot = slotOf(bucket)
    this.#least[slot] = Math.min(this.#least[slot] as number, bps)
    this.#bps = bps
    this.#leastSinceDown = Math.min(this.#leastSinceDown, bps)
  }

  /** What the estimate has allowed for long enough; 0 while nothing more may be tried. */
  allowedBps(nowMs: number): number {
    if (this.#bps === Number.POSITIVE_INFINITY && nowMs >= this.#untilMs) return this.#bps
    if (nowMs < this.#untilMs || nowMs - this.#firstMs < UP_AFTER_MS) return 0
    let least = Number.POSITIVE_INFINITY
    for (const bps of this.#least) least = Math.min(least, bps)
    const changed = this.#hasCollapsed || least >= GROWTH * this.#upBps
    return nowMs < this.#penaltyUntilMs && !changed ? 0 : least
  }

  /** More is being sent. */
  steppedUp(nowMs: number): void {
    if (this.#hasCollapsed) this.#failures = 0
    this.#leastSinceDown = Number.POSITIVE_INFINITY
    this.#upMs = nowMs
    this.#upBps = this.#bps
    this.#untilMs = nowMs + AFTER_UP_MS
  }

  /** Less is being sent, because of the estimate. */
  steppedDown(nowMs: number): void {
    this.#untilMs = nowMs + AFTER_DOWN_MS
    if (nowMs - this.#upMs < FAILURE_MS) {
      this.#failures++
      const penaltyMs = FIRST_PENALTY_MS * 2 ** (this.#failures - 1)
      this.#penaltyUntilMs = nowMs + Math.min(penaltyMs, LONGEST_PENALTY_MS)
      // Further steps of the same way down are no further failures.
      this.#upMs = Number.NEGATIVE_INFINITY
    } else if (nowMs >= this.#penaltyUntilMs) this.#failures = 0
    this.#leastSinceDown = this.#bps
  }

  get #hasCollapsed(): boolean {
    return this.#leastSinceDown < COLLAPSE * this.#upBps
  }
}

function slotOf(bucket: number): number {
  return ((bucket % BUCKETS) + BUCKETS) % BUCKETS
}
