/** The publishers of this node that are, or want to be, the origin of their name: every one of them needs a lease. */
import type { Session } from '../broadcast/session.js'
import { BroadcastError } from '../errors.js'
import { createLog, printable } from '../util/log.js'
import type { DeadlineQueue } from '../util/scheduler.js'
import type { Census } from './census.js'
import type { DirectoryLink } from './directory-link.js'
import { HeldOrigin, type LostReason } from './held-origin.js'
import type { BroadcastRecord, OriginKey, OriginLease } from './types.js'

const log = createLog('cluster')

/** What {@link Origins} are made with. */
export interface OriginsOptions {
  readonly nodeId: string
  readonly url: string
  readonly ttlMs: number
  readonly link: DirectoryLink
  readonly scheduler: DeadlineQueue
  readonly census: Census
  /** Whether a newer publisher of a name replaces an older one; the policy of the broadcast. */
  replaces(broadcast: string): boolean
  onHeld(lease: OriginLease): void
  onLost(key: OriginKey, reason: LostReason): void
}

/** See the top of the file. */
export class Origins {
  readonly #options: OriginsOptions
  readonly #held = new Map<string, HeldOrigin>()

  constructor(options: OriginsOptions) {
    this.#options = options
  }

  /** The leases that are held. */
  get leases(): readonly OriginLease[] {
    return [...this.#held.values()].flatMap(({ lease }) => lease ?? [])
  }

  /** Whether this node believes to be the origin of that publisher. */
  holds(broadcast: string, publisher: string): boolean {
    return this.#held.get(keyOf(broadcast, publisher))?.lease !== undefined
  }

  /**
   * Carries out `publish` if a publisher of that name may come to this node. A name that is free is claimed before; one that another node has is taken over when
   * the publisher is connected, so that nothing changes if it never is. Rejects with `publisher-exists` by policy, `directory-unavailable`, and as `publish` does.
   */
  async admit<Result>(broadcast: string, publisher: string, publish: () => Promise<Result>): Promise<Result> {
    const origin = this.#origin(broadcast, publisher)
    origin.pending++
    try {
      const free = await origin.claim(false)
      if (!free && !this.#options.replaces(broadcast)) {
        throw new BroadcastError('publisher-exists', `another node has a publisher ${publisher}`, {
          details: { as: publisher },
        })
      }
      return await publish()
    } finally {
      origin.pending--
      this.#settle(origin)
    }
  }

  /** A publisher is connected: this node is its origin from now on, or it has to go. */
  onPublisherJoined({ broadcast, as = '' }: Session): void {
    const origin = this.#origin(broadcast, as)
    if (origin.lease === undefined) origin.insist(this.#options.replaces(broadcast))
  }

  /** A publisher has ended: if it was the last of its name here, the lease is given up. */
  onPublisherGone({ broadcast, as = '' }: Session): void {
    const origin = this.#held.get(keyOf(broadcast, as))
    if (origin !== undefined) this.#settle(origin)
  }

  /** What the directory says of a broadcast. */
  check(broadcast: string, record: BroadcastRecord): void {
    for (const origin of [...this.#held.values()]) if (origin.broadcast === broadcast) origin.check(record)
  }

  /** Whether a broadcast has a publisher here. */
  has(broadcast: string): boolean {
    for (const origin of this.#held.values()) if (origin.broadcast === broadcast) return true
    return false
  }

  /** Gives everything up. */
  async close(): Promise<void> {
    const held = [...this.#held.values()]
    this.#held.clear()
    await Promise.all(held.map((origin) => origin.end()))
  }

  #origin(broadcast: string, publisher: string): HeldOrigin {
    const key = keyOf(broadcast, publisher)
    const known = this.#held.get(key)
    if (known) return known
    const { nodeId, url, ttlMs, link, scheduler } = this.#options
    const origin: HeldOrigin = new HeldOrigin({
      broadcast,
      publisher,
      nodeId,
      url,
      ttlMs,
      link,
      scheduler,
      onHeld: (lease) => this.#options.onHeld(lease),
      onLost: (reason) => this.#onLost(origin, reason),
    })
    this.#held.set(key, origin)
    return origin
  }

  /** Ends those that are connected; one that still connects will have its turn. */
  #onLost(origin: HeldOrigin, reason: LostReason): void {
    const { broadcast, publisher } = origin
    log('%s %s: %s', printable(broadcast), printable(publisher), reason)
    for (const session of this.#options.census.publishers(broadcast, publisher)) {
      if (session.state !== 'connecting') end(session, reason)
    }
    this.#settle(origin)
    this.#options.onLost({ broadcast, publisher }, reason)
  }

  #settle(origin: HeldOrigin): void {
    const { broadcast, publisher, pending } = origin
    if (pending > 0 || this.#options.census.publishers(broadcast, publisher).length > 0) return
    if (this.#held.get(keyOf(broadcast, publisher)) === origin) this.#held.delete(keyOf(broadcast, publisher))
    void origin.end()
  }
}

/** Names have no control characters. */
function keyOf(broadcast: string, publisher: string): string {
  return `${broadcast}\n${publisher}`
}

function end(session: Session, reason: LostReason): void {
  session.close(reason).catch((error: unknown) => log('%s: not closed: %O', session.id, error))
}
