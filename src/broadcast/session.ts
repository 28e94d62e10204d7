/** A session: one publisher or viewer, from its answer to its end. */
import { randomBytes } from 'node:crypto'
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
import { bitrateOption, resolveLayerPreference } from './layer-preference.js'
import type {
  CloseReason,
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
  /** The session has ended. The last event. */
  closed: [reason: CloseReason]
}

/** What a session needs from its host. */
export interface SessionOwner {
  closeSession(id: string, reason: CloseReason): Promise<void>
  trickle(session: Session, fragment: string): Promise<TrickleResult>
  configureSession(session: Session, settings: ViewerSettings): Promise<void>
  subscribe(session: Session, listener: SignalingListener): () => void
  sessionStats(session: Session): Promise<SessionStats | undefined>
}

/** The handle of a publisher or viewer, as `addPublisher` and `addViewer` return it. */
export class Session extends TypedEmitter<SessionEvents> implements SignalingSession {
  /** When it was made, in milliseconds since the Unix epoch. */
  readonly createdAt = Date.now()
  #state: SessionState = 'connecting'
  #iceSessionId = randomIceSessionId()
  #closeReason: CloseReason | undefined
  readonly #owner: SessionOwner

  /** @internal */
  constructor(
    owner: SessionOwner,
    /** Unguessable: 128 random bits in base64url. */
    readonly id: string,
    /** Whether it sends media to us or receives it. */
    readonly role: SessionRole,
    /** The name of its broadcast. */
    readonly broadcast: string,
    /** What the application passed along with the offer. */
    readonly metadata: Readonly<Record<string, unknown>>,
    /** The name under which a publisher publishes; undefined for a viewer. */
    readonly as: string | undefined,
  ) {
    super()
    this.#owner = owner
  }

  /** How far it is. */
  get state(): SessionState {
    return this.#state
  }

  /** Why it ended; undefined while it has not. */
  get closeReason(): CloseReason | undefined {
    return this.#closeReason
  }

  /** Names its ICE session, at random: another one after each ICE restart. */
  get iceSessionId(): string {
    return this.#iceSessionId
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
    await this.#configure({ publishers: names === undefined ? null : resolvePublisherNames(names) })
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
  onLayer(event: LayerEvent): void {
    if (this.#state !== 'closed') this.emit('layer', event)
  }

  /** @internal */
  onPeerState(event: PeerStateEvent): void {
    if (this.#state === 'closed' || event.state === this.#state) return
    this.#state = event.state
    if (event.state === 'closed') this.#closeReason = event.reason ?? 'internal-error'
    this.emit('state', this.#state, this.#closeReason)
    if (this.#closeReason !== undefined) {
      this.emit('closed', this.#closeReason)
      this.removeAllListeners()
    }
  }
}

function randomIceSessionId(): string {
  return randomBytes(9).toString('base64url')
}
