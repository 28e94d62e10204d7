/**
 * One shard: a media port, the peers that share it, and the broadcasts they are in. It runs wherever it is put, in a worker
 * thread or in the application's; everything it is asked and everything it tells is plain values.
 */
import type { MessagePort } from 'node:worker_threads'
import { BroadcastError } from '../errors.js'
import type { SpeechReport } from '../media/audio/speech-meter.js'
import { ViewerEgress } from '../media/egress/viewer-egress.js'
import { PublisherIngest } from '../media/ingest/publisher-ingest.js'
import type { MediaConfig, MediaSource } from '../media/types.js'
import { DEFAULT_CAPABILITIES } from '../sdp/capabilities.js'
import { KnownOffers } from '../sdp/known-offers.js'
import { negotiatePublisher } from '../sdp/negotiate-publisher.js'
import { type KnownViewerOffers, negotiateViewer } from '../sdp/negotiate-viewer.js'
import { offerToReceive } from '../sdp/offer-to-receive.js'
import { offerToSend } from '../sdp/offer-to-send.js'
import { readPublisherAnswer, readViewerAnswer } from '../sdp/read-answer.js'
import type { LocalParameters, PublisherSection, ViewerSection } from '../sdp/types.js'
import { generateDtlsIdentity } from '../transport/dtls.js'
import { JoinQueue } from '../transport/join-queue.js'
import { openTransportPath } from '../transport/open-transport-path.js'
import type { TransportPath } from '../transport/transport-path.js'
import type { DtlsIdentity } from '../transport/types.js'
import { UdpMux } from '../transport/udp/udp-mux.js'
import { type Clock, systemClock } from '../util/clock.js'
import { createLog } from '../util/log.js'
import { Scheduler } from '../util/scheduler.js'
import { ThreadMeter } from '../util/thread-meter.js'
import { type EngineConfig, resolveMediaConfig } from './engine-config.js'
import { Feeds } from './feeds.js'
import { OfferPorts } from './offer-ports.js'
import type { FeedOrigin, Origin } from './origin-table.js'
import type { Peer } from './peer.js'
import { PeerFactory, type PeerPlan } from './peer-factory.js'
import { type PendingOffer, PendingOffers } from './pending-offers.js'
import type { AddShardViewerRequest, ShardApi, ShardEvents } from './shard-api.js'
import { ShardBooks } from './shard-books.js'
import { SpeechBatch } from './speech-batch.js'
import { NO_TRAFFIC, sumTotals } from './traffic.js'
import { TurnFanOut } from './turn-fan-out.js'
import type {
  AddPublisherRequest,
  BroadcastEngineStats,
  OfferPublisherRequest,
  OfferViewerRequest,
  PeerAnswer,
  PeerCloseReason,
  PeerOffer,
  PeerRequest,
  PeerRole,
  PeerState,
  PeerStats,
  ShardLoad,
  ShardStats,
  ShardSummary,
  TrafficTotals,
  TrickleResult,
  ViewerSettings,
} from './types.js'

const log = createLog('shard')

/** What a shard is made with. */
export interface ShardOptions {
  readonly index: number
  readonly config: EngineConfig
  readonly listener: ShardEvents
}

/** The engine of one thread. */
export class Shard implements ShardApi {
  readonly mediaConfig: MediaConfig
  readonly pipeQueueBytes: number
  /** @internal */
  readonly fanOut: TurnFanOut
  readonly #peers = new Map<string, Peer>()
  readonly #factory: PeerFactory
  readonly #offers: PendingOffers
  readonly #knownOffers: KnownViewerOffers = new KnownOffers()
  readonly #ports: OfferPorts
  readonly #feeds: Feeds
  readonly #speech: SpeechBatch
  readonly #meter = new ThreadMeter()
  readonly #books = new ShardBooks()
  readonly #openedAtUnixMs: number
  #pastTotals: TrafficTotals = NO_TRAFFIC
  #internalErrors = 0
  #loweredLayers = 0
  #closed = false

  private constructor(
    readonly options: ShardOptions,
    readonly clock: Clock,
    readonly scheduler: Scheduler,
    readonly mux: UdpMux,
    readonly path: TransportPath,
    ports: OfferPorts,
    identity: DtlsIdentity,
  ) {
    this.pipeQueueBytes = options.config.pipeQueueBytes
    this.mediaConfig = resolveMediaConfig(options.config, clock.unixMs() - clock.nowMs())
    this.fanOut = new TurnFanOut(
      () => clock.nowMs(),
      () => mux.sender.flush(),
    )
    this.#openedAtUnixMs = Math.round(clock.unixMs())
    this.#factory = new PeerFactory({
      mux,
      path,
      identity,
      clock,
      scheduler,
      config: options.config,
      mediaConfig: this.mediaConfig,
      fanOut: this.fanOut,
      onState: (...change) => this.#onState(...change),
      onRtt: this.#books.onRtt,
    })
    this.#ports = ports
    this.#feeds = new Feeds(this)
    this.#offers = new PendingOffers({
      mux,
      scheduler,
      timeoutMs: options.config.connectTimeoutMs,
      onTimeout: (peerId, detail) => this.#close(peerId, 'connect-timeout', detail),
    })
    this.#speech = new SpeechBatch((speech) => options.listener.onSpeech(speech))
    this.#meter.start()
  }

  /** Opens the shard's sockets. Rejects with `socket-failed`. */
  static async open(options: ShardOptions): Promise<Shard> {
    const { config, index } = options
    const clock = systemClock
    // A deadline that throws is a defect of ours; it must not take the process along.
    const scheduler = new Scheduler(
      clock,
      undefined,
      (error) => log('deadline threw: %O', error),
      // What the pacers let go leaves when they note it, not behind what the network has brought meanwhile: a handshake would look like a queue.
      () => opened?.sender.flush(),
    )
    let opened: UdpMux | undefined
    const path = openTransportPath(config.native)
    const identity = await generateDtlsIdentity()
    const joins = new JoinQueue({ clock, maxBytes: config.joinQueueBytes, defer: (step) => void setImmediate(step) })
    const port = {
      listenIps: config.listenIps,
      optionalIpv6: config.optionalIpv6,
      announceIps: config.announceIps,
      announceHosts: config.announceHosts,
      ...(config.iceTcp === undefined ? {} : { iceTcp: config.iceTcp }),
      port: config.udpPort === 0 ? 0 : config.udpPort + index,
      receiveBufferBytes: config.socketBufferBytes,
      sendBufferBytes: config.socketBufferBytes,
      sendQueueBytes: config.sendQueueBytes,
      joins,
      udp: path.udp,
    }
    const mux = await UdpMux.open(port, clock, scheduler)
    opened = mux
    const ports = new OfferPorts({ ...port, counters: mux.counters }, clock, scheduler)
    log('shard %d listens on port %d, UDP%s', index, mux.port, config.iceTcp ? ' and TCP' : '')
    return new Shard(options, clock, scheduler, mux, path, ports, identity)
  }

  async addPublisher(request: AddPublisherRequest): Promise<PeerAnswer> {
    const local = this.#localParameters()
    const negotiation = negotiatePublisher(
      request.offer,
      local,
      DEFAULT_CAPABILITIES,
      this.#factory.bitrateCap(request),
    )
    this.#addPublisher({ request, local, negotiation, controlling: false })
    return { peerId: request.peerId, answer: negotiation.answer }
  }

  async addViewer(request: AddShardViewerRequest): Promise<PeerAnswer> {
    const local = this.#localParameters()
    const streams = this.#factory.viewerStreams()
    const negotiation = negotiateViewer(request.offer, local, streams, DEFAULT_CAPABILITIES, this.#knownOffers)
    const settings = request.settings === undefined ? [] : [request.settings]
    this.#addViewer({ request, local, negotiation, controlling: false }, settings, request.feeds)
    return { peerId: request.peerId, answer: negotiation.answer }
  }

  async offerPublisher(request: OfferPublisherRequest): Promise<PeerOffer> {
    const mux = await this.#ownPort(request)
    const local = this.#localParameters(mux)
    const offer = offerToReceive(local, DEFAULT_CAPABILITIES, { ...request, ...this.#factory.bitrateCap(request) })
    return this.#offer({ role: 'publisher', request, local, mux, offer, settings: [] })
  }

  async offerViewer(request: OfferViewerRequest): Promise<PeerOffer> {
    const mux = await this.#ownPort(request)
    const local = this.#localParameters(mux)
    const offer = offerToSend(local, this.#factory.viewerStreams(), DEFAULT_CAPABILITIES, request)
    const settings = request.settings === undefined ? [] : [request.settings]
    return this.#offer({ role: 'viewer', request, local, mux, offer, settings })
  }

  async acceptAnswer(peerId: string, answer: string, feeds: readonly FeedOrigin[]): Promise<void> {
    const pending = this.#offers.get(peerId)
    if (!pending) {
      if (!this.#peers.has(peerId)) throw noSuchSession()
      throw new BroadcastError('request-invalid', 'the session does not wait for an answer')
    }
    const { local, offer, settings, mux } = pending
    const own = { local, controlling: true, ...(mux === undefined ? {} : { mux }) }
    let add: () => void
    // Nothing has changed if the answer is refused.
    if (pending.role === 'publisher') {
      const negotiation = readPublisherAnswer(answer, offer, DEFAULT_CAPABILITIES)
      add = () => this.#addPublisher({ ...own, request: pending.request, negotiation })
    } else {
      const negotiation = readViewerAnswer(answer, offer, DEFAULT_CAPABILITIES)
      add = () => this.#addViewer({ ...own, request: pending.request, negotiation }, settings, feeds)
    }
    this.#offers.take(peerId)
    add()
    this.#feeds.broadcast(pending.request.broadcastId).peerCount--
  }

  async configureViewer(peerId: string, settings: ViewerSettings): Promise<void> {
    const media = this.#peers.get(peerId)?.media
    if (media instanceof ViewerEgress) media.configure(settings, this.clock.nowMs())
    else this.#offers.get(peerId)?.settings.push(settings)
  }

  async trickle(peerId: string, fragment: string): Promise<TrickleResult> {
    const peer = this.#peers.get(peerId)
    if (peer) return peer.ice.trickle(fragment)
    if (!this.#offers.get(peerId)) throw noSuchSession()
    throw new BroadcastError('request-invalid', 'the offer of the session has no answer yet')
  }

  async closePeer(peerId: string, reason: PeerCloseReason): Promise<void> {
    this.#close(peerId, reason)
  }

  setOrigin(broadcastId: string, feed: string, origin: Origin | undefined): void {
    this.#feeds.setOrigin(broadcastId, feed, origin)
  }

  connectShard(index: number, port: MessagePort): void {
    this.#feeds.connect(index, port)
  }

  peerStats(peerId: string): PeerStats | undefined {
    const [pending] = this.#offers.stats((request) => request.peerId === peerId)
    return this.#peers.get(peerId)?.stats(this.clock.nowMs()) ?? pending
  }

  broadcastStats(broadcastId: string): BroadcastEngineStats {
    const nowMs = this.clock.nowMs()
    const peers = [...this.#peers.values()].filter((peer) => peer.broadcastId === broadcastId)
    const past = this.#feeds.find(broadcastId)?.pastTotals ?? NO_TRAFFIC
    return {
      totals: peers.reduce((sum, peer) => sumTotals(sum, peer.totals()), past),
      peers: [
        ...peers.map((peer) => peer.stats(nowMs)),
        ...this.#offers.stats((request) => request.broadcastId === broadcastId),
      ],
    }
  }

  removeBroadcast(broadcastId: string): void {
    this.#feeds.remove(broadcastId)
  }

  stats(): ShardStats {
    const peers = [...this.#peers.values()]
    const publishers = peers.filter((peer) => peer.role === 'publisher').length
    return {
      shard: this.options.index,
      port: this.mux.port,
      tcpConnections: this.mux.connectionCount,
      broadcasts: this.#feeds.broadcastCount,
      publishers: publishers + this.#offers.count('publisher'),
      viewers: peers.length - publishers + this.#offers.count('viewer'),
      datagrams: { ...this.mux.counters },
      native: this.path.status,
      totals: peers.reduce((sum, peer) => sumTotals(sum, peer.totals()), this.#pastTotals),
      pipes: this.#feeds.pipeStats,
      internalErrors: this.#internalErrors,
    }
  }

  lowerLayers(layers: number): void {
    this.#loweredLayers = layers
    const nowMs = this.clock.nowMs()
    for (const { media } of this.#peers.values()) {
      if (media instanceof ViewerEgress) media.configure({ loweredLayers: layers }, nowMs)
    }
  }

  load(): ShardLoad {
    const { datagramsIn, datagramsOut } = this.mux.counters
    return { shard: this.options.index, port: this.mux.port, datagramsIn, datagramsOut, ...this.#meter.load() }
  }

  async summary(broadcastIds: readonly string[]): Promise<ShardSummary> {
    const nowMs = () => this.clock.nowMs()
    const books = await this.#books.summary(this.#peers.values(), this.#feeds, broadcastIds, nowMs)
    let publishers = 0
    for (const { role } of this.#peers.values()) if (role === 'publisher') publishers++
    return {
      ...books,
      shard: this.options.index,
      openedAtUnixMs: this.#openedAtUnixMs,
      tcpConnections: this.mux.connectionCount,
      publishers,
      viewers: this.#peers.size - publishers,
      datagrams: { ...this.mux.counters },
      pipes: this.#feeds.pipeStats,
      internalErrors: this.#internalErrors,
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#meter.stop()
    for (const peerId of [...this.#peers.keys(), ...this.#offers.peerIds()]) this.#close(peerId, 'sfu-closed')
    this.#feeds.close()
    this.#speech.close()
    this.fanOut.close()
    await Promise.all([this.mux.close(), this.#ports.close()])
    this.scheduler.close()
  }

  /** @internal */
  get index(): number {
    return this.options.index
  }

  /** @internal */
  source(peerId: string): MediaSource | undefined {
    const media = this.#peers.get(peerId)?.media
    return media instanceof PublisherIngest ? media : undefined
  }

  #localParameters(mux?: UdpMux): LocalParameters {
    this.#checkOpen()
    return this.#factory.localParameters(mux)
  }

  async #ownPort({ peerId }: PeerRequest): Promise<UdpMux> {
    this.#checkOpen()
    return this.#ports.open(peerId)
  }

  #checkOpen(): void {
    if (this.#closed) throw new BroadcastError('closed', 'the engine is closed')
  }

  #offer(pending: PendingOffer): PeerOffer {
    const { peerId, broadcastId } = pending.request
    this.#offers.add(pending)
    this.#feeds.broadcast(broadcastId).peerCount++
    return { peerId, offer: pending.offer.offer }
  }

  #addPublisher(plan: PeerPlan<OfferPublisherRequest, PublisherSection>): void {
    const { peer, media } = this.#factory.publisher(plan)
    media.onSpeech = (report) => this.#hear(plan.request, report)
    this.#add(peer)
  }

  #addViewer(
    plan: PeerPlan<OfferViewerRequest, ViewerSection>,
    settings: readonly ViewerSettings[],
    feeds: readonly FeedOrigin[],
  ): void {
    const { peerId, broadcastId } = plan.request
    const nowMs = this.clock.nowMs()
    const { peer, media } = this.#factory.viewer(plan)
    for (const wishes of [{ loweredLayers: this.#loweredLayers }, ...settings]) media.configure(wishes, nowMs)
    media.onFault = (error) => this.#close(peerId, 'internal-error', String(error))
    media.onLayer = (layer) => {
      this.#books.layerChanged(peerId, layer, this.clock.nowMs())
      this.options.listener.onLayer({ peerId, layer })
    }
    if (feeds.length > 0) this.#books.viewerAdded(peerId, nowMs)
    this.#add(peer)
    this.#feeds.broadcast(broadcastId).addSink(media, nowMs)
    this.#feeds.setOrigins(broadcastId, feeds)
  }

  #add(peer: Peer): void {
    this.#peers.set(peer.peerId, peer)
    this.#feeds.broadcast(peer.broadcastId).peerCount++
    peer.transport.start()
  }

  #onState(peerId: string, role: PeerRole, state: PeerState, reason?: PeerCloseReason, detail?: string): void {
    log('%s %s is %s %s %s', role, peerId, state, reason ?? '', detail ?? '')
    if (state === 'closed') {
      this.#close(peerId, reason ?? 'internal-error', detail)
      return
    }
    const peer = this.#peers.get(peerId)
    if (!peer) return
    if (state === 'connected' && !peer.running) {
      peer.run()
      if (peer.media instanceof ViewerEgress) peer.media.start(this.clock.nowMs())
    }
    this.options.listener.onPeerState({ peerId, state })
  }

  #close(peerId: string, reason: PeerCloseReason, detail?: string): void {
    const peer = this.#peers.get(peerId)
    if (!peer) {
      this.#closeOffer(peerId, reason, detail)
      return
    }
    this.#peers.delete(peerId)
    if (reason === 'internal-error') this.#internalErrors++
    const nowMs = this.clock.nowMs()
    const broadcast = this.#feeds.broadcast(peer.broadcastId)
    if (peer.media instanceof ViewerEgress) broadcast.removeSink(peer.media, nowMs)
    this.#feeds.release(peer.broadcastId, peerId)
    peer.close(nowMs)
    this.#ports.release(peerId)
    broadcast.addPastSums(this.#books.peerLeft(peer))
    const totals = peer.totals()
    broadcast.addPastTotals(totals)
    this.#pastTotals = sumTotals(this.#pastTotals, totals)
    broadcast.peerCount--
    this.#tellClosed(peerId, reason, detail)
  }

  #closeOffer(peerId: string, reason: PeerCloseReason, detail: string | undefined): void {
    const pending = this.#offers.take(peerId)
    this.#ports.release(peerId)
    if (!pending) return
    this.#feeds.broadcast(pending.request.broadcastId).peerCount--
    this.#tellClosed(peerId, reason, detail)
  }

  #tellClosed(peerId: string, reason: PeerCloseReason, detail: string | undefined): void {
    this.options.listener.onPeerState({ peerId, state: 'closed', reason, ...(detail === undefined ? {} : { detail }) })
  }

  #hear({ peerId, broadcastId }: PeerRequest, { speaking, changed, levelDbov }: SpeechReport): void {
    // Who is alone need not be compared.
    const compares = (this.#feeds.find(broadcastId)?.liveFeeds ?? 0) > 1
    if (changed || compares) this.#speech.add({ peerId, speaking, levelDbov })
  }
}

function noSuchSession(): BroadcastError {
  return new BroadcastError('session-not-found', 'there is no such session; it may have ended')
}
