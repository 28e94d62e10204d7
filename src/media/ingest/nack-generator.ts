/**
 * Decides which packets of one stream to ask for again, and when (RFC 4585, section 6.2.1).
 *
 * A packet is missed once a later one has come. It is asked for after two later packets or 10 ms where nothing was ever overtaken; where
 * packets do overtake each other, after as long as they took lately (see `ReorderingTolerance`). It is asked for again each time a repair
 * takes longer than it should (see `RepairRtt`), and given up after ten times or a second and a half (on long paths, five repair times):
 * viewers have skipped it by then.
 * All numbers are unwrapped.
 */

import { ReorderingTolerance } from './reordering-tolerance.js'
import { RepairRtt } from './repair-rtt.js'

/** Without reordering: a later packet, and one more, prove a loss as well as this time does. */
const PROVING_PACKETS = 2
const PROVING_MS = 10

const MAX_TRIES = 10
const MAX_AGE_MS = 1500
const MAX_AGE_REPAIRS = 5

/** More than this at once is no loss to be repaired but an outage: a keyframe is smaller. */
const MAX_MISSING = 1000

/** Messages of one stream are at least this far apart, so that they are few and full. */
const BATCH_SPACING_MS = 5

/** A repair cannot come sooner: what does, was on its way already. */
const MIN_REPAIR_MS = 5

interface MissingPacket {
  readonly extSeq: number
  readonly missedMs: number
  /** Which of the in-order packets has shown that it is missing. */
  readonly missedBy: number
  /** When it was asked for first, and last. */
  firstAskedMs: number
  askedMs: number
  tries: number
  dueMs: number
}

/** What is missing of one stream. */
export class NackGenerator {
  readonly rtt = new RepairRtt()
  /** Packets that came because they were asked for. */
  repaired = 0
  /** Packets given up, and the newest of them since the last `takeNewestLost`. */
  lostForGood = 0
  readonly #reordering = new ReorderingTolerance()
  /** Ascending. */
  readonly #missing: MissingPacket[] = []
  #newest = -1
  /** In-order packets so far. */
  #arrivals = 0
  #earliestMs = Number.POSITIVE_INFINITY
  #lastBatchMs = Number.NEGATIVE_INFINITY
  /** Retransmissions come as a stream of their own, so whatever comes on this one was not repaired. */
  #rtx = false
  #newestLost = -1
  #lostMs = 0

  /** When `collect` has something to do; infinity for never. */
  get dueMs(): number {
    if (this.#newestLost >= 0) return this.#lostMs
    return this.#missing.length === 0 ? Number.POSITIVE_INFINITY : this.#earliestMs
  }

  /** How many packets are missing. */
  get missing(): number {
    return this.#missing.length
  }

  /** True if the packet is missing and has been asked for. */
  hasAskedFor(extSeq: number): boolean {
    const found = this.#missing[this.#indexOf(extSeq)]
    return found !== undefined && found.tries > 0
  }

  /** A packet has come on the stream itself. With `wanted` false nobody needs what is missing: it is forgotten. */
  receive(extSeq: number, wanted: boolean, nowMs: number): void {
    if (!wanted) this.clear()
    if (extSeq <= this.#newest) {
      this.#receiveLate(extSeq, nowMs)
      return
    }
    this.#arrivals++
    if (this.#missing.length > 0) this.#provedBy(nowMs)
    if (wanted && this.#newest >= 0 && extSeq > this.#newest + 1) this.#miss(this.#newest + 1, extSeq, nowMs)
    this.#newest = extSeq
  }

  /** A retransmission has come; false if nothing was missing: a duplicate, or too late. */
  repair(extSeq: number, nowMs: number): boolean {
    this.#rtx = true
    const found = this.#take(extSeq)
    if (found === undefined) return false
    this.#noteRepair(found, nowMs)
    return true
  }

  /**
   * Writes what is to be asked for now, 16 bit and ascending, into `out`; returns how many. What does not fit stays due. What was asked
   * for often enough, or is too old, is given up: see `takeNewestLost`.
   */
  collect(nowMs: number, out: Uint16Array): number {
    if (nowMs < this.dueMs) return 0
    const missing = this.#missing
    const maxAgeMs = this.#maxAgeMs
    let asked = 0
    let kept = 0
    let earliestMs = Number.POSITIVE_INFINITY
    for (const packet of missing) {
      if (packet.dueMs <= nowMs) {
        if (packet.tries >= MAX_TRIES || nowMs - packet.missedMs >= maxAgeMs) {
          this.#lose(packet.extSeq, 1, nowMs)
          continue
        }
        if (asked < out.length) {
          out[asked++] = packet.extSeq
          this.#ask(packet, nowMs)
        }
      }
      if (packet.dueMs < earliestMs) earliestMs = packet.dueMs
      missing[kept++] = packet
    }
    missing.length = kept
    if (asked > 0) this.#lastBatchMs = nowMs
    this.#setEarliest(earliestMs)
    return asked
  }

  /** The newest number given up since the last call; -1 for none. */
  takeNewestLost(): number {
    const lost = this.#newestLost
    this.#newestLost = -1
    return lost
  }

  /** Nothing is missing any more. */
  clear(): void {
    this.#missing.length = 0
    this.#newestLost = -1
  }

  /** The stream's numbering begins anew. */
  reset(): void {
    this.clear()
    this.#newest = -1
  }

  get #maxAgeMs(): number {
    return Math.max(MAX_AGE_MS, MAX_AGE_REPAIRS * this.rtt.expectedMs)
  }

  #miss(from: number, to: number, nowMs: number): void {
    const earliestMs = this.dueMs
    if (this.#missing.length + to - from > MAX_MISSING) {
      this.#lose(to - 1, this.#missing.length + to - from, nowMs)
      this.#missing.length = 0
      return
    }
    const waitMs = this.#reordering.waitMs(nowMs) || PROVING_MS
    const dueMs = nowMs + waitMs
    for (let extSeq = from; extSeq < to; extSeq++) {
      const never = { firstAskedMs: 0, askedMs: 0, tries: 0 }
      this.#missing.push({ extSeq, missedMs: nowMs, missedBy: this.#arrivals, ...never, dueMs })
    }
    this.#setEarliest(Math.min(earliestMs, dueMs))
  }

  #lose(newest: number, count: number, nowMs: number): void {
    this.lostForGood += count
    this.#lostMs = nowMs
    this.#newestLost = Math.max(this.#newestLost, newest)
  }

  /** Another packet in order: what has been missing for enough of them is due, where nothing speaks for reordering. */
  #provedBy(nowMs: number): void {
    if (this.#reordering.waitMs(nowMs) > 0) return
    for (let i = this.#missing.length - 1; i >= 0; i--) {
      const packet = this.#missing[i] as MissingPacket
      // All before it have been due for as long.
      if (packet.tries > 0 || packet.dueMs <= nowMs) return
      if (this.#arrivals - packet.missedBy + 1 < PROVING_PACKETS) continue
      packet.dueMs = nowMs
      this.#setEarliest(nowMs)
    }
  }

  #receiveLate(extSeq: number, nowMs: number): void {
    const found = this.#take(extSeq)
    if (found === undefined) return
    const asked = found.tries > 0
    const tooSoon = found.tries === 1 && nowMs - found.askedMs < MIN_REPAIR_MS
    if (asked && !this.#rtx && !tooSoon) this.#noteRepair(found, nowMs)
    else this.#reordering.late(nowMs - found.missedMs, asked, nowMs)
  }

  #noteRepair(packet: MissingPacket, nowMs: number): void {
    this.repaired++
    if (packet.tries === 1) this.rtt.sample(nowMs - packet.askedMs, nowMs)
    else if (packet.tries > 1) this.rtt.sampleRepeated(nowMs - packet.firstAskedMs, nowMs)
  }

  #ask(packet: MissingPacket, nowMs: number): void {
    if (packet.tries > 0) this.rtt.timedOut(packet.askedMs, nowMs)
    else packet.firstAskedMs = nowMs
    packet.tries++
    packet.askedMs = nowMs
    packet.dueMs = Math.min(nowMs + this.rtt.timeoutMs, Math.max(nowMs + 1, packet.missedMs + this.#maxAgeMs))
  }

  #setEarliest(dueMs: number): void {
    this.#earliestMs = Math.max(dueMs, this.#lastBatchMs + BATCH_SPACING_MS)
  }

  #take(extSeq: number): MissingPacket | undefined {
    const index = this.#indexOf(extSeq)
    return index < 0 ? undefined : this.#missing.splice(index, 1)[0]
  }

  /** By bisection; -1 if it is not missing. */
  #indexOf(extSeq: number): number {
    const missing = this.#missing
    let low = 0
    let high = missing.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = (missing[middle] as MissingPacket).extSeq
      if (found === extSeq) return middle
      if (found < extSeq) low = middle + 1
      else high = middle - 1
    }
    return -1
  }
}
