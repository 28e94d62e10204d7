/** A network that loses, delays, reorders and queues packets the same way every time: seeded randomness on virtual time. */
import { SeededRandom } from './seeded-random.js'
import type { VirtualClock } from './virtual-clock.js'

/** What one direction of a path does to packets. Everything may be changed while packets are on their way. */
export interface LinkConditions {
  /** One-way delay. */
  delayMs: number
  /** Added to the delay of each packet: evenly spread from 0 up to this. Packets overtake each other by it. */
  jitterMs: number
  /** The part of packets that is lost, 0 to 1. */
  lossRate: number
  /** The part of packets that arrives twice, 0 to 1. */
  duplicateRate: number
  /** Bottleneck; infinite without one. */
  bandwidthBps: number
  /** What the bottleneck's queue holds; packets beyond are lost. */
  queueBytes: number
}

/** What happened on a link. */
export interface LinkStats {
  sent: number
  delivered: number
  deliveredBytes: number
  /** By chance. */
  lost: number
  /** Because the queue was full, or the link down. */
  dropped: number
}

/** One direction of a path between two parties. */
export class VirtualLink {
  readonly conditions: LinkConditions
  readonly stats: LinkStats = { sent: 0, delivered: 0, deliveredBytes: 0, lost: 0, dropped: 0 }
  /** While true, everything sent is lost. */
  down = false
  /** Decides about single packets: true loses the packet. For tests that need a certain loss instead of a random one. */
  drop: ((packet: Buffer) => boolean) | undefined
  readonly #clock: VirtualClock
  readonly #random: SeededRandom
  readonly #deliver: (packet: Buffer) => void
  #bottleneckFreeMs = 0

  /** @param deliver takes each packet that arrives; the buffer is its own copy. */
  constructor(
    clock: VirtualClock,
    seed: number,
    deliver: (packet: Buffer) => void,
    conditions: Partial<LinkConditions> = {},
  ) {
    this.#clock = clock
    this.#random = new SeededRandom(seed)
    this.#deliver = deliver
    this.conditions = {
      delayMs: 10,
      jitterMs: 0,
      lossRate: 0,
      duplicateRate: 0,
      bandwidthBps: Number.POSITIVE_INFINITY,
      queueBytes: 64 * 1024,
      ...conditions,
    }
  }

  /** Sends a copy of `buffer[start, end)`. */
  send(buffer: Uint8Array, start = 0, end = buffer.length): void {
    const { conditions, stats } = this
    const packet = Buffer.from(buffer.subarray(start, end))
    stats.sent++
    // Drawn for every packet, so that one decision does not shift those that follow.
    const lost = this.#random.chance(conditions.lossRate)
    const duplicate = this.#random.chance(conditions.duplicateRate)
    const jitterMs = this.#random.next() * conditions.jitterMs
    if (lost || this.drop?.(packet) === true) {
      stats.lost++
      return
    }
    const leavesMs = this.down ? -1 : this.#queue(packet.length)
    if (leavesMs < 0) {
      stats.dropped++
      return
    }
    this.#arrive(packet, leavesMs + conditions.delayMs + jitterMs)
    if (duplicate) this.#arrive(Buffer.from(packet), leavesMs + conditions.delayMs + jitterMs + 1)
  }

  /** When the packet has left the bottleneck; -1 if its queue is full. */
  #queue(bytes: number): number {
    const { bandwidthBps, queueBytes } = this.conditions
    const nowMs = this.#clock.nowMs()
    if (bandwidthBps === Number.POSITIVE_INFINITY) return nowMs
    const freeMs = Math.max(nowMs, this.#bottleneckFreeMs)
    const queuedBytes = ((freeMs - nowMs) * bandwidthBps) / 8000
    if (queuedBytes + bytes > queueBytes) return -1
    this.#bottleneckFreeMs = freeMs + (bytes * 8000) / bandwidthBps
    return this.#bottleneckFreeMs
  }

  #arrive(packet: Buffer, atMs: number): void {
    this.#clock.at(atMs, () => {
      this.stats.delivered++
      this.stats.deliveredBytes += packet.length
      this.#deliver(packet)
    })
  }
}
