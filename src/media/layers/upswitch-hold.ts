/**
 * When more may be tried: only what the estimate has allowed for a while, not soon after a change, and what has failed before not for long. So a
 * link that stays as it is sees few changes, and one that recovers is used again soon.
 */

/** The estimate has to allow it for this long. */
export const UP_AFTER_MS = 1000
/** Time between two steps up, and between a step down and one up. */
const AFTER_UP_MS = 1500
const AFTER_DOWN_MS = 2000
/** An estimate this many times what it was a moment ago is still on its way up: one step to where it gets is better than two. */
const RISING = 1.5
/** A step down this soon after one up says that the step up was a mistake. */
const FAILURE_MS = 30_000
/** How long what has failed is not tried again after the first failure, after the next twice as long, and so on. */
const FIRST_PENALTY_MS = 30_000
const LONGEST_PENALTY_MS = 120_000
/** What needs this part of what has failed counts as the same: rates of layers waver. */
const SAME_NEED = 0.8
/** An estimate that stays below this part of what it was at the try says that the link has changed: nobody has failed. */
const COLLAPSE = 0.6
/** And so does one that has grown to this many times what it was. */
const GROWTH = 1.5

const BUCKETS = 10

/** The hold of one viewer. */
export class UpswitchHold {
  /** Rings of the least and the most of the estimate in each part of the window. */
  readonly #least = new Float64Array(BUCKETS).fill(Number.POSITIVE_INFINITY)
  readonly #most = new Float64Array(BUCKETS).fill(Number.POSITIVE_INFINITY)
  #bucket = Number.NEGATIVE_INFINITY
  #bps = Number.NaN
  #firstMs = Number.NaN
  #untilMs = Number.NEGATIVE_INFINITY
  /** The newest step up that has not failed: when, at which estimate, and what was needed from then on. */
  #upMs = Number.NEGATIVE_INFINITY
  #upBps = 0
  #upNeedBps = 0
  #failures = 0
  /** What has failed and is not tried again before `#blockedUntilMs`, and the estimate that it was tried at. */
  #blockedBps = 0
  #blockedAtBps = 0
  #blockedUntilMs = Number.NEGATIVE_INFINITY

  /** When more was begun that has not failed. */
  get upMs(): number {
    return this.#upMs
  }

  /** The estimate is `bps` now. */
  observe(bps: number, nowMs: number): void {
    if (Number.isNaN(this.#firstMs)) this.#firstMs = nowMs
    const bucket = Math.floor((nowMs * BUCKETS) / UP_AFTER_MS)
    const steps = Math.min(BUCKETS, bucket - this.#bucket)
    // In between it was what it was last.
    const before = Number.isNaN(this.#bps) ? bps : this.#bps
    for (let i = 0; i < steps; i++) {
      this.#least[slotOf(bucket - i)] = before
      this.#most[slotOf(bucket - i)] = before
    }
    this.#bucket = Math.max(bucket, this.#bucket)
    const slot = slotOf(bucket)
    this.#least[slot] = Math.min(this.#least[slot] as number, bps)
    this.#most[slot] = Math.max(this.#most[slot] as number, bps)
    this.#bps = bps
    if (nowMs < this.#blockedUntilMs && this.#hasLinkChanged) {
      this.#failures = 0
      this.#blockedUntilMs = Number.NEGATIVE_INFINITY
    }
  }

  /** What the estimate has allowed for long enough; 0 while nothing more may be tried. */
  allowedBps(nowMs: number): number {
    if (nowMs < this.#untilMs) return 0
    if (this.#bps === Number.POSITIVE_INFINITY) return this.#bps
    if (nowMs - this.#firstMs < UP_AFTER_MS) return 0
    const least = Math.min(...this.#least)
    return this.#bps >= RISING * least ? 0 : least
  }

  /** What is needed has to be less than this. */
  belowBps(nowMs: number): number {
    return nowMs < this.#blockedUntilMs ? this.#blockedBps : Number.POSITIVE_INFINITY
  }

  /** More is being sent: `neededBps`, everything together. */
  steppedUp(neededBps: number, nowMs: number): void {
    this.#upMs = nowMs
    this.#upBps = this.#bps
    this.#upNeedBps = neededBps
    this.#untilMs = nowMs + AFTER_UP_MS
  }

  /** Less is being sent, because of the estimate. */
  steppedDown(nowMs: number): void {
    this.#untilMs = nowMs + AFTER_DOWN_MS
    if (nowMs - this.#upMs >= FAILURE_MS) {
      if (nowMs >= this.#blockedUntilMs) this.#failures = 0
      return
    }
    this.#failures++
    const penaltyMs = FIRST_PENALTY_MS * 2 ** (this.#failures - 1)
    this.#blockedUntilMs = nowMs + Math.min(penaltyMs, LONGEST_PENALTY_MS)
    this.#blockedBps = SAME_NEED * this.#upNeedBps
    this.#blockedAtBps = this.#upBps
    // Further steps of the same way down are no further failures.
    this.#upMs = Number.NEGATIVE_INFINITY
  }

  /** The estimate has been far from what it was when what is blocked was tried. */
  get #hasLinkChanged(): boolean {
    const hasCollapsed = Math.max(...this.#most) < COLLAPSE * this.#blockedAtBps
    return hasCollapsed || Math.min(...this.#least) >= GROWTH * this.#blockedAtBps
  }
}

function slotOf(bucket: number): number {
  return ((bucket % BUCKETS) + BUCKETS) % BUCKETS
}
