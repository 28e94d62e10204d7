/** One probe: packets sent at a known rate, and the rate at which they arrived. */

/** Of the packets and bytes, so many must have arrived. */
const MIN_RECEIVED = 0.65
/** So few tell already that a probe has failed. */
const MIN_PARTIAL_PACKETS = 4
/** A probe that took longer to send or to arrive says nothing. */
const MAX_SPAN_MS = 1000
/** Of the rate at which they were sent, so much must have arrived for the link to carry it. */
const CARRIED = 0.95
/** Packets that arrive this much faster than they were sent were held up together somewhere. */
const MAX_SPEED_UP = 2

/** A probe that the pacer is asked for. */
export interface ProbeWish {
  /** To be passed to `onPacketSent` with each of its packets; 1 to 8191. */
  readonly clusterId: number
  /** The rate at which its packets are to be sent. */
  readonly targetBps: number
  /** At least so much, media included. */
  readonly bytes: number
  /** At least so many packets. */
  readonly packets: number
}

/** What the sending and the arrival of a probe come to. */
export class ProbeCluster {
  readonly wish: ProbeWish
  readonly createdMs: number
  /** The newest packet of it that was sent. */
  lastExtSeq = -1
  /** When the first was sent; NaN before. */
  beganMs = Number.NaN
  lastSentMs = Number.NaN
  /** It has arrived as fast as it was sent: the link carries that, and maybe more. As of the last `measuredBps`. */
  isCarried = false
  #sentPackets = 0
  #sentBytes = 0
  #receivedPackets = 0
  #receivedBytes = 0
  #firstSentMs = Number.POSITIVE_INFINITY
  #newestSentMs = Number.NEGATIVE_INFINITY
  /** Of all that was sent at that time: packets leave in bursts. */
  #newestSentBytes = 0
  #firstArrivalMs = Number.POSITIVE_INFINITY
  #firstArrivalBytes = 0
  #lastArrivalMs = Number.NEGATIVE_INFINITY

  constructor(wish: ProbeWish, createdMs: number) {
    this.wish = wish
    this.createdMs = createdMs
  }

  /** All of it was sent. */
  get isSent(): boolean {
    return this.#sentBytes >= this.wish.bytes && this.#sentPackets >= this.wish.packets
  }

  sent(extSeq: number, bytes: number, nowMs: number): void {
    if (this.#sentPackets++ === 0) this.beganMs = nowMs
    this.#sentBytes += bytes
    this.lastExtSeq = extSeq
    this.lastSentMs = nowMs
  }

  received(sentMs: number, arrivalMs: number, bytes: number): void {
    this.#receivedPackets++
    this.#receivedBytes += bytes
    if (sentMs < this.#firstSentMs) this.#firstSentMs = sentMs
    if (sentMs > this.#newestSentMs) {
      this.#newestSentMs = sentMs
      this.#newestSentBytes = 0
    }
    if (sentMs === this.#newestSentMs) this.#newestSentBytes += bytes
    if (arrivalMs < this.#firstArrivalMs) {
      this.#firstArrivalMs = arrivalMs
      this.#firstArrivalBytes = bytes
    }
    if (arrivalMs > this.#lastArrivalMs) this.#lastArrivalMs = arrivalMs
  }

  /** The rate at which packets arrive, while not all of them have been reported; NaN if those that have say nothing. */
  partialBps(): number {
    const arriveMs = this.#lastArrivalMs - this.#firstArrivalMs
    if (this.#receivedPackets < MIN_PARTIAL_PACKETS || arriveMs <= 0) return Number.NaN
    return ((this.#receivedBytes - this.#firstArrivalBytes) * 8000) / arriveMs
  }

  /** What the link has shown to carry, at most what was asked for; NaN if the probe says nothing. */
  measuredBps(): number {
    this.isCarried = false
    if (this.#receivedPackets < MIN_RECEIVED * this.wish.packets) return Number.NaN
    if (this.#receivedBytes < MIN_RECEIVED * this.wish.bytes) return Number.NaN
    const sendMs = this.#newestSentMs - this.#firstSentMs
    const arriveMs = this.#lastArrivalMs - this.#firstArrivalMs
    if (sendMs > MAX_SPAN_MS || arriveMs <= 0 || arriveMs > MAX_SPAN_MS) return Number.NaN
    const arriveBps = ((this.#receivedBytes - this.#firstArrivalBytes) * 8000) / arriveMs
    // Packets that left at once have no rate of their own.
    if (sendMs <= 0) return Math.min(arriveBps, this.wish.targetBps)
    const sendBps = ((this.#receivedBytes - this.#newestSentBytes) * 8000) / sendMs
    if (arriveBps > sendBps * MAX_SPEED_UP) return Number.NaN
    if (arriveBps < sendBps * CARRIED) return Math.min(arriveBps, this.wish.targetBps)
    this.isCarried = true
    // What was lost on the way is included: it was not held up.
    return Math.min((Math.min(sendBps, arriveBps) * this.#sentBytes) / this.#receivedBytes, this.wish.targetBps)
  }
}
