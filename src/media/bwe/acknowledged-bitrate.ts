/**
 * What really arrives (R_hat of draft-ietf-rmcat-gcc-02, section 5.5), by the receiver's clock: rates of short windows, brought together
 * by a scalar Kalman filter that trusts a window the less the further it is off.
 */

/** The first window is longer, because nothing smooths it. */
const FIRST_WINDOW_MS = 500
const WINDOW_MS = 150
/** Nothing for this long: what follows starts over. */
const SILENCE_MS = 2000
/** How much the true rate may wander between two windows (variance, kbps). */
const DRIFT = 5
/** The standard deviation of a window that is off by as much as it is large (kbps). */
const NOISE_KBPS = 10
/** A smaller one if the sender itself sends unevenly. */
const NOISE_APP_LIMITED_KBPS = 25

/** Fed with every received packet. */
export class AcknowledgedBitrate {
  /** Of the newest window alone; NaN before the first is over. */
  newestWindowBps = Number.NaN
  #bps = Number.NaN
  #variance = 50
  #windowStartMs = Number.NaN
  #newestMs = 0
  #bytes = 0

  /** Undefined, as NaN, before the first window is over. */
  get bps(): number {
    return this.#bps
  }

  /** Forgets everything. */
  reset(): void {
    this.newestWindowBps = Number.NaN
    this.#bps = Number.NaN
    this.#variance = 50
    this.#windowStartMs = Number.NaN
    this.#bytes = 0
  }

  /** `bytes` have arrived at some time since the last that were told of. */
  addUntimed(bytes: number): void {
    this.#bytes += bytes
  }

  /** `bytes` have arrived at `arrivalMs`. */
  add(bytes: number, arrivalMs: number, appLimited: boolean): void {
    if (Number.isNaN(this.#windowStartMs)) {
      this.#windowStartMs = arrivalMs
      this.#newestMs = arrivalMs
    }
    if (arrivalMs > this.#newestMs) {
      if (arrivalMs - this.#newestMs > SILENCE_MS) {
        this.reset()
        this.#windowStartMs = arrivalMs
      }
      this.#newestMs = arrivalMs
    } else if (this.#newestMs - arrivalMs > SILENCE_MS) {
      // The receiver's clock was set back.
      this.reset()
      this.#windowStartMs = arrivalMs
      this.#newestMs = arrivalMs
    }
    const spanMs = arrivalMs - this.#windowStartMs
    const windowMs = Number.isNaN(this.#bps) ? FIRST_WINDOW_MS : WINDOW_MS
    if (spanMs >= windowMs) {
      this.#observe((this.#bytes * 8) / spanMs, appLimited)
      this.#bytes = 0
      this.#windowStartMs = arrivalMs
    }
    this.#bytes += bytes
  }

  #observe(sampleKbps: number, appLimited: boolean): void {
    this.newestWindowBps = sampleKbps * 1000
    if (Number.isNaN(this.#bps)) {
      this.#bps = sampleKbps * 1000
      return
    }
    const kbps = this.#bps / 1000
    const noise = appLimited && sampleKbps < kbps ? NOISE_APP_LIMITED_KBPS : NOISE_KBPS
    const deviation = kbps > 0 ? (noise * Math.abs(kbps - sampleKbps)) / kbps : noise
    const sampleVariance = Math.max(1e-3, deviation * deviation)
    const predicted = this.#variance + DRIFT
    this.#bps = ((sampleVariance * kbps + predicted * sampleKbps) / (sampleVariance + predicted)) * 1000
    this.#variance = (sampleVariance * predicted) / (sampleVariance + predicted)
  }
}
