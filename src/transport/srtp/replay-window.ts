/** Which packet indexes were already received: a sliding window of bits (RFC 3711, section 3.3.2). */

/** The indexes of one SSRC, RTP or RTCP. A check changes nothing; `record` is for authenticated packets only. */
export class ReplayWindow {
  // A ring: the bit of an index is at the index modulo the size, so nothing moves when the window slides.
  readonly #bits: Uint32Array
  readonly #size: number
  #highest = -1

  /** @param size how many indexes it looks back, the highest included; a power of two, at least 32. */
  constructor(size: number) {
    this.#size = size
    this.#bits = new Uint32Array(size >>> 5)
  }

  /** The highest recorded index; -1 before the first. */
  get highest(): number {
    return this.#highest
  }

  /** False if `index` was recorded before, or is too old to know. */
  isFresh(index: number): boolean {
    if (index > this.#highest) return true
    if (this.#highest - index >= this.#size) return false
    const bit = index & (this.#size - 1)
    return ((this.#bits[bit >>> 5] as number) & (1 << (bit & 31))) === 0
  }

  /** Marks `index`, which is fresh, as received. */
  record(index: number): void {
    if (index > this.#highest) this.#slideTo(index)
    const bit = index & (this.#size - 1)
    this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] as number) | (1 << (bit & 31))
  }

  #slideTo(index: number): void {
    if (index - this.#highest >= this.#size) {
      this.#bits.fill(0)
    } else {
      for (let skipped = this.#highest + 1; skipped <= index; skipped++) {
        const bit = skipped & (this.#size - 1)
        this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] as number) & ~(1 << (bit & 31))
      }
    }
    this.#highest = index
  }
}
