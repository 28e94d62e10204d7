/**
 * Who is the source of which feed. A broadcast has one feed per publisher name; one table per engine decides who feeds it and
 * tells the shards, so that two shards can never disagree. The publisher that connected last is the source; when it goes, the one
 * before it takes over again.
 */

/** The publisher that a feed comes from, and the shard it is on. */
export interface Origin {
  readonly shard: number
  readonly peerId: string
}

/** A feed of a broadcast, and where it comes from. */
export interface FeedOrigin {
  /** The name that the publisher goes by. */
  readonly feed: string
  readonly origin: Origin
}

/** Hears of every feed whose source has changed. */
export type OriginListener = (broadcastId: string, feed: string, origin: Origin | undefined) => void

/** Connected publishers by broadcast and feed, the newest last. */
export class OriginTable {
  readonly #broadcasts = new Map<string, Map<string, Origin[]>>()

  constructor(readonly onChange: OriginListener) {}

  /** The feeds of a broadcast now, in the order in which they began. */
  feeds(broadcastId: string): readonly FeedOrigin[] {
    const feeds = this.#broadcasts.get(broadcastId) ?? new Map<string, Origin[]>()
    return [...feeds].map(([feed, list]) => ({ feed, origin: list.at(-1) as Origin }))
  }

  /** A publisher is connected and becomes the source. */
  add(broadcastId: string, feed: string, origin: Origin): void {
    const feeds = this.#broadcasts.get(broadcastId) ?? new Map<string, Origin[]>()
    this.#broadcasts.set(broadcastId, feeds)
    const list = feeds.get(feed)
    if (list) list.push(origin)
    else feeds.set(feed, [origin])
    this.onChange(broadcastId, feed, origin)
  }

  /** A publisher is gone; harmless for one that never connected. */
  remove(broadcastId: string, feed: string, peerId: string): void {
    const feeds = this.#broadcasts.get(broadcastId)
    const list = feeds?.get(feed)
    const index = list?.findIndex((origin) => origin.peerId === peerId) ?? -1
    if (!feeds || !list || index < 0) return
    const wasSource = index === list.length - 1
    list.splice(index, 1)
    if (list.length === 0) feeds.delete(feed)
    if (feeds.size === 0) this.#broadcasts.delete(broadcastId)
    if (wasSource) this.onChange(broadcastId, feed, list.at(-1))
  }
}
