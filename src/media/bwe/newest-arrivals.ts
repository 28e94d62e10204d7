/**
 * The rate of the newest arrivals alone: a tenth of a second, longer where few packets come. While a queue is there, it is what the link
 * carries, whatever was sent before.
 */

const BUCKET_MS = 10
const BUCKETS = 40
const LEAST_BUCKETS = 10
const LEAST_PACKETS = 8

/** Fed with every received packet. Buckets by the receiver's clock. */
export class NewestArrivals {
  /** A ring of bytes and packets in turns. */
  readonly #counts = new Uint32Array(2 * BUCKETS)
  /** Where in it the newest bucket is, and which one that is since the clock's beginning, which may be below zero. */
  #at = 0
  #newest = Number.NaN
  #newestMs = 0

  add(bytes: number, arrivalMs: number): void {
    const bucket = Math.floor(arrivalMs / BUCKET_MS)
    const ahead = bucket - this.#newest
    if (ahead > 0 && ahead < BUCKETS) this.#advance(ahead)
    // The beginning, and a clock that was set.
    else if (!(Math.abs(ahead) < BUCKETS)) {
      this.#counts.fill(0)
      this.#newest = bucket
      this.#newestMs = arrivalMs
    }
    if (arrivalMs > this.#newestMs) this.#newestMs = arrivalMs
    let at = ahead < 0 && ahead > -BUCKETS ? this.#at + ahead : this.#at
    if (at < 0) at += BUCKETS
    this.#counts[2 * at] = (this.#counts[2 * at] as number) + bytes
    this.#counts[2 * at + 1] = (this.#counts[2 * at + 1] as number) + 1
  }

  /** NaN before anything has arrived. */
  get bps(): number {
    let bytes = 0
    let packets = 0
    let back = 0
    for (let at = this.#at; back < BUCKETS; back++, at = (at === 0 ? BUCKETS : at) - 1) {
      if (back >= LEAST_BUCKETS && packets >= LEAST_PACKETS) break
      bytes += this.#counts[2 * at] as number
      packets += this.#counts[2 * at + 1] as number
    }
    return (bytes * 8000) / (this.#newestMs - (this.#newest + 1 - back) * BUCKET_MS)
  }

  #advance(buckets: number): void {
    this.#newest += buckets
    for (let i = 0; i < buckets; i++) {
      this.#at = this.#at + 1 === BUCKETS ? 0 : this.#at + 1
      this.#counts[2 * this.#at] = 0
      this.#counts[2 * this.#at + 1] = 0
    }
  }
}
