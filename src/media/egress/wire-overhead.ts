/** What the network carries besides RTP packets: the headers around each of them. */

/** IPv4 and UDP headers, and what SRTP adds. */
export const OVERHEAD_BYTES = 28 + 16

const WINDOW_MS = 500

/** Counts packets, and tells what their headers take: of the last complete window, so that it costs little and wavers little. */
export class WireOverhead {
  #packets = 0
  #sinceMs = Number.NaN
  #bps = 0

  /** A packet has been sent. */
  count(): void {
    this.#packets++
  }

  /** The rate of late. */
  bps(nowMs: number): number {
    if (Number.isNaN(this.#sinceMs)) this.#sinceMs = nowMs
    const elapsedMs = nowMs - this.#sinceMs
    if (elapsedMs < WINDOW_MS) return this.#bps
    this.#bps = (this.#packets * OVERHEAD_BYTES * 8000) / elapsedMs
    this.#packets = 0
    this.#sinceMs = nowMs
    return this.#bps
  }
}
