/** What an Sfu and a Broadcast that stands alone have in common: an engine, and the sessions on it. */
import { createEngine } from '../engine/create-engine.js'
import type {
  BroadcastEngineStats,
  Engine,
  EngineListener,
  EngineStats,
  EngineSummary,
  ExtensionSettings,
  LocalSink,
  LocalSource,
  PeerStateEvent,
  TrickleResult,
  ViewerSettings,
} from '../engine/types.js'
import { BroadcastError } from '../errors.js'
import { type Clock, systemTime, type TimerHost } from '../util/clock.js'
import { createLog, printable } from '../util/log.js'
import { randomText } from '../util/random-pool.js'
import { type Deadline, Scheduler } from '../util/scheduler.js'
import { Admission, type LimitedBroadcast, type Place } from './admission.js'
import { BitrateGuard } from './bitrate-guard.js'
import { bitrateLimits } from './bitrate-limits.js'
import { Drain, drainingError } from './drain.js'
import { resolvePublisherContext, resolveViewerContext } from './join-context.js'
import { LoadMonitor } from './load/load-monitor.js'
import type { LoadStats } from './load/load-stats.js'
import { type LoadProbe, ProcessProbe } from './load/process-probe.js'
import { offerText } from './offer-text.js'
import { publisherName } from './publisher-name.js'
import { Session, type SessionOwner } from './session.js'
import { resolveAbout, resolveExpiry, resolveMaxViewers } from './session-about.js'
import type { SfuConfig } from './sfu-options.js'
import {
  type AnswerInput,
  answerText,
  type OfferContext,
  resolveLayers,
  type SignalingOffer,
} from './signaling-offer.js'
import type {
  CloseReason,
  OfferInput,
  SessionRole,
  SessionState,
  SignalingAnswer,
  SignalingContext,
  SignalingListener,
} from './signaling-target.js'
import { type SessionStats, sessionStats } from './stats.js'

const log = createLog('session')

/** Makes the engine; the testing kit puts a fake in its place. */
export type EngineFactory = (config: SfuConfig, listener: EngineListener) => Engine

/** The broadcast that a session belongs to, as the host sees it. */
export interface SessionBroadcast extends LimitedBroadcast {
  readonly name: string
  /** What is written on its viewers' packets beyond what publishers send. */
  readonly extensions: ExtensionSettings
  /** The session has changed its state; `before` is the one it had. */
  onSessionState(session: Session, before: SessionState): void
  /** See `Session.subscribe`. */
  subscribe(session: Session, listener: SignalingListener): () => void
  /** The nodes that what these publishers send came through, without this one; of all publishers, if undefined. */
  relayPath(publishers?: readonly string[]): readonly string[]
  /** Another publisher is the one who speaks, or nobody is. */
  onActiveSpeaker(session: Session | undefined): void
}

interface HostedSession {
  readonly session: Session
  readonly broadcast: SessionBroadcast
  /** The way it came: by an offer, or brought in by the application. */
  readonly isOffered: boolean
  /** The room that it takes. */
  readonly place: Place
  /** Ends it when its time is over. */
  expiry: Deadline | undefined
}

const ownEngine: EngineFactory = ({ workers, engine }, listener) => createEngine(workers, engine, listener)

/** Owns the engine and the table of sessions. */
export class SessionHost implements SessionOwner {
  readonly #engine: Engine
  readonly #sessions = new Map<string, HostedSession>()
  /** Those that ever had a session, until they are removed. */
  readonly #broadcasts = new Map<string, SessionBroadcast>()
  readonly #clock: Clock
  /** For everything that waits on the control plane. */
  readonly scheduler: Scheduler
  readonly #admission: Admission
  readonly #bitrates: BitrateGuard
  readonly #load: LoadMonitor
  #drain: Drain | undefined
  #closed = false
  /** Hears when newcomers are refused for want of room, and when no more. */
  onOverloaded: (overloaded: boolean, load: LoadStats) => void = () => {}

  constructor(
    readonly config: SfuConfig,
    createHostEngine?: EngineFactory,
    time: Clock & TimerHost = systemTime,
    /** An engine of somebody else's has no load, unless this says which. */
    probe: LoadProbe | undefined = createHostEngine ? undefined : new ProcessProbe(),
  ) {
    this.#clock = time
    this.#admission = new Admission(config, time)
    this.scheduler = new Scheduler(time, time, (error) => log('deadline threw: %O', error))
    this.#bitrates = new BitrateGuard(
      {
        receivedBytes: async (id) => (await this.#engine.peerStats(id))?.transport?.rtpBytesIn,
        end: (id, limit) => this.#end(id, 'limit-exceeded', `it sends more than ${limit}`),
      },
      this.scheduler,
    )
    this.#load = new LoadMonitor({
      intervalMs: config.loadIntervalMs,
      limits: config.overload,
      scheduler: this.scheduler,
      probe,
      shards: () => this.#engine.load(),
      onOverloaded: (overloaded, load) => this.onOverloaded(overloaded, load),
      onLowered: (layers) => void this.#engine.lowerLayers(layers).catch((error) => log('layers: %O', error)),
    })
    this.#engine = (createHostEngine ?? ownEngine)(config, {
      onPeerState: (event) => this.#onPeerState(event),
      onLayer: ({ peerId, layer }) => this.#sessions.get(peerId)?.session.onLayer(layer),
      onActiveSpeaker: ({ broadcastId, peerId }) => {
        const session = peerId === undefined ? undefined : this.#sessions.get(peerId)?.session
        this.#broadcasts.get(broadcastId)?.onActiveSpeaker(session)
      },
    })
  }

  /** The newest figures of the load. */
  get load(): LoadStats {
    return this.#load.load
  }

  /** Whether it takes no more sessions as it is going down. */
  get draining(): boolean {
    return this.#drain !== undefined
  }

  /** How many sessions there are, in any state. */
  get sessionCount(): number {
    return this.#sessions.size
  }

  /** Opens the media port. Rejects with `socket-failed`. */
  start(): Promise<void> {
    this.#load.start()
    return this.#engine.start()
  }

  /** The sessions there are, in any state, oldest first. */
  sessions(): readonly Session[] {
    return [...this.#sessions.values()].map(({ session }) => session)
  }

  /** The live session of that id. */
  session(id: string): Session | undefined {
    return this.#sessions.get(id)?.session
  }

  /** Answers an offer for a broadcast; `onCreated` hears of the session before anything can happen to it. Rejects with `closed`, `limit-reached`, `rate-limited`, `option-invalid`, or a code of the SDP negotiation. */
  async addSession(
    broadcast: SessionBroadcast,
    role: SessionRole,
    input: OfferInput,
    context: SignalingContext = {},
    onCreated: (session: Session) => void = () => {},
  ): Promise<SignalingAnswer<Session>> {
    const offer = offerText(input)
    this.#checkRoom(role, context)
    const wishes = role === 'publisher' ? resolvePublisherContext(context) : resolveViewerContext(context)
    let answer = ''
    const session = await this.#create(broadcast, role, context, onCreated, true, async ({ id, as }) => {
      const request = { peerId: id, broadcastId: broadcast.id, offer, ...wishes }
      const reply = await (as === undefined
        ? this.#engine.addViewer({ ...request, extensions: broadcast.extensions })
        : this.#engine.addPublisher({ ...request, feed: as }))
      answer = reply.answer
    })
    this.#guardBitrate(session, broadcast, context)
    log('%s %s of broadcast %s is answered', role, session.id, printable(broadcast.name))
    return { type: 'answer', sdp: answer, session }
  }

  /**
   * Makes an offer for a broadcast; `onAnswered` hears when its answer was accepted. Rejects with `closed`, `limit-reached`, `rate-limited`,
   * `option-invalid`.
   */
  async offerSession(
    broadcast: SessionBroadcast,
    role: SessionRole,
    context: OfferContext,
    onCreated: (session: Session) => void,
    onAnswered: (session: Session) => void,
  ): Promise<SignalingOffer<Session>> {
    const wishes = role === 'publisher' ? resolvePublisherContext(context) : resolveViewerContext(context)
    const layers = resolveLayers(context)
    let sdp = ''
    const session = await this.#create(broadcast, role, context, onCreated, false, async ({ id, as }) => {
      const request = { peerId: id, broadcastId: broadcast.id, ...layers, ...wishes }
      const reply = await (as === undefined
        ? this.#engine.offerViewer({ ...request, extensions: broadcast.extensions })
        : this.#engine.offerPublisher({ ...request, feed: as }))
      sdp = reply.offer
    })
    this.#guardBitrate(session, broadcast, context)
    const accept = async (answer: AnswerInput): Promise<void> => {
      await this.#engine.acceptAnswer(session.id, answerText(answer))
      onAnswered(session)
    }
    return { type: 'offer', sdp, session, accept }
  }

  /** Opens a source of the application's own as a publisher. Rejects with `closed`, `limit-reached`, `rate-limited`, `option-invalid`, or what the source says. */
  addSource(
    broadcast: SessionBroadcast,
    source: LocalSource,
    context: SignalingContext,
    onCreated: (session: Session) => void,
  ): Promise<Session> {
    return this.#create(broadcast, 'publisher', context, onCreated, false, ({ id, as }) =>
      this.#engine.addSource({ peerId: id, broadcastId: broadcast.id, feed: as as string, source }),
    )
  }

  /** A sink of the application's own gets the feeds of a broadcast until the returned function is called. Rejects with `closed`. */
  addSink(broadcastId: string, sink: LocalSink): Promise<() => void> {
    return this.#engine.addSink(broadcastId, sink)
  }

  async closeSession(id: string, reason: CloseReason): Promise<void> {
    await this.#engine.closePeer(id, reason)
    // The engine's own word comes first where it knows the peer; this is for one that it has not been told of yet.
    this.#onPeerState({ peerId: id, state: 'closed', reason })
  }

  async trickle(session: Session, fragment: string): Promise<TrickleResult> {
    if (typeof fragment !== 'string') throw new BroadcastError('request-invalid', 'an SDP fragment is a text')
    return this.#engine.trickle(session.id, fragment)
  }

  configureSession(session: Session, settings: ViewerSettings): Promise<void> {
    return this.#engine.configureViewer(session.id, settings)
  }

  subscribe(session: Session, listener: SignalingListener): () => void {
    return this.#sessions.get(session.id)?.broadcast.subscribe(session, listener) ?? (() => {})
  }

  relayPath({ id, role }: Session, publishers: readonly string[] | undefined): readonly string[] {
    const { broadcast } = this.#sessions.get(id) ?? {}
    const before = role === 'viewer' ? (broadcast?.relayPath(publishers) ?? []) : []
    return [...before, this.config.nodeId]
  }

  expireSession({ id }: Session, expiresAt: number | undefined): void {
    const hosted = this.#sessions.get(id)
    if (!hosted) return
    hosted.expiry?.cancel()
    const onExpiry = (): void => this.#end(id, 'expired')
    hosted.expiry =
      expiresAt === undefined ? undefined : this.scheduler.after(expiresAt - this.#clock.unixMs(), onExpiry)
  }

  unixMs(): number {
    return Math.round(this.#clock.unixMs())
  }

  async sessionStats(session: Session): Promise<SessionStats | undefined> {
    const peer = await this.#engine.peerStats(session.id)
    return peer && sessionStats(peer, session.broadcast)
  }

  /** Traffic and peers of a broadcast. */
  broadcastStats(broadcastId: string): Promise<BroadcastEngineStats> {
    return this.#engine.broadcastStats(broadcastId)
  }

  /** Snapshot of the engine. */
  engineStats(): Promise<EngineStats> {
    return this.#engine.stats()
  }

  /** Sums over everything, and over each of these broadcasts. */
  engineSummary(broadcastIds: readonly string[]): Promise<EngineSummary> {
    return this.#engine.summary(broadcastIds)
  }

  /** A broadcast is gone for good. */
  removeBroadcast(broadcastId: string): Promise<void> {
    this.#broadcasts.delete(broadcastId)
    return this.#engine.removeBroadcast(broadcastId)
  }

  /** Takes no more clients, and asks those that there are to go; resolves when they have, or were closed at the deadline. Idempotent. */
  drain(deadlineMs: number): Promise<void> {
    this.#drain ??= new Drain({ scheduler: this.scheduler, clients: () => this.#clients() }, deadlineMs)
    return this.#drain.done
  }

  /** Ends every session with `sfu-closed` and the engine with them. */
  async close(): Promise<void> {
    this.#closed = true
    this.#drain?.stop()
    this.#load.close()
    this.scheduler.close()
    await this.#engine.close()
    for (const peerId of [...this.#sessions.keys()]) {
      this.#onPeerState({ peerId, state: 'closed', reason: 'sfu-closed' })
    }
  }

  /** The sessions that came by offers of others. */
  #clients(): readonly Session[] {
    return [...this.#sessions.values()].flatMap(({ session, isOffered }) => (isOffered ? [session] : []))
  }

  /** Throws `draining`, `overloaded`. */
  #checkRoom(role: SessionRole, { essential = false }: SignalingContext): void {
    if (essential) return
    if (this.#drain) throw drainingError()
    this.#load.checkRoom(role)
  }

  /** Makes a session, and ends it again if the engine does not take what `ask` asks. */
  async #create(
    broadcast: SessionBroadcast,
    role: SessionRole,
    context: SignalingContext,
    onCreated: (session: Session) => void,
    isOffered: boolean,
    ask: (session: Session) => Promise<void>,
  ): Promise<Session> {
    if (this.#closed) throw new BroadcastError('closed', 'the Sfu is closed')
    this.#load.start()
    const as = role === 'publisher' ? publisherName(context.as) : undefined
    const about = resolveAbout(context)
    const expiresAt = context.expiresAt === undefined ? undefined : resolveExpiry(context.expiresAt)
    const maxViewers = resolveMaxViewers(context.maxViewers)
    const place = this.#admission.enter(broadcast, { as, address: about.address, maxViewers })
    const id = randomText(16, 'base64url')
    const session = new Session(this, { ...about, id, role, broadcast: broadcast.name, as, createdAt: this.unixMs() })
    this.#sessions.set(id, { session, broadcast, isOffered, place, expiry: undefined })
    session.expireAt(expiresAt)
    this.#broadcasts.set(broadcast.id, broadcast)
    onCreated(session)
    try {
      await ask(session)
      // Closed while the engine was at it: the broadcast went, or the whole Sfu.
      if (session.state === 'closed') throw new BroadcastError('closed', `the session ended: ${session.closeReason}`)
      return session
    } catch (error) {
      this.#onPeerState({ peerId: id, state: 'closed', reason: 'closed' })
      throw error
    }
  }

  #guardBitrate(
    { id, role, address }: Session,
    broadcast: SessionBroadcast,
    { maxBitrateBps }: SignalingContext,
  ): void {
    if (role === 'publisher')
      this.#bitrates.add(id, bitrateLimits({ id, address, maxBitrateBps }, broadcast, this.config))
  }

  /** Closes a session on our own account: nobody waits for it. */
  #end(id: string, reason: CloseReason, message?: string): void {
    const ended = this.session(id)?.endWith(reason, message)
    ended?.catch((error: unknown) => log('%s: not closed: %O', id, error))
  }

  #onPeerState(event: PeerStateEvent): void {
    const hosted = this.#sessions.get(event.peerId)
    if (!hosted) return
    const { session, broadcast } = hosted
    const before = session.state
    if (event.state === before) return
    hosted.place.settle()
    if (event.state === 'closed') {
      this.#sessions.delete(event.peerId)
      hosted.place.leave()
      this.#bitrates.remove(event.peerId)
      hosted.expiry?.cancel()
    }
    log('%s %s is %s %s %s', session.role, session.id, event.state, event.reason ?? '', event.detail ?? '')
    session.onPeerState(event)
    broadcast.onSessionState(session, before)
    if (event.state === 'closed') this.#drain?.onChange()
  }
}
