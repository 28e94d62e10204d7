/** Delivers things one after the other per lane, several lanes at a time, again and again until they have got through or enough is enough. */
import type { Scheduler } from '../../util/scheduler.js'

/** How a delivery has ended; a failure may say when to try again. */
export type DeliveryOutcome = { readonly ok: true } | { readonly ok: false; readonly retryAfterMs?: number }

/** How a {@link DeliveryQueue} works. */
export interface DeliveryQueueConfig {
  /** Things that may wait, in all lanes together. */
  readonly maxQueued: number
  /** Deliveries that may be under way at the same time. */
  readonly maxConcurrent: number
  /** Attempts for each thing. */
  readonly maxAttempts: number
  /** The wait before the second attempt; it doubles from attempt to attempt. */
  readonly retryBaseMs: number
  readonly retryMaxMs: number
}

/** What has become of things so far. */
export interface DeliveryCounters {
  /** Those that wait, or are under way. */
  queued: number
  delivered: number
  /** Attempts that failed and were made again. */
  retried: number
  /** Those that came when the queue was full, or that waited when it was closed. */
  dropped: number
  /** Those that failed at every attempt. */
  failed: number
}

interface Lane<Item> {
  readonly name: string
  readonly items: Item[]
  attempts: number
}

/** A thing that fails holds up its own lane only: what comes after it must not arrive before it. */
export class DeliveryQueue<Item> {
  readonly counters: DeliveryCounters = { queued: 0, delivered: 0, retried: 0, dropped: 0, failed: 0 }
  readonly #lanes = new Map<string, Lane<Item>>()
  /** Lanes whose first thing may go out, in the order in which they became ready. */
  readonly #ready: Lane<Item>[] = []
  #underWay = 0
  #closed = false
  #onEmpty: (() => void)[] = []

  constructor(
    private readonly config: DeliveryQueueConfig,
    private readonly deliver: (item: Item) => Promise<DeliveryOutcome>,
    private readonly scheduler: Scheduler,
    private readonly random: () => number,
  ) {}

  /** Queues a thing, unless the queue is full or closed. */
  add(laneName: string, item: Item): void {
    if (this.#closed || this.counters.queued >= this.config.maxQueued) {
      this.counters.dropped++
      return
    }
    this.counters.queued++
    const known = this.#lanes.get(laneName)
    if (known) {
      known.items.push(item)
      return
    }
    const lane = { name: laneName, items: [item], attempts: 0 }
    this.#lanes.set(laneName, lane)
    this.#ready.push(lane)
    this.#work()
  }

  /** Resolves when nothing is queued any more. */
  drained(): Promise<void> {
    if (this.counters.queued === 0) return Promise.resolve()
    return new Promise((resolve) => this.#onEmpty.push(resolve))
  }

  /** Drops what waits; what is under way may end, and counts. */
  close(): void {
    this.#closed = true
    for (const lane of this.#lanes.values()) {
      this.counters.dropped += lane.items.length
      this.counters.queued -= lane.items.length
      lane.items.length = 0
    }
    this.#lanes.clear()
    this.#ready.length = 0
    this.#tellIfEmpty()
  }

  #work(): void {
    while (this.#underWay < this.config.maxConcurrent) {
      const lane = this.#ready.shift()
      const item = lane?.items[0]
      if (lane === undefined || item === undefined) return
      this.#underWay++
      void this.#attempt(lane, item)
    }
  }

  async #attempt(lane: Lane<Item>, item: Item): Promise<void> {
    let outcome: DeliveryOutcome
    try {
      outcome = await this.deliver(item)
    } catch {
      outcome = { ok: false }
    }
    this.#underWay--
    lane.attempts++
    if (this.#closed) {
      if (outcome.ok) this.#countLate()
    } else if (outcome.ok) {
      this.#next(lane, 'delivered')
    } else if (lane.attempts >= this.config.maxAttempts) {
      this.#next(lane, 'failed')
    } else {
      this.counters.retried++
      this.scheduler.after(this.#delayMs(lane.attempts, outcome.retryAfterMs ?? 0), () => this.#again(lane))
    }
    this.#work()
  }

  /** It was counted as dropped when the queue was closed, but has got through. */
  #countLate(): void {
    this.counters.dropped--
    this.counters.delivered++
  }

  #next(lane: Lane<Item>, how: 'delivered' | 'failed'): void {
    this.counters[how]++
    this.counters.queued--
    lane.items.shift()
    lane.attempts = 0
    if (lane.items.length > 0) this.#ready.push(lane)
    else this.#lanes.delete(lane.name)
    this.#tellIfEmpty()
  }

  #again(lane: Lane<Item>): void {
    if (this.#closed) return
    this.#ready.push(lane)
    this.#work()
  }

  /** Half of it is random, so that many senders do not come back together. */
  #delayMs(attempts: number, atLeastMs: number): number {
    const { retryBaseMs, retryMaxMs } = this.config
    const backoffMs = Math.min(retryMaxMs, retryBaseMs * 2 ** (attempts - 1))
    return Math.min(retryMaxMs, Math.max(atLeastMs, backoffMs * (0.5 + this.random() / 2)))
  }

  #tellIfEmpty(): void {
    if (this.counters.queued > 0) return
    for (const tell of this.#onEmpty.splice(0)) tell()
  }
}
