/** Bits per second over a sliding window, in constant memory. */
export class RateMeter {
  readonly #buckets: Float64Array
  readonly #bucketMs: number
  #current = Number.NEGATIVE_INFINITY
  #firstMs = Number.NaN
  #sumBytes = 0

  /** @param windowMs how far back it looks; @param buckets into how many steps that is cut. */
  constructor(windowMs = 1000, buckets = 10) {
    this.#buckets = new Float64Array(buckets)
    this.#bucketMs = windowMs / buckets
  }

  /** Counts `bytes` at `nowMs`. */
  add(bytes: number, nowMs: number): void {
    if (Number.isNaN(this.#firstMs)) this.#firstMs = nowMs
    this.#advance(nowMs)
    const slot = this.#current % this.#buckets.length
    this.#buckets[slot] = (this.#buckets[slot] as number) + bytes
    this.#sumBytes += bytes
  }

  /** The rate of the window that ends at `nowMs`. */
  bps(nowMs: number): number {
    if (Number.isNaN(this.#firstMs)) return 0
    this.#advance(nowMs)
    const windowMs = this.#bucketMs * this.#buckets.length
    // A stream younger than the window is averaged over its own age, though never over less than one bucket.
    const spanMs = Math.min(windowMs, Math.max(this.#bucketMs, nowMs - this.#firstMs))
    return (this.#sumBytes * 8000) / spanMs
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor(nowMs / this.#bucketMs)
    if (bucket <= this.#current) return
    const steps = Math.min(bucket - this.#current, this.#buckets.length)
    for (let i = 0; i < steps; i++) {
      const slot = (bucket - i) % this.#buckets.length
      this.#sumBytes -= this.#buckets[slot] as number
      this.#buckets[slot] = 0
    }
    this.#current = bucket
  }
}
