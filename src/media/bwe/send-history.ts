/**
 * What was sent under which transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01), until the receiver has
 * reported on it. One flat ring by sequence number, of two words per packet, so that a report about neighbours touches few cache lines.
 */
import { seqDelta } from '../../rtp/sequence.js'

/** Nothing was sent under that number, or it was forgotten. */
const EMPTY = 0
/** No feedback has covered it. */
const SENT = 1
/** Feedback was lost that should have covered it; its bytes were taken for received. */
const ASSUMED = 2
/** Reported as missing. */
const LOST = 3
/** Reported as received. */
const RECEIVED = 4

const FIRST_CAPACITY = 64
const MAX_CAPACITY = 16_384
/** What is younger is not overwritten as long as the ring may grow. */
const KEPT_MS = 2000

// The first word: when it was sent, modulo 2^32, which is more than four hours. The second: bytes (16 bits), state (3), probe cluster (13).
const TICKS_PER_MS = 256
const STATE_SHIFT = 16
const STATE_MASK = 7 << STATE_SHIFT
const CLUSTER_SHIFT = 19

/** Ids of probe clusters are below this. */
export const CLUSTER_IDS = 1 << (32 - CLUSTER_SHIFT)

/** A ring that begins small and doubles with the packet rate, so that it keeps at least two seconds. */
export class SendHistory {
  #capacity = FIRST_CAPACITY
  #ring = new Int32Array(2 * FIRST_CAPACITY)
  #newest = -1

  /** The newest unwrapped sequence number; -1 before the first packet. */
  get newestExtSeq(): number {
    return this.#newest
  }

  /** How many packets there is room for. */
  get capacity(): number {
    return this.#capacity
  }

  /** Remembers a packet. Numbers only ever grow; false for one that does not. `clusterId` is 0 for a packet that belongs to no probe. */
  add(extSeq: number, bytes: number, nowMs: number, clusterId: number): boolean {
    if (extSeq <= this.#newest) return false
    if (extSeq !== this.#newest + 1) this.#skipTo(extSeq)
    let slot = extSeq & (this.#capacity - 1)
    if (this.#stateOf(slot) !== EMPTY && this.#capacity < MAX_CAPACITY && nowMs - this.sentMs(slot, nowMs) < KEPT_MS) {
      this.#grow()
      slot = extSeq & (this.#capacity - 1)
    }
    this.#newest = extSeq
    this.#ring[2 * slot] = (nowMs * TICKS_PER_MS) | 0
    this.#ring[2 * slot + 1] = (bytes & 0xffff) | (SENT << STATE_SHIFT) | (clusterId << CLUSTER_SHIFT)
    return true
  }

  /** The unwrapped number for the 16 bits on the wire: the nearest to the newest that was sent. */
  unwrap(seq: number): number {
    return this.#newest < 0 ? seq : this.#newest + seqDelta(seq, this.#newest & 0xffff)
  }

  /** Where the packet is kept; -1 if it is not. */
  slot(extSeq: number): number {
    if (extSeq > this.#newest || extSeq <= this.#newest - this.#capacity || extSeq < 0) return -1
    const slot = extSeq & (this.#capacity - 1)
    return this.#stateOf(slot) === EMPTY ? -1 : slot
  }

  /** When it was sent, to the 256th part of a millisecond. */
  sentMs(slot: number, nowMs: number): number {
    const nowTicks = Math.floor(nowMs * TICKS_PER_MS)
    return (nowTicks - (((nowTicks | 0) - (this.#ring[2 * slot] as number)) >>> 0)) / TICKS_PER_MS
  }

  bytes(slot: number): number {
    return (this.#ring[2 * slot + 1] as number) & 0xffff
  }

  /** The id of the probe cluster; 0 for none. */
  clusterId(slot: number): number {
    return (this.#ring[2 * slot + 1] as number) >>> CLUSTER_SHIFT
  }

  /** True once it was reported as received. */
  isReceived(slot: number): boolean {
    return this.#stateOf(slot) === RECEIVED
  }

  /** True while the last report said that it is missing. */
  isLost(slot: number): boolean {
    return this.#stateOf(slot) === LOST
  }

  /** True if its bytes were taken for received because no feedback covered it. */
  isAssumed(slot: number): boolean {
    return this.#stateOf(slot) === ASSUMED
  }

  markReceived(slot: number): void {
    this.#mark(slot, RECEIVED)
  }

  markLost(slot: number): void {
    this.#mark(slot, LOST)
  }

  markAssumed(slot: number): void {
    this.#mark(slot, ASSUMED)
  }

  #stateOf(slot: number): number {
    return ((this.#ring[2 * slot + 1] as number) & STATE_MASK) >> STATE_SHIFT
  }

  #mark(slot: number, state: number): void {
    const at = 2 * slot + 1
    this.#ring[at] = ((this.#ring[at] as number) & ~STATE_MASK) | (state << STATE_SHIFT)
  }

  /** Clears the places of numbers between the newest and `extSeq` under which nothing is sent. */
  #skipTo(extSeq: number): void {
    const skipped = extSeq - this.#newest - 1
    if (skipped >= this.#capacity || this.#newest < 0) this.#ring.fill(0)
    else for (let i = 1; i <= skipped; i++) this.#mark((this.#newest + i) & (this.#capacity - 1), EMPTY)
  }

  #grow(): void {
    const before = this.#ring
    const mask = this.#capacity - 1
    this.#capacity *= 2
    this.#ring = new Int32Array(2 * this.#capacity)
    for (let extSeq = Math.max(0, this.#newest - mask); extSeq <= this.#newest; extSeq++) {
      const from = 2 * (extSeq & mask)
      const to = 2 * (extSeq & (this.#capacity - 1))
      this.#ring[to] = before[from] as number
      this.#ring[to + 1] = before[from + 1] as number
    }
  }
}
