/**
 * Ends publishers that send more than they may. What a publisher is asked to send at most (REMB, `b=`) is a request, which many clients do not
 * know; what comes in is measured here.
 */
import { createLog } from '../util/log.js'
import type { Deadline, Scheduler } from '../util/scheduler.js'

const log = createLog('session')

/** How often it is measured; a publisher has to exceed its limit twice in a row. */
const MEASURE_EVERY_MS = 5000

const TOO_OFTEN = 2

/** Something that several publishers share: a broadcast, an address; or one publisher's own. */
export interface BitrateLimit {
  /** The same for all that share it. */
  readonly key: string
  /** The option, for the text. */
  readonly name: string
  readonly maxBps: number
}

/** How publishers are measured and ended. */
export interface BitrateSource {
  /** Bytes of RTP that have come so far; undefined if it is gone. */
  receivedBytes(id: string): Promise<number | undefined>
  end(id: string, limitName: string): void
}

interface Measured {
  readonly limits: readonly BitrateLimit[]
  bytes: number
  atMs: number
  bps: number
}

/** Where several exceed a limit together, the one that came last has to go. */
export class BitrateGuard {
  /** In the order in which they came. */
  readonly #publishers = new Map<string, Measured>()
  /** How often in a row a limit was exceeded, by key. */
  readonly #exceeded = new Map<string, number>()
  #next: Deadline | undefined

  constructor(
    private readonly source: BitrateSource,
    private readonly scheduler: Scheduler,
  ) {}

  /** Watches a publisher, if anything limits it. */
  add(id: string, limits: readonly BitrateLimit[]): void {
    const finite = limits.filter(({ maxBps }) => maxBps < Number.POSITIVE_INFINITY)
    if (finite.length === 0) return
    this.#publishers.set(id, { limits: finite, bytes: 0, atMs: this.#nowMs(), bps: 0 })
    this.#arm()
  }

  /** A publisher has gone. */
  remove(id: string): void {
    if (!this.#publishers.delete(id) || this.#publishers.size > 0) return
    this.#next?.cancel()
    this.#next = undefined
    this.#exceeded.clear()
  }

  #arm(): void {
    this.#next ??= this.scheduler.after(MEASURE_EVERY_MS, () => {
      this.#look().catch((error: unknown) => log('bitrates not measured: %O', error))
    })
  }

  async #look(): Promise<void> {
    try {
      await Promise.all([...this.#publishers].map(([id, publisher]) => this.#measure(id, publisher)))
      this.#judge()
    } finally {
      this.#next = undefined
      if (this.#publishers.size > 0) this.#arm()
    }
  }

  async #measure(id: string, publisher: Measured): Promise<void> {
    const bytes = await this.source.receivedBytes(id)
    const nowMs = this.#nowMs()
    if (bytes === undefined || nowMs <= publisher.atMs) return
    publisher.bps = ((bytes - publisher.bytes) * 8000) / (nowMs - publisher.atMs)
    publisher.bytes = bytes
    publisher.atMs = nowMs
  }

  #judge(): void {
    const sums = new Map<string, { limit: BitrateLimit; bps: number; newest: string }>()
    for (const [id, { limits, bps }] of this.#publishers) {
      for (const limit of limits) {
        const before = sums.get(limit.key)?.bps ?? 0
        sums.set(limit.key, { limit, bps: before + bps, newest: id })
      }
    }
    for (const [key, { limit, bps, newest }] of sums) {
      const times = bps > limit.maxBps ? (this.#exceeded.get(key) ?? 0) + 1 : 0
      if (times < TOO_OFTEN) {
        this.#exceeded.set(key, times)
      } else {
        // The others are measured anew before another one goes.
        this.#exceeded.delete(key)
        this.source.end(newest, limit.name)
      }
    }
    for (const key of this.#exceeded.keys()) if (!sums.has(key)) this.#exceeded.delete(key)
  }

  #nowMs(): number {
    return this.scheduler.clock.nowMs()
  }
}
