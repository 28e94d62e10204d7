/**
 * The feeds of one shard: for each feed of each broadcast a hub, joined with where it comes from: a source of this shard, a pipe from another one
 * while anybody here wants it, or nothing.
 */
import type { MessagePort } from 'node:worker_threads'
import type { MediaConfig, MediaSource } from '../media/types.js'
import type { Scheduler } from '../util/scheduler.js'
import type { Hub } from './hub.js'
import type { FeedOrigin, Origin } from './origin-table.js'
import { Pipes } from './pipes.js'
import { ShardBroadcast } from './shard-broadcast.js'
import type { TurnFanOut } from './turn-fan-out.js'
import type { PipeStats } from './types.js'

/** The shard that has the feeds. */
export interface FeedsOwner {
  /** Its index among the shards of the engine. */
  readonly index: number
  readonly scheduler: Scheduler
  readonly mediaConfig: MediaConfig
  /** How many bytes may wait for another shard. */
  readonly pipeQueueBytes: number
  /** See `ForwardedLayerOptions.fanOut`. */
  readonly fanOut?: TurnFanOut
  /** The source that a publisher of this shard is. */
  source(peerId: string): MediaSource | undefined
}

/** See the top of the file. */
export class Feeds {
  readonly scheduler: Scheduler
  readonly mediaConfig: MediaConfig
  readonly pipeQueueBytes: number
  readonly fanOut: TurnFanOut | undefined
  readonly #broadcasts = new Map<string, ShardBroadcast>()
  readonly #pipes: Pipes

  constructor(readonly owner: FeedsOwner) {
    this.scheduler = owner.scheduler
    this.mediaConfig = owner.mediaConfig
    this.pipeQueueBytes = owner.pipeQueueBytes
    this.fanOut = owner.fanOut
    this.#pipes = new Pipes(this)
  }

  /** How many broadcasts there are, with anybody here or with past traffic. */
  get broadcastCount(): number {
    return this.#broadcasts.size
  }

  /** What found no room between this shard and others. */
  get pipeStats(): PipeStats {
    return this.#pipes.stats()
  }

  /** The broadcast of that id, if anything here is of it. */
  find(broadcastId: string): ShardBroadcast | undefined {
    return this.#broadcasts.get(broadcastId)
  }

  /** The broadcast of that id, made if there is none. */
  broadcast(broadcastId: string): ShardBroadcast {
    let broadcast = this.#broadcasts.get(broadcastId)
    if (!broadcast) {
      broadcast = new ShardBroadcast()
      this.#broadcasts.set(broadcastId, broadcast)
    }
    return broadcast
  }

  /** The feed comes from that publisher from now on. Where nobody here wants it, this is only noted. */
  setOrigin(broadcastId: string, feed: string, origin: Origin | undefined): void {
    const broadcast = origin ? this.broadcast(broadcastId) : this.#broadcasts.get(broadcastId)
    if (!broadcast) return
    broadcast.feed(feed, this.#nowMs).origin = origin
    this.#route(broadcastId, feed)
    this.#tidy(broadcastId)
  }

  /** The same for all the feeds of a broadcast that there are. */
  setOrigins(broadcastId: string, feeds: readonly FeedOrigin[]): void {
    for (const { feed, origin } of feeds) this.setOrigin(broadcastId, feed, origin)
  }

  /** Talks to that shard over `port` from now on. */
  connect(shard: number, port: MessagePort): void {
    this.#pipes.connect(shard, port)
  }

  /** A publisher or a sink of this shard is gone. */
  release(broadcastId: string, peerId?: string): void {
    const broadcast = this.#broadcasts.get(broadcastId)
    if (!broadcast) return
    for (const { hub } of broadcast.feeds.values()) {
      if (peerId !== undefined && hub.source?.id === peerId) hub.setSource(undefined, this.#nowMs)
    }
    for (const feed of [...broadcast.feeds.keys()]) this.#route(broadcastId, feed)
    this.#tidy(broadcastId)
  }

  /** A broadcast is over; its traffic is of no interest any more. */
  remove(broadcastId: string): void {
    const broadcast = this.#broadcasts.get(broadcastId)
    if (!broadcast) return
    broadcast.removed = true
    for (const feed of [...broadcast.feeds.keys()]) this.setOrigin(broadcastId, feed, undefined)
    this.#tidy(broadcastId)
  }

  /** Ends the pipes and forgets everything. */
  close(): void {
    this.#pipes.close()
    this.#broadcasts.clear()
  }

  /** The hub of a feed, for the pipes. */
  hub(feedId: string): Hub {
    const [broadcastId, feed] = splitFeedId(feedId)
    return this.broadcast(broadcastId).feed(feed, this.#nowMs).hub
  }

  /** A hub may have lost its last use, as the pipes tell. */
  releaseHub(feedId: string): void {
    const [broadcastId, feed] = splitFeedId(feedId)
    this.#route(broadcastId, feed)
    this.#tidy(broadcastId)
  }

  get #nowMs(): number {
    return this.scheduler.clock.nowMs()
  }

  /** Brings a feed's source in line with its origin. */
  #route(broadcastId: string, feedName: string): void {
    const broadcast = this.#broadcasts.get(broadcastId)
    const feed = broadcast?.feeds.get(feedName)
    if (!broadcast || !feed) return
    const { hub, origin } = feed
    const feedId = joinFeedId(broadcastId, feedName)
    if (origin?.shard === this.owner.index) {
      this.#pipes.unsubscribe(feedId)
      hub.setSource(this.owner.source(origin.peerId), this.#nowMs)
    } else if (origin && hub.sinkCount > 0) {
      // The hub keeps a source of this shard that has been replaced until the pipe brings the new one.
      this.#pipes.subscribe(feedId, origin.shard)
    } else {
      this.#pipes.unsubscribe(feedId)
      hub.setSource(undefined, this.#nowMs)
    }
    if (!origin && !this.#pipes.uses(feedId)) broadcast.removeFeed(feedName, this.#nowMs)
  }

  /** Forgets a broadcast that nobody needs. Other shards may hold on to its feeds for a moment longer than it lasts. */
  #tidy(broadcastId: string): void {
    const broadcast = this.#broadcasts.get(broadcastId)
    if (broadcast && !broadcast.inUse && broadcast.feeds.size === 0) this.#broadcasts.delete(broadcastId)
  }
}

/** A feed's name across shards. Broadcast ids are base64url, so the first space is the border. */
function joinFeedId(broadcastId: string, feed: string): string {
  return `${broadcastId} ${feed}`
}

function splitFeedId(feedId: string): [broadcastId: string, feed: string] {
  const border = feedId.indexOf(' ')
  return [feedId.slice(0, border), feedId.slice(border + 1)]
}
