/** From a source's timestamps to those of an outgoing stream, constant from one change of what is forwarded to the next. */
import { timestampDelta } from '../../rtp/sequence.js'
import type { StoredPacket } from '../types.js'
import type { CatchUp } from './catch-up.js'

/** See the top of the file. */
export class TimestampMap {
  readonly #shift: number
  readonly #catchUp: CatchUp | undefined
  /** Up to here time passes at half its pace. */
  readonly #bendUntil: number
  readonly #bends: boolean
  readonly #plainAfterMs: number

  /**
   * @param shift what is added to the source's timestamps in its present.
   * @param from where it begins, in the source's present.
   * @param behind by how many ticks that is behind what the stream has shown already: from there on time passes at half its pace until
   * it is not any more.
   * @param catchUp the way to the present.
   * @param plainAfterMs what arrives later is certainly behind all that. Timestamps alone cannot tell: they come round.
   */
  constructor(shift: number, from = 0, behind = 0, catchUp?: CatchUp, plainAfterMs = Number.POSITIVE_INFINITY) {
    this.#shift = shift
    this.#plainAfterMs = plainAfterMs
    this.#catchUp = catchUp
    this.#bends = behind > 0
    this.#bendUntil = (from + 2 * behind) >>> 0
  }

  /** Our timestamp of a packet with the source's, which arrived at `arrivalMs`. */
  map(sourceTimestamp: number, arrivalMs: number): number {
    if (arrivalMs > this.#plainAfterMs) return this.mapPresent(sourceTimestamp)
    const present = this.#catchUp?.mapTimestamp(sourceTimestamp) ?? sourceTimestamp
    return (present + this.#shift + this.#lead(present)) >>> 0
  }

  /** Our timestamp of an instant of the source's present, whatever is being sent at that time. */
  mapPresent(sourceTimestamp: number): number {
    return (sourceTimestamp + this.#shift) >>> 0
  }

  /** What is added to the source's timestamps in its present. */
  get shift(): number {
    return this.#shift
  }

  /** What arrives later than this is told in the source's present, whatever its timestamp. */
  get plainAfterMs(): number {
    return this.#bends || this.#catchUp !== undefined ? this.#plainAfterMs : Number.NEGATIVE_INFINITY
  }

  /** True if `packet` is told in the source's present, which its arrival is. */
  isPlain(packet: StoredPacket): boolean {
    const { timestamp, arrivalMs } = packet
    return this.map(timestamp, arrivalMs) === this.mapPresent(timestamp) && this.presentMs(packet) === arrivalMs
  }

  /** The source's timestamp when its present is our `timestamp`. */
  sourcePresent(timestamp: number): number {
    return (timestamp - this.#shift) >>> 0
  }

  /** When the timestamp of `packet` was the present, as a viewer sees it. */
  presentMs({ timestamp, arrivalMs, codec }: StoredPacket): number {
    if (arrivalMs > this.#plainAfterMs) return arrivalMs
    const presentMs = Math.max(arrivalMs, this.#catchUp?.dueMs(timestamp) ?? arrivalMs)
    if (!this.#bends) return presentMs
    return presentMs + (this.#lead(this.#catchUp?.mapTimestamp(timestamp) ?? timestamp) * 1000) / codec.clockRate
  }

  /** By how much a timestamp of the source's present is told too late. */
  #lead(sourceTimestamp: number): number {
    if (!this.#bends) return 0
    const left = timestampDelta(this.#bendUntil, sourceTimestamp)
    return left > 0 ? left - (left >>> 1) : 0
  }
}
