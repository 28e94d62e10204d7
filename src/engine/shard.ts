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
import { negotiateViewer } from '../sdp/negotiate-viewer.js'
import type { LocalParameters, Negotiation } from '../sdp/types.js'
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
import { type EngineConfig, resolveMediaConfig } from './engine-config.js'
import { Feeds } from './feeds.js'
import type { Origin } from './origin-table.js'
import { Peer, type PeerMedia } from './peer.js'
import { PeerIce } from './peer-ice.js'
import type { AddShardViewerRequest, ShardApi, ShardEvents } from './shard-api.js'
import { ShardBooks } from './shard-books.js'
import { SpeechBatch } from './speech-batch.js'
import { NO_TRAFFIC, sumTotals } from './traffic.js'
import type {
  AddPeerRequest,
  AddPublisherRequest,
  BroadcastEngineStats,
  PeerAnswer,
  PeerCloseReason,
  PeerRole,
  PeerStats,
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
  readonly #feeds: Feeds
  readonly #speech: SpeechBatch
  readonly #books = new ShardBooks()
  readonly #openedAtUnixMs: number
  #pastTotals: TrafficTotals = NO_TRAFFIC
  #internalErrors = 0
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
    this.#speech = new SpeechBatch((speech) => options.listener.onSpeech(speech))
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
    const { local, credentials } = this.#localParameters()
    const maxBitrateBps = request.maxBitrateBps ?? this.options.config.publisherMaxBitrateBps
    const cap = maxBitrateBps > 0 ? { maxBitrateBps } : {}
    const negotiation = negotiatePublisher(request.offer, local, DEFAULT_CAPABILITIES, cap)
    const transport = this.#createTransport(request, 'publisher', negotiation, credentials)
    const ingest = new PublisherIngest({
      id: request.peerId,
      sections: negotiation.sections,
      localSsrc: randomSsrc(),
      cname: local.cname,
      output: transport,
      config: this.mediaConfig,
      ...cap,
    })
    ingest.onSpeech = (report) => this.#hear(request, report)
    return this.#add(request, 'publisher', transport, ingest, negotiation)
  }

  async addViewer(request: AddShardViewerRequest): Promise<PeerAnswer> {
    const { local, credentials } = this.#localParameters()
    const streams = { msid: randomMediaStreamId(), ssrc: randomSsrc }
    const negotiation = negotiateViewer(request.offer, local, streams, DEFAULT_CAPABILITIES)
    const transport = this.#createTransport(request, 'viewer', negotiation, credentials)
    const egress = new ViewerEgress({
      id: request.peerId,
      sections: negotiation.sections,
      cname: local.cname,
      output: transport,
      config: this.mediaConfig,
      initialSeq: randomInitialSeq,
      initialTimestamp: randomTimestamp,
      ...(request.extensions === undefined ? {} : { extensions: request.extensions }),
      onRtt: this.#books.onRtt,
    })
    const { peerId } = request
    if (request.settings !== undefined) egress.configure(request.settings, this.clock.nowMs())
    egress.onFault = (error) => this.#close(peerId, 'internal-error', String(error))
    egress.onLayer = (layer) => {
      this.#books.layerChanged(peerId, layer, this.clock.nowMs())
      this.options.listener.onLayer({ peerId, layer })
    }
    if (request.feeds.length > 0) this.#books.viewerAdded(peerId, this.clock.nowMs())
    const answer = this.#add(request, 'viewer', transport, egress, negotiation)
    this.#feeds.broadcast(request.broadcastId).addSink(egress, this.clock.nowMs())
    this.#feeds.setOrigins(request.broadcastId, request.feeds)
    return answer
  }

  async configureViewer(peerId: string, settings: ViewerSettings): Promise<void> {
    const media = this.#peers.get(peerId)?.media
    if (media instanceof ViewerEgress) media.configure(settings, this.clock.nowMs())
  }

  async trickle(peerId: string, fragment: string): Promise<TrickleResult> {
    const peer = this.#peers.get(peerId)
    if (!peer) throw new BroadcastError('session-not-found', 'there is no such session; it may have ended')
    return peer.ice.trickle(fragment)
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
    return this.#peers.get(peerId)?.stats(this.clock.nowMs())
  }

  broadcastStats(broadcastId: string): BroadcastEngineStats {
    const nowMs = this.clock.nowMs()
    const peers = [...this.#peers.values()].filter((peer) => peer.broadcastId === broadcastId)
    const past = this.#feeds.find(broadcastId)?.pastTotals ?? NO_TRAFFIC
    return {
      totals: peers.reduce((sum, peer) => sumTotals(sum, peer.totals()), past),
      peers: peers.map((peer) => peer.stats(nowMs)),
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
      publishers,
      viewers: peers.length - publishers,
      datagrams: { ...this.mux.counters },
      totals: peers.reduce((sum, peer) => sumTotals(sum, peer.totals()), this.#pastTotals),
      internalErrors: this.#internalErrors,
    }
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
    for (const peerId of [...this.#peers.keys()]) this.#close(peerId, 'sfu-closed')
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

  #localParameters() {
    const { credentials, candidates } = this.#localIce()
    const local: LocalParameters = {
      ...credentials,
      fingerprint: this.identity.fingerprint,
      candidates,
      cname: randomCname(),
      sdpSessionId: randomSdpSessionId(),
    }
    return { local, credentials }
  }

  #createTransport(
    request: AddPeerRequest,
    role: PeerRole,
    negotiation: Negotiation<unknown>,
    local: { iceUfrag: string; icePwd: string },
  ): PeerTransport {
    if (this.#closed) throw new BroadcastError('closed', 'the engine is closed')
    const { connectTimeoutMs, consentTimeoutMs, disconnectedAfterMs } = this.options.config
    const { peerId } = request
    return new PeerTransport({
      mux: this.mux,
      identity: this.identity,
      dtlsRole: negotiation.dtlsRole,
      local,
      remote: negotiation.remote,
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
    request: AddPeerRequest,
    role: PeerRole,
    transport: PeerTransport,
    media: PeerMedia,
    negotiation: Negotiation<unknown>,
  ): PeerAnswer {
    const { peerId, broadcastId } = request
    const ice = new PeerIce(negotiation, transport, () => this.#localIce())
    this.#peers.set(peerId, new Peer(peerId, broadcastId, role, transport, media, ice, this.scheduler))
    this.#feeds.broadcast(broadcastId).peerCount++
    transport.start()
    return { peerId, answer: negotiation.answer }
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
    if (!peer) return
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
    this.options.listener.onPeerState({ peerId, state: 'closed', reason, ...(detail === undefined ? {} : { detail }) })
  }

  #hear({ peerId, broadcastId }: AddPeerRequest, { speaking, changed, levelDbov }: SpeechReport): void {
    // Who is alone need not be compared.
    const compares = (this.#feeds.find(broadcastId)?.liveFeeds ?? 0) > 1
    if (changed || compares) this.#speech.add({ peerId, speaking, levelDbov })
  }
}
