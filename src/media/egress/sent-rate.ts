/** The rate of what a stream has sent, told by its total: while that grows, nothing has to be done for it but every tenth of a second. */
import { RateMeter } from '../../util/rate-meter.js'
import type { FlatRecord } from './flat-record.js'
import { BYTES, RATE_DUE_MS } from './stream-record.js'

const WINDOW_MS = 1000
const BUCKETS = 10
const BUCKET_MS = WINDOW_MS / BUCKETS

/** The rate of the stream whose record it is given. */
export class SentRate {
  readonly #meter = new RateMeter(WINDOW_MS, BUCKETS)
  readonly #record: FlatRecord
  /** What the meter has counted of the total. */
  #counted = 0
  /** A time of the bucket that the rest belongs to. */
  #sinceMs = Number.NaN

  constructor(record: FlatRecord) {
    this.#record = record
    record.numbers[record.at + RATE_DUE_MS] = Number.NEGATIVE_INFINITY
  }

  /** To be called before something is added to the total, if `RATE_DUE_MS` has come. */
  count(nowMs: number): void {
    this.#settle()
    const { numbers, at } = this.#record
    this.#sinceMs = nowMs
    numbers[at + RATE_DUE_MS] = (Math.floor(nowMs / BUCKET_MS) + 1) * BUCKET_MS
  }

  /** The rate of the second that ends at `nowMs`. */
  bps(nowMs: number): number {
    this.#settle()
    return this.#meter.bps(nowMs)
  }

  #settle(): void {
    const { numbers, at } = this.#record
    const total = numbers[at + BYTES] as number
    if (total === this.#counted) return
    this.#meter.add(total - this.#counted, this.#sinceMs)
    this.#counted = total
  }
}
