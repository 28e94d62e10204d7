/**
 * What really arrives (R_hat of draft-ietf-rmcat-gcc-02, section 5.5), by the receiver's clock: rates of short windows, brought together
 * by a scalar Kalman filter that trusts a window the less the further it is off.
 */

import { NewestArrivals } from './newest-arrivals.js'
import type { ReceivedPackets } from './received-packets.js'

/** The first window is longer, because nothing smooths it. */
const FIRST_WINDOW_MS = 500
const WINDOW_MS = 150
/** Nothing for this long: what follows starts over. */
const SILENCE_MS = 2000
/** Of the first window, and after a jump. */
const FIRST_VARIANCE = 50
/** How much the true rate may wander between two windows (variance, kbps). */
const DRIFT = 5
/** The standard deviation of a window that is off by as much as it is large (kbps). */
const NOISE_KBPS = 10
/** A smaller one if the sender itself sends unevenly. */
const NOISE_APP_LIMITED_KBPS = 25
/** Two windows in a row that are off by this factor, to the same side, are another rate: the filter would take seconds to get there. */
const JUMP = 1.5

/** Fed with every received packet. */
export class AcknowledgedBitrate {
  /** Of the newest window alone; NaN before the first is over. */
  newestWindowBps = Number.NaN
  readonly #newest = new NewestArrivals()
  #bps = Number.NaN
  #variance = FIRST_VARIANCE
  #windowStartMs = Number.NaN
  #newestMs = Number.NaN
  #bytes = 0
  /** To which side the newest window was far off: 1, -1, or 0. */
  #side = 0

  /** Undefined, as NaN, before the first window is over. */
  get bps(): number {
    return this.#bps
  }

  /** Of the newest arrivals alone, about a tenth of a second. */
  get newestBps(): number {
    return this.#newest.bps
  }

  /** `bytes` have arrived at some time since the last that were told of. */
  addUntimed(bytes: number): void {
    this.#bytes += bytes
  }

  /** All of these have arrived. */
  addAll({ count, bytes, arrivalMs }: ReceivedPackets, appLimited: boolean): void {
    for (let i = 0; i < count; i++) {
      if (bytes[i] !== 0) this.add(bytes[i] as number, arrivalMs[i] as number, appLimited)
    }
  }

  /** `bytes` have arrived at `arrivalMs`. */
  add(bytes: number, arrivalMs: number, appLimited: boolean): void {
    this.#newest.add(bytes, arrivalMs)
    // The first packet, one behind a silence, or a receiver's clock that was set back.
    if (!(Math.abs(arrivalMs - this.#newestMs) <= SILENCE_MS)) this.#begin(arrivalMs)
    if (arrivalMs > this.#newestMs) this.#newestMs = arrivalMs
    const spanMs = arrivalMs - this.#windowStartMs
    const windowMs = Number.isNaN(this.#bps) ? FIRST_WINDOW_MS : WINDOW_MS
    if (spanMs >= windowMs) {
      this.#observe((this.#bytes * 8) / spanMs, appLimited)
      this.#bytes = 0
      this.#windowStartMs = arrivalMs
    }
    this.#bytes += bytes
  }

  /** Forgets what was. The newest arrivals see to that themselves. */
  #begin(arrivalMs: number): void {
    this.newestWindowBps = Number.NaN
    this.#bps = Number.NaN
    this.#variance = FIRST_VARIANCE
    this.#side = 0
    this.#bytes = 0
    this.#windowStartMs = arrivalMs
    this.#newestMs = arrivalMs
  }

  #observe(sampleKbps: number, appLimited: boolean): void {
    const beforeBps = this.newestWindowBps
    this.newestWindowBps = sampleKbps * 1000
    if (Number.isNaN(this.#bps)) {
      this.#bps = sampleKbps * 1000
      return
    }
    if (this.#hasJumped(this.newestWindowBps)) {
      this.#bps = (beforeBps + this.newestWindowBps) / 2
      this.#variance = FIRST_VARIANCE
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

  #hasJumped(windowBps: number): boolean {
    const side = windowBps > JUMP * this.#bps ? 1 : windowBps * JUMP < this.#bps ? -1 : 0
    const jumped = side !== 0 && side === this.#side
    this.#side = jumped ? 0 : side
    return jumped
  }
}
