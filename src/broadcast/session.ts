/** A session: one publisher or viewer, from its answer to its end. */
import type {
  LayerEvent,
  LayerPreference,
  MediaKind,
  PeerStateEvent,
  TrickleResult,
  ViewerSettings,
} from '../engine/types.js'
import { BroadcastError } from '../errors.js'
import { TypedEmitter } from '../util/emitter.js'
import { randomText } from '../util/random-pool.js'
import { bitrateOption, resolveLayerPreference } from './layer-preference.js'
import { resolveCloseMessage, resolveExpiry, resolveMetadata, type SessionAbout } from './session-about.js'
import type { SessionInfo } from './session-info.js'
import type {
  CloseReason,
  RelayInfo,
  SectionLayers,
  SessionRole,
  SessionState,
  SignalingListener,
  SignalingSession,
} from './signaling-target.js'
import type { SessionStats } from './stats.js'
import { resolvePublisherNames } from './viewer-choice.js'

/** Events of a {@link Session}. */
export type SessionEvents = {
  /** The state has changed; with `closed` comes the reason. */
  state: [state: SessionState, reason: CloseReason | undefined]
  /**
   * Something else of a video is sent to a viewer: another layer, more or less of it, another publisher's, or nothing. The payload says what and
   * why, see {@link LayerEvent}.
   */
  layer: [event: LayerEvent]
  /** The client is asked to open another session in place of this one, see {@link Session.askToReconnect}. */
  reconnect: []
  /** The session has ended; with a text, if one was given. The last event. */
  closed: [reason: CloseReason, message: string | undefined]
}

/** What a session needs from its host. */
export interface SessionOwner {
  closeSession(id: string, reason: CloseReason): Promise<void>
  trickle(session: Session, fragment: string): Promise<TrickleResult>
  configureSession(session: Session, settings: ViewerSettings): Promise<void>
  subscribe(session: Session, listener: SignalingListener): () => void
  /** See `SignalingSession.relayPath`. */
  relayPath(session: Session, publishers: readonly string[] | undefined): readonly string[]
  /** Ends it at that time, or no more. */
  expireSession(session: Session, expiresAt: number | undefined): void
  /** Milliseconds since the Unix epoch. */
  unixMs(): number
  sessionStats(session: Session): Promise<SessionStats | undefined>
}

/** The handle of a publisher or viewer, as `addPublisher` and `addViewer` return it. */
export class Session extends TypedEmitter<SessionEvents> implements SignalingSession {
  /** Unguessable: 128 random bits in base64url. */
  readonly id: string
  /** Whether it sends media to us or receives it. */
  readonly role: SessionRole
  /** The name of its broadcast. */
  readonly broadcast: string
  /** The name under which a publisher publishes; undefined for a viewer. */
  readonly as: string | undefined
  /** When it was made, in milliseconds since the Unix epoch. */
  readonly createdAt: number
  /** The client's IP address, where the adapter knows it. Its media may come from another one. */
  readonly address: string | undefined
  /** What the user is to the application, as the grant or the context said. */
  readonly roles: readonly string[]
  readonly #owner: SessionOwner
  #metadata: Readonly<Record<string, unknown>>
  #relay: RelayInfo | undefined
  #publishers: readonly string[] | undefined
  #state: SessionState = 'connecting'
  #iceSessionId = randomIceSessionId()
  #connectedAt: number | undefined
  #expiresAt: number | undefined
  #isAskedToReconnect = false
  #closeReason: CloseReason | undefined
  #closeMessage: string | undefined

  /** @internal */
  constructor(owner: SessionOwner, about: SessionAbout) {
    super()
    this.#owner = owner
    this.id = about.id
    this.role = about.role
    this.broadcast = about.broadcast
    this.as = about.as
    this.createdAt = about.createdAt
    this.address = about.address
    this.roles = about.roles
    this.#metadata = about.metadata
    this.#relay = about.relay
    this.#publishers = about.publishers
  }

  /** How far it is. */
  get state(): SessionState {
    return this.#state
  }

  /** Why it ended; undefined while it has not. */
  get closeReason(): CloseReason | undefined {
    return this.#closeReason
  }

  /** What was said when it was ended; undefined if nothing was. */
  get closeMessage(): string | undefined {
    return this.#closeMessage
  }

  /** When it was connected for the first time, in milliseconds since the Unix epoch. */
  get connectedAt(): number | undefined {
    return this.#connectedAt
  }

  /** When it is going to be ended with `expired`, in milliseconds since the Unix epoch; undefined for never. */
  get expiresAt(): number | undefined {
    return this.#expiresAt
  }

  /** What the application keeps with it: passed along with the offer, or set by {@link Session.setMetadata}. */
  get metadata(): Readonly<Record<string, unknown>> {
    return this.#metadata
  }

  /** What is known of the other end, if it is one end of a relay: on either side of a pull and a push. */
  get relay(): RelayInfo | undefined {
    return this.#relay
  }

  /** Names its ICE session, at random: another one after each ICE restart. */
  get iceSessionId(): string {
    return this.#iceSessionId
  }

  /** Snapshot of what is known of it, at once and also after its end. */
  info(): SessionInfo {
    const { id, role, broadcast, as, state, createdAt, connectedAt, expiresAt, address, roles, metadata } = this
    const { relay, closeReason, closeMessage } = this
    return {
      id,
      role,
      broadcast,
      ...(as === undefined ? {} : { as }),
      state,
      createdAt,
      ...(connectedAt === undefined ? {} : { connectedAt }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(address === undefined ? {} : { address }),
      roles,
      metadata,
      ...(relay === undefined ? {} : { relay }),
      ...(closeReason === undefined ? {} : { closeReason }),
      ...(closeMessage === undefined ? {} : { closeMessage }),
    }
  }

  /** Snapshot of its traffic, or undefined once it has ended. */
  stats(): Promise<SessionStats | undefined> {
    return this.#owner.sessionStats(this)
  }

  /**
   * Takes an SDP fragment of the peer (RFC 8840, `application/trickle-ice-sdpfrag`). Under the ICE credentials of the session its
   * candidates are added; names (mDNS) and transports that cannot be used are passed over. New credentials restart ICE: the peer gets the
   * returned fragment with ours, and media and DTLS go on, with the old credentials until the first check with the new ones.
   *
   * Rejects with `sdp-invalid` (`details.line`), `sdp-unsupported`, `ice-mismatch`, `request-invalid`, `session-not-found`, `closed`,
   * `engine-failed`; the session goes on as before then.
   */
  async trickle(fragment: string): Promise<TrickleResult> {
    const result = await this.#owner.trickle(this, fragment)
    if (result.restarted) this.#iceSessionId = randomIceSessionId()
    return result
  }

  /** Stops sending audio or video to a viewer, until {@link Session.resume}. Rejects with `request-invalid` for a publisher. */
  pause(kind: MediaKind): Promise<void> {
    return this.#configure({ paused: { [kind]: true } })
  }

  /** Sends what {@link Session.pause} stopped; video begins with its next keyframe. Rejects with `request-invalid` for a publisher. */
  resume(kind: MediaKind): Promise<void> {
    return this.#configure({ paused: { [kind]: false } })
  }

  /**
   * The best layer of each video that a viewer wants, where a publisher sends several; no limit if undefined (the default). Within it, a
   * viewer gets what its network carries. With `mid`, it holds for the video of that m-line only, within what holds for all; undefined
   * takes it back. Rejects with `request-invalid` for a publisher, `option-invalid` for values out of range.
   */
  async preferLayer(preference: LayerPreference | undefined, mid?: string): Promise<void> {
    const layer = preference === undefined ? null : resolveLayerPreference(preference)
    await this.#configure(mid === undefined ? { layer } : { section: { mid, layer } })
  }

  /** What there is to choose from in each video section of a viewer, by m-line; none for a publisher, and once it has ended. */
  async layers(): Promise<readonly SectionLayers[]> {
    const tracks = (await this.stats())?.egress?.tracks ?? []
    return tracks.flatMap(({ mid, layers }) => (layers === undefined ? [] : [{ mid, layers }]))
  }

  /**
   * Tells `listener` how things are around the session, before it returns, and then what happens: for signaling of one's own. Returns the
   * way to stop; it stops by itself after `closed`.
   */
  subscribe(listener: SignalingListener): () => void {
    return this.#owner.subscribe(this, listener)
  }

  /**
   * What a viewer's video layers may cost at most, its audio included, in bits per second; no limit if undefined (the default). A video without layers is
   * sent as it is. Rejects with `request-invalid` for a publisher, `option-invalid` for a number out of range.
   */
  async limitBitrate(maxBitrateBps: number | undefined): Promise<void> {
    const limit = maxBitrateBps === undefined ? null : bitrateOption('maxBitrateBps', maxBitrateBps)
    await this.#configure({ maxBitrateBps: limit })
  }

  /**
   * Chooses the publishers that a viewer receives, by the names they publish under and in this order, as far as its m-lines reach; all of
   * them, in the order in which they came, if undefined (the default). Rejects with `request-invalid` for a publisher, `option-invalid` for what
   * is no list of names.
   */
  async selectPublishers(names: readonly string[] | undefined): Promise<void> {
    const publishers = names === undefined ? undefined : resolvePublisherNames(names)
    await this.#configure({ publishers: publishers ?? null })
    this.#publishers = publishers
  }

  /** Whether {@link Session.askToReconnect} has been called. */
  get isAskedToReconnect(): boolean {
    return this.#isAskedToReconnect
  }

  /**
   * Asks the client to open another session in place of this one, there or elsewhere, and to leave this one when media have come through the new one.
   * Only a client that listens can hear it: to the events of WHEP, over a WebSocket, or to signaling of your own (`subscribe`). Idempotent.
   */
  askToReconnect(): void {
    if (this.#isAskedToReconnect || this.#state === 'closed') return
    this.#isAskedToReconnect = true
    this.emit('reconnect')
  }

  /** Keeps `metadata` with the session, in place of what was there; plain JSON values. Throws `option-invalid` for what is no object. */
  setMetadata(metadata: Readonly<Record<string, unknown>>): void {
    this.#metadata = resolveMetadata(metadata)
  }

  /**
   * Ends the session at that time with `expired`, in place of the time that its grant or context said: milliseconds since the Unix epoch or a Date, or
   * undefined for never. A time that has passed ends it at once. Throws `option-invalid`.
   */
  expireAt(expiresAt: number | Date | undefined): void {
    if (this.#state === 'closed') return
    this.#expiresAt = expiresAt === undefined ? undefined : resolveExpiry(expiresAt)
    this.#owner.expireSession(this, this.#expiresAt)
  }

  /**
   * Throws the user out: ends the session with `kicked`, and with a text for the log and for `closed`. It may come back as far as
   * authorization lets it. Rejects with `option-invalid` for a text of more than 256 characters or with control characters.
   */
  async kick(message?: string): Promise<void> {
    await this.endWith('kicked', resolveCloseMessage(message))
  }

  /** Ends it; idempotent. Resolves when its peer and memory are gone. The peer gets a DTLS close_notify. */
  async close(reason: CloseReason = 'closed'): Promise<void> {
    if (this.#state !== 'closed') await this.#owner.closeSession(this.id, reason)
  }

  /** What a JSON response may show of it. */
  toJSON(): { id: string; role: SessionRole; broadcast: string; state: SessionState } {
    return { id: this.id, role: this.role, broadcast: this.broadcast, state: this.#state }
  }

  async #configure(settings: ViewerSettings): Promise<void> {
    if (this.role !== 'viewer') throw new BroadcastError('request-invalid', 'only viewers choose what they receive')
    await this.#owner.configureSession(this, settings)
  }

  /** @internal */
  async endWith(reason: CloseReason, message: string | undefined): Promise<void> {
    if (this.#state === 'closed') return
    this.#closeMessage = message
    await this.close(reason)
  }

  /** @internal */
  relayPath(): readonly string[] {
    return this.#owner.relayPath(this, this.#publishers)
  }

  /** @internal */
  setRelayPath(path: readonly string[]): void {
    this.#relay = { path }
  }

  /** @internal */
  onLayer(event: LayerEvent): void {
    if (this.#state !== 'closed') this.emit('layer', event)
  }

  /** @internal */
  onPeerState(event: PeerStateEvent): void {
    if (this.#state === 'closed' || event.state === this.#state) return
    this.#state = event.state
    if (event.state === 'connected') this.#connectedAt ??= this.#owner.unixMs()
    if (event.state === 'closed') this.#closeReason = event.reason ?? 'internal-error'
    this.emit('state', this.#state, this.#closeReason)
    if (this.#closeReason !== undefined) {
      this.emit('closed', this.#closeReason, this.#closeMessage)
      this.removeAllListeners()
    }
  }
}

function randomIceSessionId(): string {
  return randomText(9, 'base64url')
}
