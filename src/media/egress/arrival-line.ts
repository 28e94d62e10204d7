/**
 * The RTP time of an outgoing stream by our own clock, as its packets come: the line that the least delayed of them lie on. It stands in for
 * the publisher's sender reports where there are none, so it must not waver with the network's jitter.
 */
import { timestampDelta } from '../../rtp/sequence.js'
import { slew } from './slew.js'

/** A packet that comes this much later than the line says is not late: time itself has moved on. */
const MAX_LATE_MS = 1000

/** See the top of the file. */
export class ArrivalLine {
  clockRate = 0
  /** A point of the line. */
  #timestamp = 0
  #ms = 0
  #followedMs = 0

  /** A line through one packet. */
  start(timestamp: number, arrivalMs: number, clockRate: number): void {
    this.clockRate = clockRate
    this.#timestamp = timestamp
    this.#ms = arrivalMs
    this.#followedMs = arrivalMs
  }

  /** The newest packet has `timestamp` and came at `arrivalMs`. Earlier than the line moves it at once, later slowly: that may be jitter or drift. */
  follow(timestamp: number, arrivalMs: number, nowMs: number): void {
    const expectedMs = this.#ms + (timestampDelta(timestamp, this.#timestamp) * 1000) / this.clockRate
    const lateMs = arrivalMs - expectedMs
    this.#ms = lateMs <= 0 ? arrivalMs : expectedMs + slew(lateMs, nowMs - this.#followedMs, MAX_LATE_MS)
    this.#timestamp = timestamp
    this.#followedMs = nowMs
  }

  /** The RTP time at `nowMs`. */
  timestampAt(nowMs: number): number {
    return (this.#timestamp + Math.round(((nowMs - this.#ms) * this.clockRate) / 1000)) >>> 0
  }
}
