/**
 * One publisher's place on this node: the lease that says that this is its origin, from the claim to the end.
 *
 *     free --claim--> held --renew, three times per TTL--> held
 *                       \--renewal refused--> claim again --somebody else has it--> lost
 *
 * While the directory is away, nothing changes: a publisher that is here is served. When it is back, who holds the lease is right; of two that believe to hold it,
 * the one with the larger token.
 */
import type { Clock } from '../util/clock.js'
import type { Deadline, DeadlineQueue } from '../util/scheduler.js'
import type { DirectoryLink } from './directory-link.js'
import type { BroadcastRecord, ClaimResult, OriginKey, OriginLease } from './types.js'

/** Why a node is not the origin any more. */
export type LostReason =
  /** A newer publisher of the name has come to another node. */
  | 'replaced'
  /** The lease had run out before another node won it. */
  | 'superseded'

/** What a {@link HeldOrigin} is made with. */
export interface HeldOriginOptions extends OriginKey {
  readonly nodeId: string
  readonly url: string
  readonly ttlMs: number
  readonly link: DirectoryLink
  readonly scheduler: DeadlineQueue
  /** The lease is held now, or held anew. */
  onHeld(lease: OriginLease): void
  /** It is lost to another node for good. */
  onLost(reason: LostReason): void
}

/** See the top of the file. */
export class HeldOrigin {
  readonly broadcast: string
  readonly publisher: string
  /** Offers that are being answered: while there are any, the place is not given up. */
  pending = 0
  readonly #options: HeldOriginOptions
  readonly #clock: Clock
  #lease: OriginLease | undefined
  /** Until when it holds without another renewal, as far as this node knows. */
  #heldUntilMs = 0
  #next: Deadline | undefined
  /** Questions about one lease are asked one after the other. */
  #turn: Promise<unknown> = Promise.resolve()
  #ended = false

  constructor(options: HeldOriginOptions) {
    this.#options = options
    this.#clock = options.scheduler.clock
    this.broadcast = options.broadcast
    this.publisher = options.publisher
  }

  /** The lease, while this node believes to be the origin. */
  get lease(): OriginLease | undefined {
    return this.#lease
  }

  /** Claims the place, unless it is held. Resolves with whether it is. Rejects with `directory-unavailable`. */
  claim(takeover: boolean): Promise<boolean> {
    return this.#inTurn(async () => this.#lease !== undefined || (await this.#claim(takeover)).won)
  }

  /** The same, again and again until the directory answers; then one of the listeners hears how it went. */
  insist(takeover: boolean): void {
    void this.#inTurn(async () => {
      if (this.#lease !== undefined || this.#ended) return
      try {
        if (!(await this.#claim(takeover)).won) this.#lose('superseded')
      } catch {
        this.#after(() => this.insist(takeover))
      }
    })
  }

  /** What the directory says now: a lease of another node with a larger token is the end of this one. */
  check(record: BroadcastRecord): void {
    const mine = this.#lease
    const theirs = record.origins.find(({ publisher }) => publisher === this.publisher)
    if (mine === undefined || theirs === undefined || theirs.nodeId === mine.nodeId) return
    if (theirs.token > mine.token) this.#lose()
  }

  /** Gives the place up. Resolves when the directory knows, or cannot be told. */
  end(): Promise<void> {
    this.#ended = true
    this.#next?.cancel()
    return this.#inTurn(async () => {
      const lease = this.#lease
      this.#lease = undefined
      if (lease !== undefined) await this.#options.link.tell((directory) => directory.release(lease))
    })
  }

  async #claim(takeover: boolean): Promise<ClaimResult> {
    const { broadcast, publisher, nodeId, url, ttlMs, link } = this.#options
    const askedMs = this.#clock.nowMs()
    const request = { broadcast, publisher, nodeId, url, ttlMs, takeover }
    const result = await link.ask((directory) => directory.claim(request))
    if (result.won) this.#hold(result.lease, askedMs)
    return result
  }

  #hold(lease: OriginLease, askedMs: number): void {
    this.#lease = lease
    this.#heldUntilMs = askedMs + this.#options.ttlMs
    if (this.#ended) return
    this.#after(() => void this.#inTurn(() => this.#renew()))
    this.#options.onHeld(lease)
  }

  async #renew(): Promise<void> {
    const lease = this.#lease
    if (lease === undefined || this.#ended) return
    const { link, ttlMs } = this.#options
    const askedMs = this.#clock.nowMs()
    try {
      const holds = await link.ask((directory) => directory.renew(lease, ttlMs))
      if (this.#lease !== lease || this.#ended) return
      if (holds) this.#heldUntilMs = askedMs + ttlMs
      else await this.#claimAgain(lease)
    } catch {
      // The directory is away: what is served goes on, and it is asked again.
    }
    if (this.#lease === lease) this.#after(() => void this.#inTurn(() => this.#renew()))
  }

  /** The lease has run out, or was lost. Unless another node has a newer one, it is ours again. */
  async #claimAgain(lease: OriginLease): Promise<void> {
    const result = await this.#claim(false)
    if (result.won || this.#lease !== lease) return
    if (result.holder.token > lease.token) this.#lose()
    else await this.#claim(true)
  }

  #lose(reason: LostReason = this.#clock.nowMs() < this.#heldUntilMs ? 'replaced' : 'superseded'): void {
    this.#lease = undefined
    this.#next?.cancel()
    if (!this.#ended) this.#options.onLost(reason)
  }

  #after(fn: () => void): void {
    this.#next?.cancel()
    if (!this.#ended) this.#next = this.#options.scheduler.after(this.#options.ttlMs / 3, fn)
  }

  #inTurn<Result>(fn: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(fn)
    this.#turn = turn.catch(() => {})
    return turn
  }
}
