/**
 * One direction of a bad link, on time that is passed in: loss, a bottleneck with a drop-tail queue of so many bytes, and a delay behind it.
 * The bottleneck is a token bucket that is one packet deep: a packet leaves when all of its bits have been paid for at the rate of the
 * moment, whatever the rate was when it came, and no unused time is saved up.
 */

/** IP and UDP headers: a network carries them, too. */
export const DATAGRAM_OVERHEAD_BYTES = 28

/**
 * @typedef {object} LinkConditions
 * @property {number} bandwidthBps bits per second, headers of IP and UDP included; infinity for no bottleneck
 * @property {number} queueBytes what may wait for the bottleneck, the packet that is being sent included; what comes on top is dropped
 * @property {number} delayMs one-way delay behind the bottleneck
 * @property {number} lossRate the part of packets that is lost before the bottleneck, 0 to 1
 */

/** @type {Readonly<LinkConditions>} */
export const PERFECT_LINK = {
  bandwidthBps: Number.POSITIVE_INFINITY,
  queueBytes: 1 << 20,
  delayMs: 0,
  lossRate: 0,
}

/**
 * @template T
 * @typedef {object} Departure
 * @property {T} item
 * @property {number} bytes with headers
 * @property {number} arrivedMs
 * @property {number} leftMs when the last bit left the bottleneck
 * @property {number} dueMs when it arrives at the other end
 */

/** @template T */
export class LinkQueue {
  /** Packets and bytes, headers included, by what became of them. */
  counters = { offered: 0, lost: 0, overflowed: 0, departed: 0, departedBytes: 0 }
  /** Bytes that wait for the bottleneck, the packet that is being sent included. */
  queuedBytes = 0
  /** @type {LinkConditions} */
  #conditions
  #random
  /** @type {{ item: T, bytes: number, arrivedMs: number }[]} */
  #waiting = []
  /** @type {Departure<T>[]} */
  #underway = []
  /** Bits of the first packet that have not been paid for. */
  #bitsLeft = 0
  /** Until when the bottleneck's work is accounted for. */
  #paidMs = 0

  /**
   * @param {Partial<LinkConditions>} conditions
   * @param {() => number} random from 0 up to 1, for loss
   */
  constructor(conditions, random) {
    this.#conditions = { ...PERFECT_LINK, ...conditions }
    this.#random = random
  }

  /** @returns {Readonly<LinkConditions>} */
  get conditions() {
    return this.#conditions
  }

  /**
   * The link is different from now on; packets that wait stay.
   *
   * @param {Partial<LinkConditions>} conditions
   * @param {number} nowMs
   */
  change(conditions, nowMs) {
    this.#work(nowMs)
    this.#conditions = { ...this.#conditions, ...conditions }
  }

  /**
   * A packet comes. False if it is lost, or the queue is full.
   *
   * @param {T} item
   * @param {number} length of the datagram, without headers
   * @param {number} nowMs
   */
  offer(item, length, nowMs) {
    this.#work(nowMs)
    this.counters.offered++
    const bytes = length + DATAGRAM_OVERHEAD_BYTES
    // Drawn for every packet, so that one decision does not shift those that follow.
    if (this.#random() < this.#conditions.lossRate) {
      this.counters.lost++
      return false
    }
    if (this.queuedBytes + bytes > this.#conditions.queueBytes) {
      this.counters.overflowed++
      return false
    }
    this.#waiting.push({ item, bytes, arrivedMs: nowMs })
    this.queuedBytes += bytes
    if (this.#waiting.length === 1) this.#bitsLeft = bytes * 8
    this.#work(nowMs)
    return true
  }

  /** When the next packet arrives at the other end; infinity for never. */
  get dueMs() {
    if (this.#underway.length > 0) return this.#underway[0].dueMs
    if (this.#waiting.length === 0) return Number.POSITIVE_INFINITY
    const { bandwidthBps, delayMs } = this.#conditions
    return this.#paidMs + (this.#bitsLeft * 1000) / bandwidthBps + delayMs
  }

  /**
   * The next packet that has arrived at the other end; undefined if there is none yet.
   *
   * @param {number} nowMs
   * @returns {Departure<T> | undefined}
   */
  take(nowMs) {
    this.#work(nowMs)
    const next = this.#underway[0]
    return next !== undefined && next.dueMs <= nowMs ? this.#underway.shift() : undefined
  }

  /** Lets the bottleneck do what it could since the last time. */
  #work(nowMs) {
    const { bandwidthBps, delayMs } = this.#conditions
    while (this.#waiting.length > 0) {
      const leftMs = this.#paidMs + (this.#bitsLeft * 1000) / bandwidthBps
      if (leftMs > nowMs) {
        this.#bitsLeft -= ((nowMs - this.#paidMs) * bandwidthBps) / 1000
        break
      }
      this.#depart(leftMs, delayMs)
    }
    this.#paidMs = Math.max(this.#paidMs, nowMs)
  }

  #depart(leftMs, delayMs) {
    const { item, bytes, arrivedMs } = this.#waiting.shift()
    this.queuedBytes -= bytes
    this.counters.departed++
    this.counters.departedBytes += bytes
    // A delay that became shorter lets nobody overtake.
    const dueMs = Math.max(leftMs + delayMs, this.#underway.at(-1)?.dueMs ?? 0)
    this.#underway.push({ item, bytes, arrivedMs, leftMs, dueMs })
    this.#paidMs = leftMs
    const next = this.#waiting[0]
    if (next !== undefined) this.#bitsLeft = next.bytes * 8
  }
}
