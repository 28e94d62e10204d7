/** From arrival times to what the network does: groups, trend, queue and over-use (draft-ietf-rmcat-gcc-02, sections 5.1 to 5.4). */
import { ArrivalGroups } from './arrival-groups.js'
import { type LinkUsage, OveruseDetector } from './overuse-detector.js'
import { QueueingDelay } from './queueing-delay.js'
import type { ReceivedPackets } from './received-packets.js'
import { Trendline } from './trendline.js'

/** Fed with every received packet, in the order of sending. */
export class DelayDetector {
  readonly #groups = new ArrivalGroups()
  readonly #trendline = new Trendline()
  readonly #queue = new QueueingDelay()
  readonly #detector = new OveruseDetector()
  #restarts = 0

  get usage(): LinkUsage {
    return this.#detector.usage
  }

  /** How long packets wait in the network's queues. */
  get queueMs(): number {
    return this.#queue.queueMs
  }

  /** Jitter: the average difference between the delays of groups that follow each other. */
  get variationMs(): number {
    return this.#queue.variationMs
  }

  get trend(): number {
    return this.#trendline.trend
  }

  get threshold(): number {
    return this.#detector.threshold
  }

  /** All of these have arrived, by the receiver's clock. */
  addAll({ count, sentMs, arrivalMs }: ReceivedPackets, nowMs: number): void {
    const groups = this.#groups
    for (let i = 0; i < count; i++) {
      if (groups.add(sentMs[i] as number, arrivalMs[i] as number)) this.#judge(nowMs)
      else if (groups.restarts !== this.#restarts) this.#restart()
    }
  }

  /** A group is complete. */
  #judge(nowMs: number): void {
    const groups = this.#groups
    const variationMs = groups.arrivalDeltaMs - groups.sendDeltaMs
    this.#trendline.add(variationMs, groups.arrivalMs)
    this.#queue.add(this.#trendline.smoothedMs, variationMs, nowMs)
    const { queueMs, variationMs: jitterMs } = this.#queue
    this.#detector.update(this.#trendline.trend, groups.sendDeltaMs, groups.arrivalMs, queueMs, jitterMs)
  }

  #restart(): void {
    this.#restarts = this.#groups.restarts
    this.#trendline.reset()
    this.#queue.reset()
    this.#detector.reset()
  }
}
