/** A session: one publisher or viewer, from its answer to its end. */
import type { PeerStateEvent } from '../engine/types.js'
import { TypedEmitter } from '../util/emitter.js'
import type { CloseReason, SessionRole, SessionState, SignalingSession } from './signaling-target.js'
import type { SessionStats } from './stats.js'

/** Events of a {@link Session}. */
export type SessionEvents = {
  /** The state has changed; with `closed` comes the reason. */
  state: [state: SessionState, reason: CloseReason | undefined]
  /** The session has ended. The last event. */
  closed: [reason: CloseReason]
}

/** What a session needs from its host. */
export interface SessionOwner {
  closeSession(id: string, reason: CloseReason): Promise<void>
  sessionStats(session: Session): Promise<SessionStats | undefined>
}

/** The handle of a publisher or viewer, as `addPublisher` and `addViewer` return it. */
export class Session extends TypedEmitter<SessionEvents> implements SignalingSession {
  /** When it was made, in milliseconds since the Unix epoch. */
  readonly createdAt = Date.now()
  #state: SessionState = 'connecting'
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

  /** Snapshot of its traffic, or undefined once it has ended. */
  stats(): Promise<SessionStats | undefined> {
    return this.#owner.sessionStats(this)
  }

  /** Ends it; idempotent. Resolves when its peer and memory are gone. The peer gets a DTLS close_notify. */
  async close(reason: CloseReason = 'closed'): Promise<void> {
    if (this.#state !== 'closed') await this.#owner.closeSession(this.id, reason)
  }

  /** What a JSON response may show of it. */
  toJSON(): { id: string; role: SessionRole; broadcast: string; state: SessionState } {
    return { id: this.id, role: this.role, broadcast: this.broadcast, state: this.#state }
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
