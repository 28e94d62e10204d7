/**
 * The trend of the one-way delay: a least-squares line through the smoothed, accumulated delay variation of the last groups. It takes the
 * place of the Kalman filter of draft-ietf-rmcat-gcc-02, section 5.3, as it does in libwebrtc.
 */

/** Groups under the line. */
const WINDOW = 20
/** The weight of the past in the smoothed delay. */
const SMOOTHING = 0.9
/** Few groups say little: up to this many, the trend counts in proportion. */
const FULL_WEIGHT_GROUPS = 60
/** Brings the trend to the range of the draft's threshold. */
const GAIN = 4
/** Arrivals are told in quarters of a millisecond; a line through a single time has no slope. */
const MIN_SPREAD = 1e-6

/** A queue that grows shows as a positive trend. */
export class Trendline {
  /** The delay since the beginning, smoothed; only differences mean anything. */
  smoothedMs = 0
  /** The slope of the line, weighted: what the over-use detector compares. */
  trend = 0
  /** A ring of arrival and delay in turns. */
  readonly #points = new Float64Array(2 * WINDOW)
  #accumulatedMs = 0
  #count = 0
  #at = 0
  // The line follows from these sums over the ring. They are of differences to one of its points, taken anew with every round of the ring:
  // so they are small numbers, and their errors do not add up.
  #originX = 0
  #originY = 0
  #sumX = 0
  #sumY = 0
  #sumXX = 0
  #sumXY = 0

  /** Starts over. */
  reset(): void {
    this.smoothedMs = 0
    this.trend = 0
    this.#accumulatedMs = 0
    this.#count = 0
    this.#at = 0
  }

  /** Takes the delay variation of a group that arrived at `arrivalMs`. */
  add(variationMs: number, arrivalMs: number): void {
    this.#accumulatedMs += variationMs
    this.smoothedMs = SMOOTHING * this.smoothedMs + (1 - SMOOTHING) * this.#accumulatedMs
    const at = 2 * this.#at
    if (this.#count++ >= WINDOW) this.#include(this.#points[at] as number, this.#points[at + 1] as number, -1)
    this.#points[at] = arrivalMs
    this.#points[at + 1] = this.smoothedMs
    this.#include(arrivalMs, this.smoothedMs, 1)
    if (++this.#at === WINDOW) this.#startRound()
    if (this.#count >= WINDOW) this.trend = Math.min(this.#count, FULL_WEIGHT_GROUPS) * GAIN * this.#slope()
  }

  /** @param sign 1 for a point that comes, -1 for one that goes. */
  #include(arrivalMs: number, delayMs: number, sign: 1 | -1): void {
    const x = arrivalMs - this.#originX
    const y = delayMs - this.#originY
    this.#sumX += sign * x
    this.#sumY += sign * y
    this.#sumXX += sign * x * x
    this.#sumXY += sign * x * y
  }

  #startRound(): void {
    this.#at = 0
    this.#originX = this.#points[0] as number
    this.#originY = this.#points[1] as number
    this.#sumX = 0
    this.#sumY = 0
    this.#sumXX = 0
    this.#sumXY = 0
    for (let i = 0; i < WINDOW; i++) this.#include(this.#points[2 * i] as number, this.#points[2 * i + 1] as number, 1)
  }

  #slope(): number {
    const numerator = this.#sumXY - (this.#sumX * this.#sumY) / WINDOW
    const denominator = this.#sumXX - (this.#sumX * this.#sumX) / WINDOW
    return denominator < MIN_SPREAD ? 0 : numerator / denominator
  }
}
