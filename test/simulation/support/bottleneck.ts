/** The narrow place of a path: a queue that is emptied at the link's rate, whatever flows share it. Loss and delay come behind it. */
import { SeededRandom } from '../../../src/testing/seeded-random.js'
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'

/** What a packet costs on the wire besides RTP: IP and UDP headers, and what SRTP adds. */
export const WIRE_OVERHEAD_BYTES = 28 + 16

/** Everything may be changed while packets are on their way; what waits leaves at the new rate. */
export interface BottleneckConditions {
  /** Of what is on the wire; infinite without a bottleneck. */
  rateBps: number
  /** What the queue holds, in time at the present rate; packets beyond are lost. */
  queueMs: number
  /** One-way delay behind the queue. */
  delayMs: number
  /** The part of packets that is lost behind the queue, 0 to 1. */
  lossRate: number
}

/** How long a packet has waited in the queue, itself included. */
export interface QueueWait {
  readonly atMs: number
  readonly waitMs: number
}

/** What has left the queue is taken out of memory so many packets at a time. */
const COMPACTED_AFTER = 64

interface Waiting {
  readonly bytes: number
  readonly sinceMs: number
  readonly deliver: () => void
}

export class Bottleneck {
  readonly conditions: BottleneckConditions
  /** Waits of the packets that have left it, while `keepWaits` is true. */
  readonly waits: QueueWait[] = []
  keepWaits = false
  /** Bytes that have left it, lost behind it or not. */
  leftBytes = 0
  /** Packets that found the queue full, and packets lost behind it. */
  overflowed = 0
  lost = 0
  /** Decides about single packets behind the queue: true loses the packet. */
  drop: (() => boolean) | undefined
  readonly #clock: VirtualClock
  readonly #random: SeededRandom
  readonly #queue: Waiting[] = []
  #head = 0
  #queuedBytes = 0
  #busy = false

  constructor(clock: VirtualClock, seed: number, conditions: Partial<BottleneckConditions> = {}) {
    this.#clock = clock
    this.#random = new SeededRandom(seed)
    this.conditions = { rateBps: Number.POSITIVE_INFINITY, queueMs: 200, delayMs: 20, lossRate: 0, ...conditions }
  }

  /** A packet of that size comes; `deliver` is called when it has reached the other end. */
  send(bytes: number, deliver: () => void): void {
    const { rateBps, queueMs } = this.conditions
    if (rateBps === Number.POSITIVE_INFINITY && !this.#busy) {
      this.#leave(bytes, deliver)
      return
    }
    if (this.#busy && this.#queuedBytes + bytes > (rateBps * queueMs) / 8000) {
      this.overflowed++
      return
    }
    this.#queuedBytes += bytes
    this.#queue.push({ bytes, sinceMs: this.#clock.nowMs(), deliver })
    if (!this.#busy) this.#serve()
  }

  #serve(): void {
    const first = this.#queue[this.#head]
    this.#busy = first !== undefined
    if (first === undefined) return
    this.#clock.setTimer((first.bytes * 8000) / this.conditions.rateBps, () => {
      const nowMs = this.#clock.nowMs()
      this.#head++
      if (this.#head === COMPACTED_AFTER) {
        this.#queue.splice(0, COMPACTED_AFTER)
        this.#head = 0
      }
      this.#queuedBytes -= first.bytes
      if (this.keepWaits) this.waits.push({ atMs: nowMs, waitMs: nowMs - first.sinceMs })
      this.#leave(first.bytes, first.deliver)
      this.#serve()
    })
  }

  #leave(bytes: number, deliver: () => void): void {
    this.leftBytes += bytes
    // Drawn for every packet, so that one decision does not shift those that follow.
    const lost = this.#random.chance(this.conditions.lossRate)
    if (this.drop?.() === true || lost) {
      this.lost++
      return
    }
    this.#clock.setTimer(this.conditions.delayMs, deliver)
  }
}
