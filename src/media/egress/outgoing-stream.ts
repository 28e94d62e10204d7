/**
 * The numbering of one outgoing stream, which never restarts: sequence numbers and timestamps go on through every change of what is
 * forwarded (RFC 3550, section 5.1).
 *
 * While one source lasts both differ from the source's by a constant, so gaps and order stay what they are, a packet that is sent again
 * is the same packet, and the numbers need no memory. At a change the sequence goes on by one and the time by what has elapsed.
 */
import { timestampDelta } from '../../rtp/sequence.js'
import type { StoredPacket } from '../types.js'

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
  #timestampShift = 0
  /** The latest outgoing timestamp, and when its packet arrived. */
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

  /** `packet` is the first of what is forwarded now. */
  begin(packet: StoredPacket): void {
    this.live = true
    this.#base = packet.extSeq
    this.#newestIn = packet.extSeq - 1
    if (this.newestExtSeq < 0) {
      this.#latestTimestamp = this.#initialTimestamp
      this.#latestMs = packet.arrivalMs
      this.#seqShift = this.#initialSeq - packet.extSeq
      this.#timestampShift = (this.#initialTimestamp - packet.timestamp) >>> 0
      return
    }
    const elapsedMs = packet.arrivalMs - this.#latestMs
    const ticks = Math.max(1, Math.round((elapsedMs * packet.codec.clockRate) / 1000))
    this.#seqShift = this.newestExtSeq + 1 - packet.extSeq
    this.#timestampShift = (this.#latestTimestamp + ticks - packet.timestamp) >>> 0
  }

  /** The first packet could not be sent: as if `begin` had not been, with the source's `newestIn` of before. */
  abandon(newestIn: number): void {
    this.live = false
    this.#newestIn = newestIn
  }

  /** Our unwrapped sequence number of the source's. */
  extSeq(sourceExtSeq: number): number {
    return sourceExtSeq + this.#seqShift
  }

  /** The source's unwrapped sequence number of ours; -1 for one from before the last change. */
  sourceExtSeq(extSeq: number): number {
    const sourceExtSeq = extSeq - this.#seqShift
    return this.live && sourceExtSeq >= this.#base ? sourceExtSeq : -1
  }

  /** Our timestamp of the source's. */
  timestamp(sourceTimestamp: number): number {
    return (sourceTimestamp + this.#timestampShift) >>> 0
  }

  /** Our timestamp at `nowMs`, counted on from the latest packet. */
  timestampAt(nowMs: number, clockRate: number): number {
    return (this.#latestTimestamp + Math.round(((nowMs - this.#latestMs) * clockRate) / 1000)) >>> 0
  }

  /** `packet` is being sent; returns whether it is the newest. */
  advance(packet: StoredPacket): boolean {
    const timestamp = this.timestamp(packet.timestamp)
    if (timestampDelta(timestamp, this.#latestTimestamp) > 0) {
      this.#latestTimestamp = timestamp
      this.#latestMs = packet.arrivalMs
    }
    if (packet.extSeq <= this.#newestIn) return false
    this.#newestIn = packet.extSeq
    this.newestExtSeq = this.extSeq(packet.extSeq)
    return true
  }
}
