/** One broadcast on one shard: its feeds, the viewers that are here, and the books. */
import type { ViewerEgress } from '../media/egress/viewer-egress.js'
import type { MediaSink, MediaSource } from '../media/types.js'
import { Hub } from './hub.js'
import type { Origin } from './origin-table.js'
import { NO_TRAFFIC, sumTotals } from './traffic.js'
import type { TrafficTotals } from './types.js'

/** A feed on this shard. */
export interface Feed {
  readonly hub: Hub
  /** Where it comes from; undefined while nobody publishes under its name. */
  origin: Origin | undefined
}

/** A viewer's place in one feed. */
class FeedSink implements MediaSink {
  constructor(
    readonly viewer: ViewerEgress,
    readonly feed: string,
  ) {}

  setSource(source: MediaSource | undefined, nowMs: number): void {
    this.viewer.setSource(this.feed, source, nowMs)
  }
}

/** See the top of the file. */
export class ShardBroadcast {
  /** Peers of the broadcast on this shard. */
  peerCount = 0
  /** The broadcast is over; its traffic is of no interest any more. */
  removed = false
  readonly feeds = new Map<string, Feed>()
  readonly #viewers = new Map<ViewerEgress, Map<string, FeedSink>>()
  #past: TrafficTotals = NO_TRAFFIC

  /** Traffic of peers that have left. */
  get pastTotals(): TrafficTotals {
    return this.#past
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

  /** The feed of that name, made if there is none; viewers are in it from its start. */
  feed(name: string, nowMs: number): Feed {
    let feed = this.feeds.get(name)
    if (feed) return feed
    feed = { hub: new Hub(), origin: undefined }
    this.feeds.set(name, feed)
    for (const [viewer, sinks] of this.#viewers) this.#join(viewer, sinks, name, feed, nowMs)
    return feed
  }

  /** Forgets a feed that nobody publishes. */
  removeFeed(name: string, nowMs: number): void {
    const feed = this.feeds.get(name)
    if (!feed) return
    for (const sinks of this.#viewers.values()) {
      const sink = sinks.get(name)
      if (sink) feed.hub.removeSink(sink, nowMs)
      sinks.delete(name)
    }
    this.feeds.delete(name)
  }

  /** A viewer takes every feed there is and every later one. */
  addViewer(viewer: ViewerEgress, nowMs: number): void {
    const sinks = new Map<string, FeedSink>()
    this.#viewers.set(viewer, sinks)
    for (const [name, feed] of this.feeds) this.#join(viewer, sinks, name, feed, nowMs)
  }

  /** A viewer leaves. */
  removeViewer(viewer: ViewerEgress, nowMs: number): void {
    for (const [name, sink] of this.#viewers.get(viewer) ?? []) this.feeds.get(name)?.hub.removeSink(sink, nowMs)
    this.#viewers.delete(viewer)
  }

  /** Keeps the traffic of a peer that leaves. */
  addPastTotals(totals: TrafficTotals): void {
    this.#past = sumTotals(this.#past, totals)
  }

  #join(viewer: ViewerEgress, sinks: Map<string, FeedSink>, name: string, feed: Feed, nowMs: number): void {
    const sink = new FeedSink(viewer, name)
    sinks.set(name, sink)
    feed.hub.addSink(sink, nowMs)
  }
}
