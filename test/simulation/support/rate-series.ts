/** Bytes over time, so that rates can be asked for afterwards. */

const BUCKET_MS = 50

export class RateSeries {
  bytes = 0
  packets = 0
  readonly #keep: boolean
  readonly #buckets = new Map<number, number>()

  constructor(keep = true) {
    this.#keep = keep
  }

  add(bytes: number, nowMs: number): void {
    this.bytes += bytes
    this.packets++
    if (!this.#keep) return
    const bucket = Math.floor(nowMs / BUCKET_MS)
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + bytes)
  }

  /** The average rate between two times, which are taken to whole 50 ms. */
  bps(fromMs: number, toMs: number): number {
    const [from, to] = [Math.round(fromMs / BUCKET_MS), Math.round(toMs / BUCKET_MS)]
    let bytes = 0
    for (let bucket = from; bucket < to; bucket++) bytes += this.#buckets.get(bucket) ?? 0
    return (bytes * 8000) / ((to - from) * BUCKET_MS)
  }
}
