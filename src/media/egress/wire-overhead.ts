/** What the network carries besides RTP packets: the headers around each of them. */

/** IPv4 and UDP headers, and what SRTP adds. */
export const OVERHEAD_BYTES = 28 + 16

const WINDOW_MS = 500

/** Tells what the headers of packets take: of the last complete window, so that it costs little and wavers little. */
export class WireOverhead {
  /** Of `#sinceMs`. */
  #packets = 0
  #sinceMs = Number.NaN
  #bps = 0

  /** The rate of late; `packets` have been sent so far. */
  bps(packets: number, nowMs: number): number {
    if (Number.isNaN(this.#sinceMs)) this.#sinceMs = nowMs
    const elapsedMs = nowMs - this.#sinceMs
    if (elapsedMs < WINDOW_MS) return this.#bps
    this.#bps = ((packets - this.#packets) * OVERHEAD_BYTES * 8000) / elapsedMs
    this.#packets = packets
    this.#sinceMs = nowMs
    return this.#bps
  }
}
