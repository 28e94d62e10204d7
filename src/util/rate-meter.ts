/** Bits per second over a sliding window, in constant memory. */
export class RateMeter {
  /** Of the newest bucket, which counting alone touches. */
  #newestBytes = 0
  #newestEndsMs = Number.NEGATIVE_INFINITY
  /** The buckets before it, of which `#sumBytes` is the sum. */
  readonly #buckets: Uint32Array
  readonly #bucketMs: number
  #current = Number.NEGATIVE_INFINITY
  #firstMs = Number.NaN
  #sumBytes = 0

  /** @param windowMs how far back it looks; @param buckets into how many steps that is cut. */
  constructor(windowMs = 1000, buckets = 10) {
    this.#buckets = new Uint32Array(buckets)
    this.#bucketMs = windowMs / buckets
  }

  /** Counts `bytes` at `nowMs`. */
  add(bytes: number, nowMs: number): void {
    if (nowMs >= this.#newestEndsMs) this.#advance(nowMs)
    this.#newestBytes += bytes
  }

  /** The rate of the window that ends at `nowMs`. */
  bps(nowMs: number): number {
    if (Number.isNaN(this.#firstMs)) return 0
    if (nowMs >= this.#newestEndsMs) this.#advance(nowMs)
    // The newest bucket is not full yet, so the window is that much shorter. A stream younger than the window is averaged over its
    // own age, though never over less than one bucket.
    const oldestMs = (this.#current - this.#buckets.length + 1) * this.#bucketMs
    const spanMs = Math.max(this.#bucketMs, nowMs - Math.max(oldestMs, this.#firstMs))
    return ((this.#sumBytes + this.#newestBytes) * 8000) / spanMs
  }

  #advance(nowMs: number): void {
    if (Number.isNaN(this.#firstMs)) this.#firstMs = nowMs
    const bucket = Math.floor(nowMs / this.#bucketMs)
    if (this.#newestBytes > 0) {
      const slot = this.#slot(this.#current)
      this.#buckets[slot] = (this.#buckets[slot] as number) + this.#newestBytes
      this.#sumBytes += this.#newestBytes
      this.#newestBytes = 0
    }
    const steps = Math.min(bucket - this.#current, this.#buckets.length)
    for (let i = 0; i < steps; i++) {
      const slot = this.#slot(bucket - i)
      this.#sumBytes -= this.#buckets[slot] as number
      this.#buckets[slot] = 0
    }
    this.#current = bucket
    this.#newestEndsMs = (bucket + 1) * this.#bucketMs
  }

  /** Buckets are numbered from the clock's origin, so the numbers around it can be negative. */
  #slot(bucket: number): number {
    const { length } = this.#buckets
    return ((bucket % length) + length) % length
  }
}
