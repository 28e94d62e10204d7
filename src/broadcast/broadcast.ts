/** A broadcast: one publisher uploads once, everybody watches. */
import { randomBytes } from 'node:crypto'
import type { ExtensionSettings, LocalSink, LocalSource, MediaKind } from '../engine/types.js'
import { BroadcastError } from '../errors.js'
import { pull, push } from '../relay/pull-push.js'
import type { Relay } from '../relay/relay.js'
import type { RelayOptions } from '../relay/relay-options.js'
import type { TappedFrame } from '../taps/frame-sink.js'
import type { TappedPacket } from '../taps/packet-sink.js'
import { TypedEmitter } from '../util/emitter.js'
import { createLog, printable } from '../util/log.js'
import type { BroadcastEvents } from './broadcast-events.js'
import { BroadcastWatch } from './broadcast-watch.js'
import { publishDiagnostics } from './diagnostics.js'
import { resolveExtensionOptions } from './extension-options.js'
import { IdleTimeout } from './idle-timeout.js'
import { notLive } from './not-live.js'
import { publisherName } from './publisher-name.js'
import { checkPolicy } from './publisher-policy.js'
import { admitRelay, relayPathOf } from './relay-admission.js'
import type { Session } from './session.js'
import { SessionBook } from './session-book.js'
import { type SessionBroadcast, SessionHost } from './session-host.js'
import { resolveSessionLimits, type SessionLimitsConfig } from './session-limits.js'
import {
  type BroadcastOptions,
  type PublisherPolicy,
  resolveIdleTimeout,
  resolvePublisherPolicy,
  resolveSfuOptions,
  type SfuOptions,
} from './sfu-options.js'
import type { OfferContext, SignalingOffer } from './signaling-offer.js'
import type {
  OfferInput,
  SessionRole,
  SessionState,
  SignalingAnswer,
  SignalingContext,
  SignalingListener,
  SignalingTarget,
} from './signaling-target.js'
import { type BroadcastStats, sessionStats } from './stats.js'
import { tapFrames, tapPackets } from './tap-media.js'
import type { TapOptions } from './tap-options.js'
import type { TapStream } from './tap-stream.js'

export type { BroadcastEvents } from './broadcast-events.js'

const log = createLog('session')

type OnCreated = (session: Session) => void

/** Where a broadcast of an Sfu lives. @internal */
export interface BroadcastPlace {
  readonly host: SessionHost
  readonly name: string
  /** An offer to it was refused. */
  onRefused(broadcast: Broadcast, role: SessionRole, error: BroadcastError): void
  /** Its last session has ended. */
  onEmpty(broadcast: Broadcast): void
  /** It begins to close and takes no more offers. */
  onClosing(broadcast: Broadcast): void
}

/**
 * Takes offers and returns answers; what lies between is forwarded, never transcoded.
 *
 * `new Broadcast()` stands alone with an engine and a media port of its own; an `Sfu` has any number of them on one engine.
 *
 * @example
 * ```ts
 * const broadcast = new Broadcast()
 * const answer = await broadcast.addPublisher(offer)   // offer: SDP text, or { type: 'offer', sdp }
 * const another = await broadcast.addViewer(offer2)
 * broadcast.on('viewer-joined', (session) => console.log(session.id))
 * ```
 */
export class Broadcast extends TypedEmitter<BroadcastEvents> implements SignalingTarget<Session>, SessionBroadcast {
  /** @internal */
  readonly id = randomBytes(8).toString('base64url')
  /** Its name in the Sfu; `broadcast` for one that stands alone. */
  readonly name: string
  /** @internal */
  readonly extensions: ExtensionSettings
  /** @internal */
  readonly limits: SessionLimitsConfig
  readonly #host: SessionHost
  readonly #place: BroadcastPlace | undefined
  readonly #policy: PublisherPolicy
  readonly #watch = new BroadcastWatch(this)
  readonly #sessions = new SessionBook(this, this.#watch)
  readonly #idle: IdleTimeout
  #activeSpeaker: Session | undefined
  #adding = 0
  #closing: Promise<void> | undefined

  /** Throws `option-invalid`. The media port is opened at the first offer, or by {@link Broadcast.ready}. */
  constructor(options?: SfuOptions)
  /** @internal */
  constructor(options: BroadcastOptions, place: BroadcastPlace)
  constructor(options: SfuOptions = {}, place?: BroadcastPlace) {
    super()
    this.#place = place
    this.#host = place?.host ?? new SessionHost(resolveSfuOptions(options))
    this.#policy = resolvePublisherPolicy(options, this.#host.config.publisherPolicy)
    this.extensions = resolveExtensionOptions(options, this.#host.config.extensions)
    this.limits = resolveSessionLimits('limits', options.limits, this.#host.config.limits)
    this.name = place?.name ?? 'broadcast'
    const idleTimeoutMs = resolveIdleTimeout(options, this.#host.config.idleTimeoutMs)
    this.#idle = new IdleTimeout(this.#host.scheduler, idleTimeoutMs, () => this.#onIdleTimeout())
    this.#idle.start()
  }

  /** What happens when a publisher comes while another one of its name is there. */
  get publisherPolicy(): PublisherPolicy {
    return this.#policy
  }

  /** Whether a publisher is connected. */
  get live(): boolean {
    return this.#sessions.isLive
  }

  /** The connected publishers, oldest first. */
  get publishers(): readonly Session[] {
    return this.#sessions.publishers
  }

  /** The connected viewers, oldest first; the relays of other servers among them, which have a `session.relay`. */
  get viewers(): readonly Session[] {
    return this.#sessions.viewers
  }

  /** What this node is called in the paths of relays; the option `nodeId`. */
  get nodeId(): string {
    return this.#host.config.nodeId
  }

  /** @internal */
  get maxRelayDepth(): number {
    return this.#host.config.maxRelayDepth
  }

  /** The publisher who speaks; undefined while nobody does. */
  get activeSpeaker(): Session | undefined {
    return this.#activeSpeaker
  }

  /** How many viewers are connected, without the relays of other servers. */
  get viewerCount(): number {
    return this.#sessions.viewerCount
  }

  /** Opens the media port now instead of at the first offer. Rejects with `socket-failed`. */
  ready(): Promise<void> {
    return this.#host.start()
  }

  /**
   * Takes the offer of a publisher. Its media reach the viewers as soon as it is connected. Several publish side by side under names
   * of their own: `addPublisher(offer, { as: 'slides' })`. `maxBitrateBps` caps what this one is asked to send.
   *
   * Rejects with `request-invalid`, `option-invalid`, `sdp-invalid`, `sdp-unsupported`, `direction-mismatch`, `codec-unsupported`, `publisher-exists` (by
   * `publisherPolicy: 'reject'`), `limit-reached`, `rate-limited`, `closed`, `socket-failed`, `engine-failed`.
   */
  addPublisher(offer: OfferInput, context: SignalingContext = {}): Promise<SignalingAnswer<Session>> {
    return this.#add('publisher', offer, context)
  }

  /**
   * Takes the offer of a viewer, whether or not there is a publisher yet. What it is to receive can be said at once, with `maxBitrateBps`, `layer`,
   * `publishers` and `paused`, or later by its session. With `requireLive`, it is refused while nobody publishes.
   *
   * Rejects with `request-invalid`, `option-invalid`, `sdp-invalid`, `sdp-unsupported`, `direction-mismatch`, `codec-unsupported`, `not-live`,
   * `limit-reached`, `rate-limited`, `closed`,
   * `socket-failed`, `engine-failed`.
   */
  addViewer(offer: OfferInput, context: SignalingContext = {}): Promise<SignalingAnswer<Session>> {
    return this.#add('viewer', offer, context)
  }

  /**
   * Makes an offer to receive media, for a server that takes offers, such as WHEP's: whoever answers it is a publisher of this broadcast, under the same
   * rules as one that made the offer itself. Its session waits for `offer.accept(answer)` and ends with `connect-timeout` if that does not come.
   *
   * Rejects as {@link Broadcast.addPublisher} does, but for the codes of SDP.
   */
  offerPublisher(context: OfferContext = {}): Promise<SignalingOffer<Session>> {
    return this.#offer('publisher', context)
  }

  /**
   * Makes an offer to send media, for a server that takes offers, such as WHIP's: whoever answers it is a viewer of this broadcast.
   *
   * Rejects as {@link Broadcast.addViewer} does, but for the codes of SDP.
   */
  offerViewer(context: OfferContext = {}): Promise<SignalingOffer<Session>> {
    return this.#offer('viewer', context)
  }

  /**
   * Brings in media that do not come by WebRTC: a file, plain RTP, packets of the application's own (see `manycast/sources`). The source is a publisher like
   * any other, `connected` as soon as it has opened; its session ends with `source-ended` or `source-failed` when it does. `session.close()` ends the
   * source. It is limited as publishers are, but for the bitrate.
   *
   * Rejects with `option-invalid`, `publisher-exists` (by `publisherPolicy: 'reject'`), `limit-reached`, `rate-limited`, `closed`, `socket-failed`, and with
   * what the source cannot be opened for.
   */
  async addSource(source: LocalSource, context: SignalingContext = {}): Promise<Session> {
    const { session } = await this.#admit('publisher', context, async (onCreated) => ({
      session: await this.#host.addSource(this, source, context, onCreated),
    }))
    this.#sessions.opened(session)
    return session
  }

  /**
   * Lets `sink` have the publishers of this broadcast, those there are and every later one, without WebRTC and in the application's thread: what recorders
   * and `rtpSink` are made of. Resolves with the way to stop. A sink is no viewer: it has no session, and is in no count. Rejects with `closed`,
   * `socket-failed`.
   */
  async addSink(sink: LocalSink): Promise<() => void> {
    this.#checkOpen()
    return this.#host.addSink(this.id, sink)
  }

  /**
   * The encoded frames of a publisher's audio or video, complete and in order, for the application to read: `for await (const frame of broadcast.frames('video'))`.
   * Of several layers the best one that comes. Lost packets are waited for until they are repaired, or 0.9 s (audio: 0.3 s). Nobody publishing is waited through. A reader that
   * is too slow loses frames up to the next keyframe, see {@link TapStream.dropped}. Throws `option-invalid`, `closed`.
   */
  frames(kind: MediaKind, options: TapOptions = {}): TapStream<TappedFrame> {
    this.#checkOpen()
    return tapFrames(this, kind, options)
  }

  /**
   * Copies of the RTP packets of a publisher's audio or video, for the application to read: `for await (const packet of broadcast.packets('audio'))`. Nobody
   * publishing is waited through. A reader that is too slow loses packets, see {@link TapStream.dropped}. Throws `option-invalid`, `closed`.
   */
  packets(kind: MediaKind, options: TapOptions = {}): TapStream<TappedPacket> {
    this.#checkOpen()
    return tapPackets(this, kind, options)
  }

  /**
   * Gets a broadcast of another server by WHEP, and publishes it here, until the relay is closed. It connects, and comes back, by itself: see `Relay`
   * and `docs/relays.md`. Throws `option-invalid`, `closed`.
   */
  pull(whepUrl: string | URL, options: RelayOptions = {}): Relay<Session> {
    this.#checkOpen()
    return pull<Session>(this, whepUrl, options)
  }

  /** Publishes what is published here on another server, by WHIP; otherwise as {@link Broadcast.pull}. Throws `option-invalid`, `closed`. */
  push(whipUrl: string | URL, options: RelayOptions = {}): Relay<Session> {
    this.#checkOpen()
    return push<Session>(this, whipUrl, options)
  }

  /** The same as {@link Broadcast.addPublisher}, for signaling adapters. */
  publish(offer: OfferInput, context?: SignalingContext): Promise<SignalingAnswer<Session>> {
    return this.addPublisher(offer, context)
  }

  /** The same as {@link Broadcast.addViewer}, for signaling adapters. */
  view(offer: OfferInput, context?: SignalingContext): Promise<SignalingAnswer<Session>> {
    return this.addViewer(offer, context)
  }

  /** Its sessions, in any state but closed, oldest first. */
  sessions(): readonly Session[] {
    return this.#sessions.all()
  }

  /** The live session of that id in this broadcast. */
  session(id: string): Session | undefined {
    return this.#sessions.find(id)
  }

  /** Snapshot of the broadcast and its sessions. Rejects with `closed`. */
  async stats(): Promise<BroadcastStats> {
    const { totals, peers } = await this.#host.broadcastStats(this.id)
    return {
      name: this.name,
      live: this.live,
      publishers: this.publishers.length,
      viewers: this.viewerCount,
      relays: this.viewers.length - this.viewerCount,
      totals,
      sessions: peers.map((peer) => sessionStats(peer, this.name)),
    }
  }

  /** Ends every session with `broadcast-closed`. Idempotent. One that stands alone closes its engine, too. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** True while no session is here or on its way. @internal */
  get empty(): boolean {
    return this.#sessions.size === 0 && this.#adding === 0
  }

  /** @internal */
  relayPath(publishers?: readonly string[]): readonly string[] {
    return relayPathOf(this.#sessions.all(), publishers)
  }

  /** @internal */
  subscribe(session: Session, listener: SignalingListener): () => void {
    return this.#watch.subscribe(session, listener)
  }

  /** @internal */
  onSessionState(session: Session, _before: SessionState): void {
    if (session.state === 'connected') this.#sessions.connected(session)
    else if (session.state === 'closed') this.#onClosed(session)
  }

  /** @internal */
  onActiveSpeaker(session: Session | undefined): void {
    if (session === this.#activeSpeaker) return
    this.#activeSpeaker = session
    this.emit('active-speaker', session)
  }

  #checkOpen(): void {
    if (this.#closing) throw new BroadcastError('closed', `broadcast ${this.name} is closed`)
  }

  async #add(role: SessionRole, offer: OfferInput, context: SignalingContext): Promise<SignalingAnswer<Session>> {
    const add = (onCreated: OnCreated) => this.#host.addSession(this, role, offer, context, onCreated)
    const answer = await this.#admit(role, context, add)
    this.#sessions.opened(answer.session)
    return answer
  }

  #offer(role: SessionRole, context: OfferContext): Promise<SignalingOffer<Session>> {
    const onAnswered = (session: Session): void => this.#sessions.opened(session)
    return this.#admit(role, context, (onCreated) =>
      this.#host.offerSession(this, role, context, onCreated, onAnswered),
    )
  }

  async #admit<Added extends { readonly session: Session }>(
    role: SessionRole,
    context: SignalingContext,
    add: (onCreated: OnCreated) => Promise<Added>,
  ): Promise<Added> {
    this.#checkOpen()
    admitRelay(this, role, context)
    this.#adding++
    try {
      if (role === 'publisher') checkPolicy(this.#policy, publisherName(context.as), this.sessions())
      else if (context.requireLive === true && !this.live) throw notLive(this.name)
      return await add((session) => {
        this.#sessions.add(session)
        if (role === 'publisher') this.#idle.stop()
      })
    } catch (error) {
      this.#onRefused(role, BroadcastError.from(error))
      throw error
    } finally {
      this.#adding--
      this.#checkEmpty()
    }
  }

  #onRefused(role: SessionRole, error: BroadcastError): void {
    if (this.#place) this.#place.onRefused(this, role, error)
    else publishDiagnostics('manycast:session:refused', { broadcast: this.name, role, error })
  }

  #onClosed(session: Session): void {
    this.#sessions.closed(session)
    if (session.role === 'publisher') this.#startIdle()
    this.#checkEmpty()
  }

  /** A publisher that still connects is as good as there. */
  #startIdle(): void {
    if (!this.#sessions.hasPublisher && !this.#closing) this.#idle.start()
  }

  #onIdleTimeout(): void {
    this.close().catch((error: unknown) => log('%s: not closed: %O', printable(this.name), error))
  }

  #checkEmpty(): void {
    if (this.empty && !this.#closing) this.#place?.onEmpty(this)
  }

  async #close(): Promise<void> {
    this.#idle.stop()
    // The name is free at once: an offer that comes while this one ends makes a new broadcast.
    this.#place?.onClosing(this)
    // Sessions are ended before the engine is, so that they learn the true reason.
    await Promise.all(this.#sessions.all().map((session) => session.close('broadcast-closed')))
    if (this.#place) {
      await this.#host.removeBroadcast(this.id)
    } else {
      await this.#host.close()
    }
    this.#watch.close()
    this.emit('closed')
    this.removeAllListeners()
  }
}
