/** How much DTLS one peer may make us work for: handshakes cost milliseconds, and anybody with an answer can begin one. */

/** A handshake takes about ten datagrams, retransmissions included a few dozen. */
const MAX_BEFORE_CONNECTED = 200
const BURST = 50
const PER_SECOND = 20

/** A token bucket, and before the handshake is complete a total as well. */
export class DtlsAdmission {
  #tokens = BURST
  #lastMs = Number.NaN
  #total = 0

  /** True if one more datagram may be looked at. */
  admit(nowMs: number, connected: boolean): boolean {
    if (!Number.isNaN(this.#lastMs)) {
      this.#tokens = Math.min(BURST, this.#tokens + ((nowMs - this.#lastMs) * PER_SECOND) / 1000)
    }
    this.#lastMs = nowMs
    if (this.#tokens < 1) return false
    if (!connected && ++this.#total > MAX_BEFORE_CONNECTED) return false
    this.#tokens--
    return true
  }
}
