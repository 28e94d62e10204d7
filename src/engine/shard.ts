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
import { negotiatePublisher } from '../sdp/negotiate-publisher.js'
import type { ViewerStreams } from '../sdp/negotiate-viewer.js'
import { negotiateViewer } from '../sdp/negotiate-viewer.js'
import { offerToReceive } from '../sdp/offer-to-receive.js'
import { offerToSend } from '../sdp/offer-to-send.js'
import { readPublisherAnswer, readViewerAnswer } from '../sdp/read-answer.js'
import type { AnsweredOffer, LocalParameters, PublisherSection, ViewerSection } from '../sdp/types.js'
import { generateDtlsIdentity } from '../transport/dtls.js'
import { randomIceCredentials } from '../transport/ice/ice-credentials.js'
import { PeerTransport } from '../transport/peer-transport.js'
import type { DtlsIdentity, SrtpProfile } from '../transport/types.js'
import { UdpMux } from '../transport/udp/udp-mux.js'
import { type Clock, systemClock } from '../util/clock.js'
import { createLog } from '../util/log.js'
import {
  randomCname,
  randomInitialSeq,
  randomMediaStreamId,
  randomSdpSessionId,
  randomSsrc,
  randomTimestamp,
} from '../util/random-ids.js'
import { Scheduler } from '../util/scheduler.js'
import { ThreadMeter } from '../util/thread-meter.js'
import { type EngineConfig, resolveMediaConfig } from './engine-config.js'
import { Feeds } from './feeds.js'
import type { FeedOrigin, Origin } from './origin-table.js'
import { Peer, type PeerMedia } from './peer.js'
import { PeerIce } from './peer-ice.js'
import { type PendingOffer, PendingOffers } from './pending-offers.js'
import type { AddShardViewerRequest, ShardApi, ShardEvents } from './shard-api.js'
import { ShardBooks } from './shard-books.js'
import { SpeechBatch } from './speech-batch.js'
import { NO_TRAFFIC, sumTotals } from './traffic.js'
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
  PeerStats,
  ShardLoad,
  ShardStats,
  ShardSummary,
  TrafficTotals,
  TrickleResult,
  ViewerSettings,
} from './types.js'

const log = createLog('shard')

/**
 * Both are as good as unbreakable; through `node:crypto`, counter mode with HMAC costs a quarter less than GCM, which needs an object
 * per packet (measured). A peer that offers only one of them gets that one.
 */
const PORTABLE_SRTP_PROFILES: readonly SrtpProfile[] = ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM']

/** What a shard is made with. */
export interface ShardOptions {
  readonly index: number
  readonly config: EngineConfig
  readonly listener: ShardEvents
}

/** The engine of one thread. */
export class Shard implements ShardApi {
  readonly mediaConfig: MediaConfig
  readonly #peers = new Map<string, Peer>()
  readonly #offers: PendingOffers
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
    readonly identity: DtlsIdentity,
  ) {
    this.mediaConfig = resolveMediaConfig(options.config, clock.unixMs() - clock.nowMs())
    this.#openedAtUnixMs = Math.round(clock.unixMs())
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
    const scheduler = new Scheduler(clock, undefined, (error) => log('deadline threw: %O', error))
    const identity = await generateDtlsIdentity()
    const mux = await UdpMux.open(
      {
        listenIps: config.listenIps,
        optionalIpv6: config.optionalIpv6,
        announceIps: config.announceIps,
        announceHosts: config.announceHosts,
        ...(config.iceTcp === undefined ? {} : { iceTcp: config.iceTcp }),
        port: config.udpPort === 0 ? 0 : config.udpPort + index,
        receiveBufferBytes: config.socketBufferBytes,
        sendBufferBytes: config.socketBufferBytes,
        sendQueueBytes: config.sendQueueBytes,
      },
      clock,
      scheduler,
    )
    log('shard %d listens on port %d, UDP%s', index, mux.port, config.iceTcp ? ' and TCP' : '')
    return new Shard(options, clock, scheduler, mux, identity)
  }

  async addPublisher(request: AddPublisherRequest): Promise<PeerAnswer> {
    const local = this.#localParameters()
    const negotiation = negotiatePublisher(request.offer, local, DEFAULT_CAPABILITIES, this.#cap(request))
    this.#addPublisher(request, local, negotiation, false)
    return { peerId: request.peerId, answer: negotiation.answer }
  }

  async addViewer(request: AddShardViewerRequest): Promise<PeerAnswer> {
    const local = this.#localParameters()
    const negotiation = negotiateViewer(request.offer, local, randomStreams(), DEFAULT_CAPABILITIES)
    const settings = request.settings === undefined ? [] : [request.settings]
    this.#addViewer(request, settings, request.feeds, local, negotiation, false)
    return { peerId: request.peerId, answer: negotiation.answer }
  }

  async offerPublisher(request: OfferPublisherRequest): Promise<PeerOffer> {
    const local = this.#localParameters()
    const { layers } = request
    const options = { ...this.#cap(request), ...(layers === undefined ? {} : { layers }) }
    const offer = offerToReceive(local, DEFAULT_CAPABILITIES, options)
    return this.#offer({ role: 'publisher', request, local, offer, settings: [] })
  }

  async offerViewer(request: OfferViewerRequest): Promise<PeerOffer> {
    const local = this.#localParameters()
    const offer = offerToSend(local, randomStreams(), DEFAULT_CAPABILITIES)
    const settings = request.settings === undefined ? [] : [request.settings]
    return this.#offer({ role: 'viewer', request, local, offer, settings })
  }

  async acceptAnswer(peerId: string, answer: string, feeds: readonly FeedOrigin[]): Promise<void> {
    const pending = this.#offers.get(peerId)
    if (!pending) {
      if (!this.#peers.has(peerId)) throw noSuchSession()
      throw new BroadcastError('request-invalid', 'the session does not wait for an answer')
    }
    const { local, offer, settings } = pending
    let add: () => void
    // Nothing has changed if the answer is refused.
    if (pending.role === 'publisher') {
      const negotiation = readPublisherAnswer(answer, offer, DEFAULT_CAPABILITIES)
      add = () => this.#addPublisher(pending.request, local, negotiation, true)
    } else {
      const negotiation = readViewerAnswer(answer, offer, DEFAULT_CAPABILITIES)
      add = () => this.#addViewer(pending.request, settings, feeds, local, negotiation, true)
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
      totals: peers.reduce((sum, peer) => sumTotals(sum, peer.totals()), this.#pastTotals),
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
    await this.mux.close()
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

  #localIce() {
    const credentials = randomIceCredentials((ufrag) => this.mux.hasUfrag(ufrag))
    return { credentials, candidates: this.mux.candidates }
  }

  #localParameters(): LocalParameters {
    if (this.#closed) throw new BroadcastError('closed', 'the engine is closed')
    const { credentials, candidates } = this.#localIce()
    return {
      ...credentials,
      fingerprint: this.identity.fingerprint,
      candidates,
      cname: randomCname(),
      sdpSessionId: randomSdpSessionId(),
    }
  }

  #cap(request: { readonly maxBitrateBps?: number }): { maxBitrateBps?: number } {
    const maxBitrateBps = request.maxBitrateBps ?? this.options.config.publisherMaxBitrateBps
    return maxBitrateBps > 0 ? { maxBitrateBps } : {}
  }

  #offer(pending: PendingOffer): PeerOffer {
    const { peerId, broadcastId } = pending.request
    this.#offers.add(pending)
    this.#feeds.broadcast(broadcastId).peerCount++
    return { peerId, offer: pending.offer.offer }
  }

  #addPublisher(
    request: OfferPublisherRequest,
    local: LocalParameters,
    negotiation: AnsweredOffer<PublisherSection>,
    controlling: boolean,
  ): void {
    const transport = this.#createTransport(request, 'publisher', negotiation, local, controlling)
    const ingest = new PublisherIngest({
      id: request.peerId,
      sections: negotiation.sections,
      localSsrc: randomSsrc(),
      cname: local.cname,
      output: transport,
      config: this.mediaConfig,
      ...this.#cap(request),
    })
    ingest.onSpeech = (report) => this.#hear(request, report)
    this.#add(request, 'publisher', transport, ingest, negotiation, controlling)
  }

  #addViewer(
    request: OfferViewerRequest,
    settings: readonly ViewerSettings[],
    feeds: readonly FeedOrigin[],
    local: LocalParameters,
    negotiation: AnsweredOffer<ViewerSection>,
    controlling: boolean,
  ): void {
    const transport = this.#createTransport(request, 'viewer', negotiation, local, controlling)
    const { peerId, broadcastId } = request
    const egress = new ViewerEgress({
      id: peerId,
      sections: negotiation.sections,
      cname: local.cname,
      output: transport,
      config: this.mediaConfig,
      initialSeq: randomInitialSeq,
      initialTimestamp: randomTimestamp,
      ...(request.extensions === undefined ? {} : { extensions: request.extensions }),
      onRtt: this.#books.onRtt,
    })
    for (const wishes of [{ loweredLayers: this.#loweredLayers }, ...settings])
      egress.configure(wishes, this.clock.nowMs())
    egress.onFault = (error) => this.#close(peerId, 'internal-error', String(error))
    egress.onLayer = (layer) => {
      this.#books.layerChanged(peerId, layer, this.clock.nowMs())
      this.options.listener.onLayer({ peerId, layer })
    }
    if (feeds.length > 0) this.#books.viewerAdded(peerId, this.clock.nowMs())
    this.#add(request, 'viewer', transport, egress, negotiation, controlling)
    this.#feeds.broadcast(broadcastId).addSink(egress, this.clock.nowMs())
    this.#feeds.setOrigins(broadcastId, feeds)
  }

  #createTransport(
    request: PeerRequest,
    role: PeerRole,
    negotiation: AnsweredOffer<unknown>,
    local: LocalParameters,
    controlling: boolean,
  ): PeerTransport {
    const { connectTimeoutMs, consentTimeoutMs, disconnectedAfterMs } = this.options.config
    const { peerId } = request
    return new PeerTransport({
      mux: this.mux,
      identity: this.identity,
      dtlsRole: negotiation.dtlsRole,
      local: { iceUfrag: local.iceUfrag, icePwd: local.icePwd },
      remote: negotiation.remote,
      controlling,
      srtpProfiles: PORTABLE_SRTP_PROFILES,
      connectTimeoutMs,
      consentTimeoutMs,
      disconnectedAfterMs,
      clock: this.clock,
      scheduler: this.scheduler,
      handler: {
        onState: (state, reason, detail) => {
          log('%s %s is %s %s %s', role, peerId, state, reason ?? '', detail ?? '')
          if (state === 'closed') this.#close(peerId, reason ?? 'internal-error', detail)
          else this.#onState(peerId, state)
        },
        onRtp: (buffer, start, end, nowMs) => this.#peers.get(peerId)?.media.receiveRtp?.(buffer, start, end, nowMs),
        onRtcp: (buffer, start, end, nowMs) => this.#peers.get(peerId)?.media.receiveRtcp(buffer, start, end, nowMs),
      },
    })
  }

  #add(
    request: PeerRequest,
    role: PeerRole,
    transport: PeerTransport,
    media: PeerMedia,
    negotiation: AnsweredOffer<unknown>,
    controlling: boolean,
  ): void {
    const { peerId, broadcastId } = request
    const ice = new PeerIce(negotiation, transport, controlling ? undefined : () => this.#localIce())
    this.#peers.set(peerId, new Peer(peerId, broadcastId, role, transport, media, ice, this.scheduler))
    this.#feeds.broadcast(broadcastId).peerCount++
    transport.start()
  }

  #onState(peerId: string, state: 'connecting' | 'connected' | 'disconnected'): void {
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
    broadcast.addPastSums(this.#books.peerLeft(peer))
    const totals = peer.totals()
    broadcast.addPastTotals(totals)
    this.#pastTotals = sumTotals(this.#pastTotals, totals)
    broadcast.peerCount--
    this.#tellClosed(peerId, reason, detail)
  }

  #closeOffer(peerId: string, reason: PeerCloseReason, detail: string | undefined): void {
    const pending = this.#offers.take(peerId)
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

function randomStreams(): ViewerStreams {
  return { msid: randomMediaStreamId(), ssrc: randomSsrc }
}

function noSuchSession(): BroadcastError {
  return new BroadcastError('session-not-found', 'there is no such session; it may have ended')
}
