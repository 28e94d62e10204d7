/**
 * A shard without sockets, in the thread of whoever has media to give or to take: sources that are no WebRTC peers (files, plain RTP, the
 * application's own packets) and sinks that are none (recorders, readers of frames). To the other shards it is one like them: the same
 * pipes join it with theirs.
 */
import type { MessagePort } from 'node:worker_threads'
import { BroadcastError } from '../errors.js'
import { describeSource } from '../media/describe-source.js'
import type { LocalSink, LocalSource } from '../media/local-ends.js'
import type { MediaConfig, MediaSource } from '../media/types.js'
import { type Clock, systemClock } from '../util/clock.js'
import { createLog } from '../util/log.js'
import { Scheduler } from '../util/scheduler.js'
import { type EngineConfig, resolveMediaConfig } from './engine-config.js'
import { Feeds } from './feeds.js'
import type { FeedOrigin, Origin } from './origin-table.js'
import { NO_TRAFFIC } from './traffic.js'
import type { BroadcastEngineStats, PeerCloseReason, PeerStateEvent, PeerStats } from './types.js'

const log = createLog('direct')

/** A source for a broadcast. */
export interface AddDirectSourceRequest {
  readonly peerId: string
  readonly broadcastId: string
  readonly source: LocalSource
}

/** What a direct shard is made with. */
export interface DirectShardOptions {
  readonly index: number
  readonly config: EngineConfig
  onPeerState(event: PeerStateEvent): void
}

/** Sources are opened once, whatever engine has them: what ends the second session would end the first one's source. */
const opened = new WeakSet<LocalSource>()

interface DirectPeer {
  readonly broadcastId: string
  readonly source: LocalSource
  /** Undefined while it is being opened. */
  media: MediaSource | undefined
}

/** See the top of the file. */
export class DirectShard {
  readonly index: number
  readonly scheduler: Scheduler
  readonly mediaConfig: MediaConfig
  readonly pipeQueueBytes: number
  readonly #feeds: Feeds
  readonly #peers = new Map<string, DirectPeer>()
  readonly #clock: Clock = systemClock
  #closed = false

  constructor(readonly options: DirectShardOptions) {
    this.index = options.index
    this.scheduler = new Scheduler(this.#clock, undefined, (error) => log('deadline threw: %O', error))
    this.pipeQueueBytes = options.config.pipeQueueBytes
    this.mediaConfig = resolveMediaConfig(options.config, this.#clock.unixMs() - this.#clock.nowMs())
    this.#feeds = new Feeds(this)
  }

  /** Opens a source; it is `connected` before this resolves. Rejects with `request-invalid` the second time, and with what its `open` rejects with. */
  async addSource({ peerId, broadcastId, source }: AddDirectSourceRequest): Promise<void> {
    if (this.#closed) throw new BroadcastError('closed', 'the engine is closed')
    if (opened.has(source)) {
      this.options.onPeerState({ peerId, state: 'closed', reason: 'closed' })
      throw new BroadcastError('request-invalid', 'a source is added to one broadcast, once')
    }
    opened.add(source)
    const peer: DirectPeer = { broadcastId, source, media: undefined }
    this.#peers.set(peerId, peer)
    this.#feeds.broadcast(broadcastId).peerCount++
    const context = { id: peerId, config: this.mediaConfig, scheduler: this.scheduler }
    try {
      const media = await source.open(context)
      if (this.#peers.get(peerId) !== peer) throw new BroadcastError('closed', 'the source was closed while it opened')
      peer.media = media
    } catch (error) {
      await this.#end(peerId, 'closed')
      throw error
    }
    this.options.onPeerState({ peerId, state: 'connected' })
    source.start((error) => this.#onEnd(peerId, error))
  }

  /** `sink` gets the feeds of the broadcast, those there are and every later one. Returns the way to stop. */
  addSink(broadcastId: string, sink: LocalSink, feeds: readonly FeedOrigin[]): () => void {
    const broadcast = this.#feeds.broadcast(broadcastId)
    broadcast.peerCount++
    broadcast.addSink(sink, this.#nowMs)
    this.#feeds.setOrigins(broadcastId, feeds)
    let there = true
    return () => {
      if (!there || this.#closed) return
      there = false
      broadcast.peerCount--
      broadcast.removeSink(sink, this.#nowMs)
      this.#feeds.release(broadcastId)
    }
  }

  /** Ends a source with that reason. */
  async closePeer(peerId: string, reason: PeerCloseReason): Promise<void> {
    await this.#end(peerId, reason)
  }

  setOrigin(broadcastId: string, feed: string, origin: Origin | undefined): void {
    this.#feeds.setOrigin(broadcastId, feed, origin)
  }

  connectShard(index: number, port: MessagePort): void {
    this.#feeds.connect(index, port)
  }

  peerStats(peerId: string): PeerStats | undefined {
    const peer = this.#peers.get(peerId)
    if (!peer) return undefined
    const { broadcastId, media } = peer
    return {
      peerId,
      broadcastId,
      role: 'publisher',
      state: media ? 'connected' : 'connecting',
      source: media ? describeSource(media, this.#nowMs) : { tracks: [] },
    }
  }

  broadcastStats(broadcastId: string): BroadcastEngineStats {
    const ids = [...this.#peers].filter(([, peer]) => peer.broadcastId === broadcastId).map(([peerId]) => peerId)
    return { totals: NO_TRAFFIC, peers: ids.flatMap((peerId) => this.peerStats(peerId) ?? []) }
  }

  removeBroadcast(broadcastId: string): void {
    this.#feeds.remove(broadcastId)
  }

  /** Ends every source and sink. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.all([...this.#peers.keys()].map((peerId) => this.#end(peerId, 'sfu-closed')))
    this.#feeds.close()
    this.scheduler.close()
  }

  /** @internal */
  source(peerId: string): MediaSource | undefined {
    return this.#peers.get(peerId)?.media
  }

  get #nowMs(): number {
    return this.#clock.nowMs()
  }

  #onEnd(peerId: string, error: unknown): void {
    const detail = error === undefined ? undefined : error instanceof Error ? error.message : String(error)
    void this.#end(peerId, error === undefined ? 'source-ended' : 'source-failed', detail)
  }

  async #end(peerId: string, reason: PeerCloseReason, detail?: string): Promise<void> {
    const peer = this.#peers.get(peerId)
    if (!peer) return
    this.#peers.delete(peerId)
    this.#feeds.broadcast(peer.broadcastId).peerCount--
    this.#feeds.release(peer.broadcastId, peerId)
    this.options.onPeerState({ peerId, state: 'closed', reason, ...(detail === undefined ? {} : { detail }) })
    try {
      await peer.source.close()
    } catch (error) {
      log('source %s: not closed: %O', peerId, error)
    }
  }
}
