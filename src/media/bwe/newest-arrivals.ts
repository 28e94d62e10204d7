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
  readonly #bytes = new Float64Array(BUCKETS)
  readonly #packets = new Uint16Array(BUCKETS)
  #newest = Number.NaN
  #newestMs = 0

  add(bytes: number, arrivalMs: number): void {
    const bucket = Math.floor(arrivalMs / BUCKET_MS)
    // The beginning, and a clock that was set.
    if (!(Math.abs(bucket - this.#newest) < BUCKETS)) {
      this.#bytes.fill(0)
      this.#packets.fill(0)
      this.#newest = bucket
      this.#newestMs = arrivalMs
    }
    for (; this.#newest < bucket; this.#newest++) {
      const slot = slotOf(this.#newest + 1)
      this.#bytes[slot] = 0
      this.#packets[slot] = 0
    }
    if (arrivalMs > this.#newestMs) this.#newestMs = arrivalMs
    const slot = slotOf(bucket)
    this.#bytes[slot] = (this.#bytes[slot] as number) + bytes
    this.#packets[slot] = (this.#packets[slot] as number) + 1
  }

  /** NaN before anything has arrived. */
  get bps(): number {
    let bytes = 0
    let packets = 0
    let back = 0
    for (; back < BUCKETS; back++) {
      if (back >= LEAST_BUCKETS && packets >= LEAST_PACKETS) break
      const slot = slotOf(this.#newest - back)
      bytes += this.#bytes[slot] as number
      packets += this.#packets[slot] as number
    }
    return (bytes * 8000) / (this.#newestMs - (this.#newest + 1 - back) * BUCKET_MS)
  }
}

/** A clock may begin anywhere, below zero as well. */
function slotOf(bucket: number): number {
  return ((bucket % BUCKETS) + BUCKETS) % BUCKETS
}
