/**
 * An engine of one or more shards. It places peers, keeps the table of who feeds which broadcast, joins the shards with
 * pipes, and replaces a shard whose thread has died.
 */
import { MessageChannel } from 'node:worker_threads'
import { BroadcastError } from '../errors.js'
import type { LocalSink } from '../media/local-ends.js'
import { systemClock } from '../util/clock.js'
import { createLog } from '../util/log.js'
import { ActiveSpeakers } from './active-speakers.js'
import type { DirectShard } from './direct-shard.js'
import { JoinGate } from './join-gate.js'
import { leastLoaded } from './least-loaded.js'
import { type Origin, OriginTable } from './origin-table.js'
import type { PeerSpeech, ShardApi, ShardListener } from './shard-api.js'
import { ShardGauge } from './shard-gauge.js'
import { NO_TRAFFIC, sumTotals } from './traffic.js'
import type {
  AddPublisherRequest,
  AddSourceRequest,
  AddViewerRequest,
  BroadcastEngineStats,
  Engine,
  EngineListener,
  EngineStats,
  EngineSummary,
  OfferPublisherRequest,
  OfferViewerRequest,
  PeerAnswer,
  PeerCloseReason,
  PeerLayerEvent,
  PeerOffer,
  PeerRequest,
  PeerStateEvent,
  PeerStats,
  ShardLoad,
  TrickleResult,
  ViewerSettings,
} from './types.js'

const log = createLog('engine')

/** Opens the shard of that index. */
export type ShardOpener = (index: number, listener: ShardListener) => Promise<ShardApi>

/** Makes the shard without sockets, for the application's own sources and sinks. */
export type DirectShardMaker = (index: number, onPeerState: (event: PeerStateEvent) => void) => Promise<DirectShard>

/** The first wait before a shard that cannot be replaced is tried again; doubles up to {@link MAX_REOPEN_MS}. */
const FIRST_REOPEN_MS = 100
const MAX_REOPEN_MS = 5000

/** How often shards are asked how much they have to do, where there are several to choose from. */
const GAUGE_INTERVAL_MS = 1000

/** What the engine asks of the shard that a peer is on. */
type PeerHost = Pick<ShardApi, 'closePeer' | 'peerStats'>

interface PlacedPeer {
  /** The name that it publishes under; undefined for a viewer. */
  readonly feed: string | undefined
  readonly broadcastId: string
  readonly slot: PeerSlot
  /** Whether its shard has been asked to make it; before, it waits for that. */
  isAsked: boolean
}

interface PeerSlot {
  readonly index: number
  readonly shard: PeerHost | undefined
  peerCount: number
}

interface Slot extends PeerSlot {
  readonly gate: JoinGate
  shard: ShardApi | undefined
  /** Resolves with the shard that opens now, or has opened. */
  opening: Promise<ShardApi>
  /** A new one for each shard that opens. */
  gauge: ShardGauge
}

interface DirectSlot extends PeerSlot {
  readonly shard: DirectShard
}

/** See the top of the file. */
export class ShardedEngine implements Engine {
  readonly #slots: Slot[] = []
  /** Made when the application first has a source or a sink of its own. */
  #direct: Promise<DirectSlot> | undefined
  #directShard: DirectShard | undefined
  readonly #peers = new Map<string, PlacedPeer>()
  readonly #origins = new OriginTable((...change) => this.#tellOrigin(...change))
  readonly #speakers = new ActiveSpeakers((event) => this.listener.onActiveSpeaker(event))
  #started: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #reopenTimer: NodeJS.Timeout | undefined
  #gaugeTimer: NodeJS.Timeout | undefined
  #loweredLayers = 0

  constructor(
    readonly shardCount: number,
    readonly openShard: ShardOpener,
    readonly makeDirectShard: DirectShardMaker,
    readonly listener: EngineListener,
  ) {}

  start(): Promise<void> {
    this.#started ??= this.#open()
    return this.#started
  }

  addPublisher(request: AddPublisherRequest): Promise<PeerAnswer> {
    return this.#addPeer(request.feed, request, (shard) => shard.addPublisher(request))
  }

  addViewer(request: AddViewerRequest): Promise<PeerAnswer> {
    return this.#addPeer(undefined, request, (shard) =>
      shard.addViewer({ ...request, feeds: this.#origins.feeds(request.broadcastId) }),
    )
  }

  offerPublisher(request: OfferPublisherRequest): Promise<PeerOffer> {
    return this.#addPeer(request.feed, request, (shard) => shard.offerPublisher(request))
  }

  offerViewer(request: OfferViewerRequest): Promise<PeerOffer> {
    return this.#addPeer(undefined, request, (shard) => shard.offerViewer(request))
  }

  async acceptAnswer(peerId: string, answer: string): Promise<void> {
    const feeds = this.#origins.feeds(this.#peers.get(peerId)?.broadcastId ?? '')
    await this.#hostOf(peerId).acceptAnswer(peerId, answer, feeds)
  }

  async addSource(request: AddSourceRequest): Promise<void> {
    await this.#ready()
    const { peerId, broadcastId, feed } = request
    const slot = await this.#directSlot()
    this.#peers.set(peerId, { feed, broadcastId, slot, isAsked: true })
    slot.peerCount++
    await slot.shard.addSource(request)
  }

  async addSink(broadcastId: string, sink: LocalSink): Promise<() => void> {
    await this.#ready()
    const { shard } = await this.#directSlot()
    return shard.addSink(broadcastId, sink, this.#origins.feeds(broadcastId))
  }

  async configureViewer(peerId: string, settings: ViewerSettings): Promise<void> {
    await this.#shardOf(peerId)?.configureViewer(peerId, settings)
  }

  async trickle(peerId: string, fragment: string): Promise<TrickleResult> {
    return this.#hostOf(peerId).trickle(peerId, fragment)
  }

  async closePeer(peerId: string, reason: PeerCloseReason): Promise<void> {
    const peer = this.#peers.get(peerId)
    if (peer?.isAsked === false) this.#onPeerState({ peerId, state: 'closed', reason })
    else await peer?.slot.shard?.closePeer(peerId, reason)
  }

  async peerStats(peerId: string): Promise<PeerStats | undefined> {
    return this.#peers.get(peerId)?.slot.shard?.peerStats(peerId)
  }

  async broadcastStats(broadcastId: string): Promise<BroadcastEngineStats> {
    await this.#ready()
    const parts = await Promise.all(this.#hosts().map((shard) => shard.broadcastStats(broadcastId)))
    return {
      totals: parts.reduce((sum, part) => sumTotals(sum, part.totals), NO_TRAFFIC),
      peers: parts.flatMap((part) => part.peers),
    }
  }

  async removeBroadcast(broadcastId: string): Promise<void> {
    if (this.#closing) return
    await Promise.all(this.#hosts().map((shard) => shard.removeBroadcast(broadcastId)))
  }

  async stats(): Promise<EngineStats> {
    await this.#ready()
    return { shards: await Promise.all(this.#shards().map((shard) => shard.stats())) }
  }

  async lowerLayers(layers: number): Promise<void> {
    this.#loweredLayers = layers
    await Promise.all(this.#shards().map((shard) => shard.lowerLayers(layers)))
  }

  async load(): Promise<readonly ShardLoad[]> {
    if (this.#closing) throw new BroadcastError('closed', 'the engine is closed')
    return Promise.all(this.#shards().map((shard) => shard.load()))
  }

  async summary(broadcastIds: readonly string[]): Promise<EngineSummary> {
    await this.#ready()
    return { shards: await Promise.all(this.#shards().map((shard) => shard.summary(broadcastIds))) }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #open(): Promise<void> {
    for (let index = 0; index < this.shardCount; index++) {
      const opening = Promise.resolve() as never
      const gauge = new ShardGauge()
      const slot: Slot = { index, shard: undefined, opening, peerCount: 0, gauge, gate: new JoinGate() }
      slot.opening = this.#openSlot(slot)
      this.#slots.push(slot)
    }
    const results = await Promise.allSettled(this.#slots.map((slot) => slot.opening))
    const failed = results.find((result) => result.status === 'rejected')
    if (!failed) return this.#gaugeShards()
    await this.#close()
    throw BroadcastError.from(failed.reason)
  }

  async #openSlot(slot: Slot): Promise<ShardApi> {
    const shard = await this.openShard(slot.index, {
      onPeerState: (event) => this.#onPeerState(event),
      onLayer: (event) => this.#onLayer(event),
      onSpeech: (speech) => this.#onSpeech(speech),
      onDeath: (detail) => this.#onDeath(slot, detail),
    })
    slot.shard = shard
    slot.gauge = new ShardGauge()
    if (this.#loweredLayers > 0) await shard.lowerLayers(this.#loweredLayers)
    for (const other of this.#slots) {
      if (other !== slot && other.shard) await join(slot.index, shard, other.index, other.shard)
    }
    if (this.#directShard) await join(slot.index, shard, this.#directShard.index, this.#directShard)
    return shard
  }

  async #directSlot(): Promise<DirectSlot> {
    // It may have been closed while the shards were opening.
    if (this.#closing) throw new BroadcastError('closed', 'the engine is closed')
    this.#direct ??= this.#openDirect()
    return this.#direct
  }

  async #openDirect(): Promise<DirectSlot> {
    const index = this.shardCount
    const shard = await this.makeDirectShard(index, (event) => this.#onPeerState(event))
    this.#directShard = shard
    await Promise.all(this.#slots.map(async (slot) => slot.shard && join(slot.index, slot.shard, index, shard)))
    return { index, shard, peerCount: 0 }
  }

  /** The shard of a peer that has a transport. */
  #shardOf(peerId: string): ShardApi | undefined {
    const slot = this.#peers.get(peerId)?.slot
    return this.#slots.find((one) => one === slot)?.shard
  }

  /** The same. Throws `closed`, or `session-not-found` if there is none. */
  #hostOf(peerId: string): ShardApi {
    if (this.#closing) throw new BroadcastError('closed', 'the engine is closed')
    const shard = this.#shardOf(peerId)
    if (!shard) throw new BroadcastError('session-not-found', 'there is no such session; it may have ended')
    return shard
  }

  async #ready(): Promise<void> {
    if (this.#closing) throw new BroadcastError('closed', 'the engine is closed')
    await this.start()
  }

  #shards(): ShardApi[] {
    return this.#slots.flatMap((slot) => slot.shard ?? [])
  }

  /** Everything that feeds pass through. */
  #hosts(): (ShardApi | DirectShard)[] {
    return [...this.#shards(), ...(this.#directShard ? [this.#directShard] : [])]
  }

  async #addPeer<Reply>(
    feed: string | undefined,
    request: PeerRequest,
    ask: (shard: ShardApi) => Promise<Reply>,
  ): Promise<Reply> {
    await this.#ready()
    const { peerId, broadcastId } = request
    const slot = this.#leastLoaded()
    const peer: PlacedPeer = { feed, broadcastId, slot, isAsked: false }
    this.#peers.set(peerId, peer)
    slot.peerCount++
    try {
      return await slot.gate.pass(async () => {
        const shard = await slot.opening
        if (!this.#peers.has(peerId)) throw new BroadcastError('closed', 'the session ended before its shard was asked')
        peer.isAsked = true
        // The peer's events may come before its answer; it is in the table already.
        return ask(shard)
      })
    } catch (error) {
      if (this.#peers.delete(peerId)) slot.peerCount--
      throw error
    }
  }

  #leastLoaded(): Slot {
    const open = this.#slots.filter((slot) => slot.shard)
    const candidates = open.length > 0 ? open : this.#slots
    if (candidates.length === 1) return candidates[0] as Slot
    return leastLoaded(candidates.map((slot) => ({ slot, peerCount: slot.peerCount, measure: slot.gauge.measure })))
      .slot
  }

  /** Asks the shards again and again what they have to do, if there are several. */
  #gaugeShards(): void {
    if (this.#slots.length < 2 || this.#closing) return
    this.#gaugeTimer = setInterval(() => {
      for (const { shard, gauge, peerCount } of this.#slots) {
        if (shard) gauge.ask(shard, peerCount).catch((error) => log('load: %O', error))
      }
    }, GAUGE_INTERVAL_MS)
    this.#gaugeTimer.unref()
  }

  #onPeerState(event: PeerStateEvent): void {
    const peer = this.#peers.get(event.peerId)
    if (!peer) return
    const { feed, broadcastId, slot } = peer
    if (event.state === 'closed') {
      this.#peers.delete(event.peerId)
      slot.peerCount--
      if (feed !== undefined) this.#origins.remove(broadcastId, feed, event.peerId)
    } else if (event.state === 'connected' && feed !== undefined) {
      this.#origins.add(broadcastId, feed, { shard: slot.index, peerId: event.peerId })
    }
    this.listener.onPeerState(event)
    if (event.state === 'closed') this.#speakers.stops(broadcastId, event.peerId)
  }

  #onLayer(event: PeerLayerEvent): void {
    if (this.#peers.has(event.peerId)) this.listener.onLayer(event)
  }

  #onSpeech(speech: readonly PeerSpeech[]): void {
    const nowMs = systemClock.nowMs()
    for (const { peerId, speaking, levelDbov } of speech) {
      const broadcastId = this.#peers.get(peerId)?.broadcastId
      if (broadcastId === undefined) continue
      if (speaking) this.#speakers.speaks(broadcastId, peerId, levelDbov, nowMs)
      else this.#speakers.stops(broadcastId, peerId)
    }
  }

  #tellOrigin(broadcastId: string, feed: string, origin: Origin | undefined): void {
    for (const shard of this.#hosts()) {
      Promise.resolve(shard.setOrigin(broadcastId, feed, origin)).catch((error) => log('setOrigin: %O', error))
    }
  }

  #onDeath(slot: Slot, detail: string): void {
    log('shard %d died: %s', slot.index, detail)
    slot.shard = undefined
    const lost = [...this.#peers].filter(([, peer]) => peer.slot === slot)
    for (const [peerId] of lost) this.#onPeerState({ peerId, state: 'closed', reason: 'engine-failed', detail })
    this.#reopen(slot, FIRST_REOPEN_MS)
  }

  #reopen(slot: Slot, retryMs: number): void {
    if (this.#closing) return
    slot.opening = this.#openSlot(slot)
    slot.opening.catch((error) => {
      log('shard %d does not open again: %O', slot.index, error)
      if (this.#closing) return
      this.#reopenTimer = setTimeout(() => this.#reopen(slot, Math.min(MAX_REOPEN_MS, retryMs * 2)), retryMs)
      this.#reopenTimer.unref()
    })
  }

  async #close(): Promise<void> {
    this.#closing ??= Promise.resolve()
    clearTimeout(this.#reopenTimer)
    clearInterval(this.#gaugeTimer)
    // A shard that is still opening is waited for, so that its sockets do not outlive the engine.
    const opened = await Promise.allSettled(this.#slots.map((slot) => slot.opening))
    // One that is still opening, too, so that no source outlives the engine.
    const direct = await this.#direct?.catch(() => undefined)
    await direct?.shard.close()
    await Promise.all(opened.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)))
    for (const peerId of [...this.#peers.keys()]) this.#onPeerState({ peerId, state: 'closed', reason: 'sfu-closed' })
    this.#slots.length = 0
  }
}

/** Lets two shards talk to each other. */
async function join(
  index: number,
  shard: Pick<ShardApi, 'connectShard'>,
  otherIndex: number,
  other: Pick<ShardApi, 'connectShard'>,
): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  await Promise.all([shard.connectShard(otherIndex, port1), other.connectShard(index, port2)])
}
