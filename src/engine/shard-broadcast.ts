/** One broadcast on one shard: its feeds, the sinks that are here, and the books. */
import type { LocalSink } from '../media/local-ends.js'
import type { MediaSink, MediaSource } from '../media/types.js'
import { Hub } from './hub.js'
import type { Origin } from './origin-table.js'
import { broadcastSums, sumBroadcastSums } from './peer-sums.js'
import { NO_TRAFFIC, sumTotals } from './traffic.js'
import type { BroadcastSums, PeerSums, TrafficTotals } from './types.js'

/** A feed on this shard. */
export interface Feed {
  readonly hub: Hub
  /** Where it comes from; undefined while nobody publishes under its name. */
  origin: Origin | undefined
}

/** A sink's place in one feed. */
class FeedSink implements MediaSink {
  constructor(
    readonly sink: LocalSink,
    readonly feed: string,
  ) {}

  setSource(source: MediaSource | undefined, nowMs: number): void {
    this.sink.setSource(this.feed, source, nowMs)
  }
}

/** See the top of the file. */
export class ShardBroadcast {
  /** Peers of the broadcast on this shard. */
  peerCount = 0
  /** The broadcast is over; its traffic is of no interest any more. */
  removed = false
  readonly feeds = new Map<string, Feed>()
  readonly #sinks = new Map<LocalSink, Map<string, FeedSink>>()
  #past: TrafficTotals = NO_TRAFFIC
  #pastSums: BroadcastSums | undefined

  /** Traffic of peers that have left. */
  get pastTotals(): TrafficTotals {
    return this.#past
  }

  /** What peers that have left had counted; undefined before the first. */
  get pastSums(): BroadcastSums | undefined {
    return this.#pastSums
  }

  /** How many feeds have a publisher, wherever that is. */
  get liveFeeds(): number {
    let count = 0
    for (const { origin } of this.feeds.values()) if (origin) count++
    return count
  }

  /** True while there is something to keep it for, besides pipes. */
  get inUse(): boolean {
    return this.peerCount > 0 || (!this.removed && this.#past !== NO_TRAFFIC)
  }

  /** The feed of that name, made if there is none; sinks are in it from its start. */
  feed(name: string, nowMs: number): Feed {
    let feed = this.feeds.get(name)
    if (feed) return feed
    feed = { hub: new Hub(), origin: undefined }
    this.feeds.set(name, feed)
    for (const [sink, places] of this.#sinks) this.#join(sink, places, name, feed, nowMs)
    return feed
  }

  /** Forgets a feed that nobody publishes. */
  removeFeed(name: string, nowMs: number): void {
    const feed = this.feeds.get(name)
    if (!feed) return
    for (const places of this.#sinks.values()) {
      const place = places.get(name)
      if (place) feed.hub.removeSink(place, nowMs)
      places.delete(name)
    }
    this.feeds.delete(name)
  }

  /** A sink takes every feed there is and every later one. */
  addSink(sink: LocalSink, nowMs: number): void {
    const places = new Map<string, FeedSink>()
    this.#sinks.set(sink, places)
    for (const [name, feed] of this.feeds) this.#join(sink, places, name, feed, nowMs)
  }

  /** A sink leaves. */
  removeSink(sink: LocalSink, nowMs: number): void {
    for (const [name, place] of this.#sinks.get(sink) ?? []) this.feeds.get(name)?.hub.removeSink(place, nowMs)
    this.#sinks.delete(sink)
  }

  /** Keeps the traffic of a peer that leaves. */
  addPastTotals(totals: TrafficTotals): void {
    this.#past = sumTotals(this.#past, totals)
  }

  /** Keeps what a peer that leaves has counted. */
  addPastSums(sums: PeerSums): void {
    const past = broadcastSums(sums)
    this.#pastSums = this.#pastSums ? sumBroadcastSums(this.#pastSums, past) : past
  }

  #join(sink: LocalSink, places: Map<string, FeedSink>, name: string, feed: Feed, nowMs: number): void {
    const place = new FeedSink(sink, name)
    places.set(name, place)
    feed.hub.addSink(place, nowMs)
  }
}
