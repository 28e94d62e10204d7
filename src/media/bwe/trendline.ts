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

/** A queue that grows shows as a positive trend. */
export class Trendline {
  /** The delay since the beginning, smoothed; only differences mean anything. */
  smoothedMs = 0
  /** The slope of the line, weighted: what the over-use detector compares. */
  trend = 0
  readonly #arrivalMs = new Float64Array(WINDOW)
  readonly #delayMs = new Float64Array(WINDOW)
  #accumulatedMs = 0
  #firstArrivalMs = 0
  #count = 0

  /** Starts over. */
  reset(): void {
    this.smoothedMs = 0
    this.trend = 0
    this.#accumulatedMs = 0
    this.#count = 0
  }

  /** Takes the delay variation of a group that arrived at `arrivalMs`. */
  add(variationMs: number, arrivalMs: number): void {
    if (this.#count === 0) this.#firstArrivalMs = arrivalMs
    this.#accumulatedMs += variationMs
    this.smoothedMs = SMOOTHING * this.smoothedMs + (1 - SMOOTHING) * this.#accumulatedMs
    const at = this.#count++ % WINDOW
    this.#arrivalMs[at] = arrivalMs - this.#firstArrivalMs
    this.#delayMs[at] = this.smoothedMs
    if (this.#count >= WINDOW) this.trend = Math.min(this.#count, FULL_WEIGHT_GROUPS) * GAIN * this.#slope()
  }

  #slope(): number {
    let sumX = 0
    let sumY = 0
    for (let i = 0; i < WINDOW; i++) {
      sumX += this.#arrivalMs[i] as number
      sumY += this.#delayMs[i] as number
    }
    const meanX = sumX / WINDOW
    const meanY = sumY / WINDOW
    let numerator = 0
    let denominator = 0
    for (let i = 0; i < WINDOW; i++) {
      const x = (this.#arrivalMs[i] as number) - meanX
      numerator += x * ((this.#delayMs[i] as number) - meanY)
      denominator += x * x
    }
    return denominator === 0 ? 0 : numerator / denominator
  }
}
