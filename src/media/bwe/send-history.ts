/**
 * What was sent under which transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01), until the receiver has
 * reported on it. Flat arrays, as a ring by sequence number.
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

const FIRST_CAPACITY = 512
const MAX_CAPACITY = 16_384
/** What is younger is not overwritten as long as the ring may grow. */
const KEPT_MS = 2000

/** A ring that begins small and doubles with the packet rate, so that it keeps at least two seconds. */
export class SendHistory {
  #capacity = FIRST_CAPACITY
  #sentMs = new Float64Array(FIRST_CAPACITY)
  #bytes = new Uint16Array(FIRST_CAPACITY)
  #cluster = new Uint16Array(FIRST_CAPACITY)
  #state = new Uint8Array(FIRST_CAPACITY)
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
    this.#skipTo(extSeq)
    let slot = extSeq & (this.#capacity - 1)
    if (this.#state[slot] !== EMPTY && this.#capacity < MAX_CAPACITY && nowMs - this.sentMs(slot) < KEPT_MS) {
      this.#grow()
      slot = extSeq & (this.#capacity - 1)
    }
    this.#newest = extSeq
    this.#sentMs[slot] = nowMs
    this.#bytes[slot] = bytes
    this.#cluster[slot] = clusterId
    this.#state[slot] = SENT
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
    return this.#state[slot] === EMPTY ? -1 : slot
  }

  sentMs(slot: number): number {
    return this.#sentMs[slot] as number
  }

  bytes(slot: number): number {
    return this.#bytes[slot] as number
  }

  /** The id of the probe cluster modulo 65536; 0 for none. */
  clusterId(slot: number): number {
    return this.#cluster[slot] as number
  }

  /** True once it was reported as received. */
  isReceived(slot: number): boolean {
    return this.#state[slot] === RECEIVED
  }

  /** True while the last report said that it is missing. */
  isLost(slot: number): boolean {
    return this.#state[slot] === LOST
  }

  /** True if its bytes were taken for received because no feedback covered it. */
  isAssumed(slot: number): boolean {
    return this.#state[slot] === ASSUMED
  }

  markReceived(slot: number): void {
    this.#state[slot] = RECEIVED
  }

  markLost(slot: number): void {
    this.#state[slot] = LOST
  }

  markAssumed(slot: number): void {
    this.#state[slot] = ASSUMED
  }

  /** Clears the places of numbers between the newest and `extSeq` under which nothing is sent. */
  #skipTo(extSeq: number): void {
    const skipped = extSeq - this.#newest - 1
    if (skipped === 0) return
    if (skipped >= this.#capacity || this.#newest < 0) this.#state.fill(EMPTY)
    else for (let i = 1; i <= skipped; i++) this.#state[(this.#newest + i) & (this.#capacity - 1)] = EMPTY
  }

  #grow(): void {
    const before = this.#capacity
    const sentMs = new Float64Array(before * 2)
    const bytes = new Uint16Array(before * 2)
    const cluster = new Uint16Array(before * 2)
    const state = new Uint8Array(before * 2)
    for (let extSeq = Math.max(0, this.#newest - before + 1); extSeq <= this.#newest; extSeq++) {
      const from = extSeq & (before - 1)
      const to = extSeq & (before * 2 - 1)
      sentMs[to] = this.#sentMs[from] as number
      bytes[to] = this.#bytes[from] as number
      cluster[to] = this.#cluster[from] as number
      state[to] = this.#state[from] as number
    }
    this.#sentMs = sentMs
    this.#bytes = bytes
    this.#cluster = cluster
    this.#state = state
    this.#capacity = before * 2
  }
}
