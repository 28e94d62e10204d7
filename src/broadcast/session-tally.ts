/** The sessions of one broadcast or one address, counted against its limits. */
import { BroadcastError } from '../errors.js'
import { TokenBucket } from '../util/token-bucket.js'
import type { SessionLimitsConfig } from './session-limits.js'

/** Seconds' worth of joins that may come at once. */
const BURST_SECONDS = 5

/** Counts what has been let in, and says whether there is room for more. */
export class SessionTally {
  /** How many sessions publish under each name; publishers of one name count as one. */
  readonly #publishers = new Map<string, number>()
  readonly #joins: TokenBucket
  #viewers = 0
  #pending = 0

  constructor(
    /** The option that the limits are in, for the errors. */
    private readonly option: 'limits' | 'addressLimits',
    private readonly limits: SessionLimitsConfig,
  ) {
    this.#joins = new TokenBucket(burst(limits.maxJoinsPerSecond))
  }

  /** How many viewers there are. */
  get viewers(): number {
    return this.#viewers
  }

  /** Whether it has no sessions. */
  get empty(): boolean {
    return this.#publishers.size === 0 && this.#viewers === 0 && this.#pending === 0
  }

  /** Whether a tally made anew would be the same. */
  idle(nowMs: number): boolean {
    return this.empty && this.#joinDelayMs(burst(this.limits.maxJoinsPerSecond), nowMs) === 0
  }

  /** Counts an attempt to join. Throws `rate-limited` if they come too fast. */
  join(nowMs: number): void {
    const { maxJoinsPerSecond } = this.limits
    if (maxJoinsPerSecond === Number.POSITIVE_INFINITY) return
    const retryAfterMs = this.#joinDelayMs(1, nowMs)
    if (this.#joins.take(1)) return
    throw new BroadcastError('rate-limited', 'offers come too fast', {
      details: { limit: `${this.option}.maxJoinsPerSecond`, retryAfterMs },
    })
  }

  /** Throws `limit-reached` if there is no room for one more session; `publisher` is the name of a publisher. */
  checkRoom(publisher: string | undefined): void {
    this.#check('maxPendingSessions', this.#pending, 'sessions connecting')
    if (publisher === undefined) this.#check('maxViewers', this.#viewers, 'viewers')
    else if (!this.#publishers.has(publisher)) this.#check('maxPublishers', this.#publishers.size, 'publishers')
  }

  /** Counts a session that connects. */
  enter(publisher: string | undefined): void {
    this.#pending++
    if (publisher === undefined) this.#viewers++
    else this.#publishers.set(publisher, (this.#publishers.get(publisher) ?? 0) + 1)
  }

  /** A session has come to the end of its connecting, one way or the other. */
  settle(): void {
    this.#pending--
  }

  /** A session has ended. */
  leave(publisher: string | undefined): void {
    if (publisher === undefined) {
      this.#viewers--
      return
    }
    const rest = (this.#publishers.get(publisher) ?? 0) - 1
    if (rest > 0) this.#publishers.set(publisher, rest)
    else this.#publishers.delete(publisher)
  }

  #check(limit: keyof SessionLimitsConfig, count: number, what: string): void {
    if (count < this.limits[limit]) return
    const whose = this.option === 'limits' ? 'the broadcast' : 'the address'
    throw new BroadcastError('limit-reached', `${whose} has ${count} ${what} already`, {
      details: { limit: `${this.option}.${limit}` },
    })
  }

  #joinDelayMs(joins: number, nowMs: number): number {
    const { maxJoinsPerSecond } = this.limits
    if (maxJoinsPerSecond === Number.POSITIVE_INFINITY) return 0
    this.#joins.refill(maxJoinsPerSecond, nowMs)
    return this.#joins.waitMs(joins, maxJoinsPerSecond)
  }
}

function burst(maxJoinsPerSecond: number): number {
  return Math.max(1, maxJoinsPerSecond * BURST_SECONDS)
}
