/** An engine without media: it answers offers for real and lets the test decide what happens to the peers. */

import { PeerIce, type TrickledTransport } from '../engine/peer-ice.js'
import { NO_TRAFFIC } from '../engine/traffic.js'
import type {
  AddPublisherRequest,
  AddSourceRequest,
  AddViewerRequest,
  BroadcastEngineStats,
  Engine,
  EngineListener,
  EngineStats,
  EngineSummary,
  ExtensionSettings,
  LayerEvent,
  LocalSink,
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
  TrickleResult,
  ViewerSettings,
} from '../engine/types.js'
import { BroadcastError } from '../errors.js'
import { defaultMediaConfig } from '../media/media-config.js'
import type { MediaSource } from '../media/types.js'
import { DEFAULT_CAPABILITIES } from '../sdp/capabilities.js'
import { negotiatePublisher } from '../sdp/negotiate-publisher.js'
import { negotiateViewer } from '../sdp/negotiate-viewer.js'
import { offerToReceive } from '../sdp/offer-to-receive.js'
import { offerToSend } from '../sdp/offer-to-send.js'
import { readPublisherAnswer, readViewerAnswer } from '../sdp/read-answer.js'
import type { AnsweredOffer, IceCandidate, LocalParameters } from '../sdp/types.js'
import type { WrittenOffer } from '../sdp/write-offer.js'
import { noDrops, noTraffic } from '../transport/peer-transport-stats.js'
import { Scheduler } from '../util/scheduler.js'

interface FakePeer {
  readonly role: PeerRole
  readonly broadcastId: string
  /** Of one that has made an offer, or has answered ours. */
  ice?: PeerIce
  /** What it has not answered yet. */
  offer?: WrittenOffer
  /** Ends one that is a source of the application's own. */
  readonly end?: () => void
  state: PeerState
  rtpBytesIn: number
}

/** Parameters of a server that is not there. */
const LOCAL: LocalParameters = {
  iceUfrag: 'fakeUfrag',
  icePwd: 'fakePasswordOf24Letters0',
  fingerprint: { algorithm: 'sha-256', value: Array.from({ length: 32 }, () => '00').join(':') },
  candidates: [{ foundation: '1', component: 1, protocol: 'udp', priority: 1, ip: '127.0.0.1', port: 9, type: 'host' }],
  cname: 'fake',
  sdpSessionId: '1',
}

/** An `Engine` that passes the same contract suite as the real ones, without sockets. */
export class FakeEngine implements Engine {
  /** What viewers were told to want, by peer id. */
  readonly viewerSettings = new Map<string, ViewerSettings>()
  /** What is to be written on viewers' packets, by peer id. */
  readonly viewerExtensions = new Map<string, ExtensionSettings>()
  /** How many of the best layers all viewers are to do without. */
  loweredLayers = 0
  /** The candidates that peers have trickled in their present ICE session, by peer id. */
  readonly candidates = new Map<string, readonly IceCandidate[]>()
  readonly #peers = new Map<string, FakePeer>()
  /** The application's own, by broadcast. */
  readonly #sinks = new Map<string, Set<LocalSink>>()
  /** By broadcast and feed. */
  readonly #sources = new Map<string, Map<string, MediaSource>>()
  /** Who speaks, by broadcast. */
  readonly #speakers = new Map<string, string>()
  #ssrc = 1
  #restarts = 0
  #closed = false

  constructor(readonly listener: EngineListener) {}

  /** The ids of the peers there are. */
  get peerIds(): readonly string[] {
    return [...this.#peers.keys()]
  }

  /** Lets a peer's transport reach `state`, as if its packets had come. */
  simulateState(peerId: string, state: Exclude<PeerState, 'closed'>): void {
    const peer = this.#peers.get(peerId)
    if (!peer) return
    peer.state = state
    this.listener.onPeerState({ peerId, state })
  }

  /** Lets a peer end, as if it had gone by itself. */
  simulateEnd(peerId: string, reason: PeerCloseReason, detail?: string): void {
    const peer = this.#peers.get(peerId)
    if (!peer) return
    this.#peers.delete(peerId)
    peer.end?.()
    this.listener.onPeerState({ peerId, state: 'closed', reason, ...(detail === undefined ? {} : { detail }) })
    this.#setSpeaker(peer.broadcastId, peerId, false)
  }

  /** Lets a peer have sent so many more bytes of RTP. */
  simulateRtp(peerId: string, bytes: number): void {
    const peer = this.#peers.get(peerId)
    if (peer) peer.rtpBytesIn += bytes
  }

  /** Lets something else of a video be forwarded to a viewer. */
  simulateLayer(peerId: string, layer: LayerEvent): void {
    if (this.#peers.get(peerId)?.role === 'viewer') this.listener.onLayer({ peerId, layer })
  }

  /** Lets a publisher be the one of its broadcast who speaks, or fall silent. */
  simulateSpeech(peerId: string, speaking: boolean): void {
    const peer = this.#peers.get(peerId)
    if (peer?.role === 'publisher') this.#setSpeaker(peer.broadcastId, peerId, speaking)
  }

  async start(): Promise<void> {
    this.#checkOpen()
  }

  async addPublisher(request: AddPublisherRequest): Promise<PeerAnswer> {
    this.#checkOpen()
    const cap = request.maxBitrateBps === undefined ? {} : { maxBitrateBps: request.maxBitrateBps }
    const negotiation = negotiatePublisher(request.offer, LOCAL, DEFAULT_CAPABILITIES, cap)
    this.#add(request, 'publisher').ice = this.#ice(request.peerId, negotiation, true)
    return { peerId: request.peerId, answer: negotiation.answer }
  }

  async addViewer(request: AddViewerRequest): Promise<PeerAnswer> {
    this.#checkOpen()
    const negotiation = negotiateViewer(request.offer, LOCAL, this.#streams(), DEFAULT_CAPABILITIES)
    this.#addViewer(request).ice = this.#ice(request.peerId, negotiation, true)
    return { peerId: request.peerId, answer: negotiation.answer }
  }

  async offerPublisher(request: OfferPublisherRequest): Promise<PeerOffer> {
    this.#checkOpen()
    const offer = offerToReceive(LOCAL, DEFAULT_CAPABILITIES, request)
    this.#add(request, 'publisher').offer = offer
    return { peerId: request.peerId, offer: offer.offer }
  }

  async offerViewer(request: OfferViewerRequest): Promise<PeerOffer> {
    this.#checkOpen()
    const offer = offerToSend(LOCAL, this.#streams(), DEFAULT_CAPABILITIES, request)
    this.#addViewer(request).offer = offer
    return { peerId: request.peerId, offer: offer.offer }
  }

  async acceptAnswer(peerId: string, answer: string): Promise<void> {
    this.#checkOpen()
    const peer = this.#peers.get(peerId)
    if (!peer || peer.end) throw new BroadcastError('session-not-found', 'there is no such session')
    if (!peer.offer) throw new BroadcastError('request-invalid', 'the session does not wait for an answer')
    const read = peer.role === 'publisher' ? readPublisherAnswer : readViewerAnswer
    peer.ice = this.#ice(peerId, read(answer, peer.offer, DEFAULT_CAPABILITIES), false)
    delete peer.offer
  }

  async addSource({ peerId, broadcastId, feed, source }: AddSourceRequest): Promise<void> {
    this.#checkOpen()
    const media = await source.open({ id: peerId, config: defaultMediaConfig(0), scheduler: new Scheduler() })
    const end = (): void => {
      this.#feed(broadcastId, feed, undefined)
      void source.close()
    }
    this.#peers.set(peerId, { role: 'publisher', broadcastId, end, state: 'connected', rtpBytesIn: 0 })
    this.listener.onPeerState({ peerId, state: 'connected' })
    this.#feed(broadcastId, feed, media)
    source.start((error) => this.simulateEnd(peerId, error === undefined ? 'source-ended' : 'source-failed'))
  }

  async addSink(broadcastId: string, sink: LocalSink): Promise<() => void> {
    this.#checkOpen()
    const sinks = this.#sinks.get(broadcastId) ?? new Set()
    this.#sinks.set(broadcastId, sinks.add(sink))
    for (const [feed, media] of this.#sources.get(broadcastId) ?? []) sink.setSource(feed, media, 0)
    return () => void sinks.delete(sink)
  }

  async configureViewer(peerId: string, settings: ViewerSettings): Promise<void> {
    if (this.#peers.has(peerId)) this.viewerSettings.set(peerId, { ...this.viewerSettings.get(peerId), ...settings })
  }

  async trickle(peerId: string, fragment: string): Promise<TrickleResult> {
    this.#checkOpen()
    const peer = this.#peers.get(peerId)
    if (!peer || peer.end) throw new BroadcastError('session-not-found', 'there is no such session')
    if (!peer.ice) throw new BroadcastError('request-invalid', 'the offer of the session has no answer yet')
    return peer.ice.trickle(fragment)
  }

  async closePeer(peerId: string, reason: PeerCloseReason): Promise<void> {
    this.simulateEnd(peerId, reason)
  }

  async peerStats(peerId: string): Promise<PeerStats | undefined> {
    const peer = this.#peers.get(peerId)
    return peer && this.#stats(peerId, peer)
  }

  async broadcastStats(broadcastId: string): Promise<BroadcastEngineStats> {
    this.#checkOpen()
    const peers = [...this.#peers].filter(([, peer]) => peer.broadcastId === broadcastId)
    return { totals: NO_TRAFFIC, peers: peers.map(([peerId, peer]) => this.#stats(peerId, peer)) }
  }

  async removeBroadcast(): Promise<void> {}

  async stats(): Promise<EngineStats> {
    this.#checkOpen()
    return { shards: [] }
  }

  async lowerLayers(layers: number): Promise<void> {
    this.loweredLayers = layers
  }

  async load(): Promise<readonly ShardLoad[]> {
    this.#checkOpen()
    return []
  }

  async summary(): Promise<EngineSummary> {
    this.#checkOpen()
    return { shards: [] }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const peerId of this.peerIds) this.simulateEnd(peerId, 'sfu-closed')
  }

  #add({ peerId, broadcastId }: PeerRequest, role: PeerRole): FakePeer {
    const peer: FakePeer = { role, broadcastId, state: 'connecting', rtpBytesIn: 0 }
    this.#peers.set(peerId, peer)
    return peer
  }

  #addViewer(request: OfferViewerRequest): FakePeer {
    const { peerId, settings, extensions } = request
    if (settings !== undefined) this.viewerSettings.set(peerId, settings)
    if (extensions !== undefined) this.viewerExtensions.set(peerId, extensions)
    return this.#add(request, 'viewer')
  }

  #streams() {
    return { msid: 'fake', ssrc: () => this.#ssrc++ }
  }

  #ice(peerId: string, negotiation: AnsweredOffer<unknown>, mayRestart: boolean): PeerIce {
    const next = () => {
      this.#restarts++
      const suffix = String(this.#restarts)
      const credentials = { iceUfrag: `${LOCAL.iceUfrag}${suffix}`, icePwd: `${LOCAL.icePwd}${suffix}` }
      return { credentials, candidates: LOCAL.candidates }
    }
    return new PeerIce(negotiation, this.#transport(peerId), mayRestart ? next : undefined)
  }

  #transport(peerId: string): TrickledTransport {
    const set = (candidates: readonly IceCandidate[]) => void this.candidates.set(peerId, candidates)
    return {
      addRemoteCandidate: (candidate) => set([...(this.candidates.get(peerId) ?? []), candidate]),
      restartIce: (_local, { candidates }) => set(candidates),
    }
  }

  #feed(broadcastId: string, feed: string, media: MediaSource | undefined): void {
    const sources = this.#sources.get(broadcastId) ?? new Map<string, MediaSource>()
    this.#sources.set(broadcastId, sources)
    if (media) sources.set(feed, media)
    else sources.delete(feed)
    for (const sink of this.#sinks.get(broadcastId) ?? []) sink.setSource(feed, media, 0)
  }

  #setSpeaker(broadcastId: string, peerId: string, speaking: boolean): void {
    if ((this.#speakers.get(broadcastId) === peerId) === speaking) return
    if (speaking) this.#speakers.set(broadcastId, peerId)
    else this.#speakers.delete(broadcastId)
    this.listener.onActiveSpeaker({ broadcastId, peerId: speaking ? peerId : undefined })
  }

  #checkOpen(): void {
    if (this.#closed) throw new BroadcastError('closed', 'the engine is closed')
  }

  #stats(peerId: string, { role, broadcastId, state, rtpBytesIn, end, offer }: FakePeer): PeerStats {
    if (end) return { peerId, broadcastId, role, state, source: { tracks: [] } }
    if (offer) return { peerId, broadcastId, role, state }
    const transport = {
      state,
      ...noTraffic(),
      rtpBytesIn,
      selectedAddress: undefined,
      protocol: undefined,
      addressChanges: 0,
      srtpProfile: undefined,
      rttMs: undefined,
      dropped: noDrops(),
    }
    return { peerId, broadcastId, role, state, transport }
  }
}
