/**
 * The numbering of one outgoing stream, which never restarts: sequence numbers and timestamps go on through every change of what is
 * forwarded (RFC 3550, section 5.1).
 *
 * While one source lasts both differ from the source's by a constant (timestamps once the viewer is live, sequence numbers as far as nothing
 * is left out), so gaps and order stay what they are, and a packet that is sent again is the same packet. At a change the sequence goes on by
 * one and the time by what has elapsed.
 */
import { timestampDelta } from '../../rtp/sequence.js'
import type { StoredPacket } from '../types.js'
import type { CatchUp } from './catch-up.js'

/** The map from a source's numbers to ours. */
export class OutgoingStream {
  /** True while a source is being forwarded. */
  live = false
  /** The highest outgoing unwrapped sequence number; -1 before the first packet. */
  newestExtSeq = -1
  /** The source's number of the first packet since the change, and the highest so far. */
  #base = -1
  #newestIn = -1
  #seqShift = 0
  #timestamps = new TimestampMap(0)
  /** The latest outgoing timestamp, and when it was the present. */
  #latestTimestamp = 0
  #latestMs = 0
  readonly #initialSeq: number
  readonly #initialTimestamp: number

  /** @param initialSeq below 32768, so that the receiver cannot miss the rollover counter's first step (RFC 3711, section 3.3.1). */
  constructor(initialSeq: number, initialTimestamp: number) {
    this.#initialSeq = initialSeq
    this.#initialTimestamp = initialTimestamp >>> 0
  }

  /** The source's highest number so far; -1 when another source may begin anywhere. */
  get newestIn(): number {
    return this.#newestIn
  }

  /** From the source's timestamps to ours, since the last `begin`. */
  get timestamps(): TimestampMap {
    return this.#timestamps
  }

  /** True if the source's packet was sent before the change, or would have been. */
  isLate(extSeq: number): boolean {
    return this.live ? extSeq < this.#base : extSeq <= this.#newestIn
  }

  /** Nothing is forwarded until `begin`. */
  pause(): void {
    this.live = false
  }

  /** What is forwarded next is numbered independently of what was. */
  forgetSource(): void {
    this.live = false
    this.#newestIn = -1
  }

  /**
   * `packet` is the first of what is forwarded now.
   *
   * @param catchUp the way to the present, where the packet is from the past.
   */
  begin(packet: StoredPacket, catchUp?: CatchUp): void {
    const { extSeq, codec } = packet
    const beginMs = catchUp?.startMs ?? packet.arrivalMs
    const liveTimestamp = catchUp?.liveTimestamp ?? packet.timestamp
    this.live = true
    this.#base = extSeq
    this.#newestIn = extSeq - 1
    if (this.newestExtSeq < 0) {
      this.#latestTimestamp = this.#initialTimestamp
      this.#latestMs = beginMs
      this.#seqShift = this.#initialSeq - extSeq
      this.#timestamps = new TimestampMap(this.#initialTimestamp - liveTimestamp, catchUp)
      return
    }
    const elapsedMs = beginMs - this.#latestMs
    const ticks = Math.max(1, Math.round((elapsedMs * codec.clockRate) / 1000))
    this.#seqShift = this.newestExtSeq + 1 - extSeq
    this.#timestamps = new TimestampMap(this.#latestTimestamp + ticks - liveTimestamp, catchUp)
  }

  /** The first packet could not be sent: as if `begin` had not been, with the source's `newestIn` of before. */
  abandon(newestIn: number): void {
    this.live = false
    this.#newestIn = newestIn
  }

  /** Our unwrapped sequence number of the source's, which is without what was left out since the change. */
  extSeq(sourceExtSeq: number): number {
    return sourceExtSeq + this.#seqShift
  }

  /** Our timestamp at `nowMs`, counted on from the latest packet. */
  timestampAt(nowMs: number, clockRate: number): number {
    return (this.#latestTimestamp + Math.round(((nowMs - this.#latestMs) * clockRate) / 1000)) >>> 0
  }

  /** `packet` is being sent as our number `extSeq`; returns whether it is the newest. */
  advance(packet: StoredPacket, extSeq: number): boolean {
    const timestamp = this.#timestamps.map(packet.timestamp)
    if (timestampDelta(timestamp, this.#latestTimestamp) > 0) {
      this.#latestTimestamp = timestamp
      this.#latestMs = this.#timestamps.presentMs(packet)
    }
    if (packet.extSeq <= this.#newestIn) return false
    this.#newestIn = packet.extSeq
    this.newestExtSeq = extSeq
    return true
  }
}

/** From a source's timestamps to ours, constant from one change of source to the next. */
export class TimestampMap {
  readonly #shift: number
  readonly #catchUp: CatchUp | undefined

  constructor(shift: number, catchUp?: CatchUp) {
    this.#shift = shift
    this.#catchUp = catchUp
  }

  /** Our timestamp of a packet with the source's. */
  map(sourceTimestamp: number): number {
    return ((this.#catchUp?.mapTimestamp(sourceTimestamp) ?? sourceTimestamp) + this.#shift) >>> 0
  }

  /** Our timestamp of an instant of the source's present, whatever is being sent at that time. */
  mapPresent(sourceTimestamp: number): number {
    return (sourceTimestamp + this.#shift) >>> 0
  }

  /** When the timestamp of `packet` was the present, as a viewer sees it. */
  presentMs({ timestamp, arrivalMs }: StoredPacket): number {
    return Math.max(arrivalMs, this.#catchUp?.dueMs(timestamp) ?? arrivalMs)
  }
}
