/** The sessions of one broadcast, how far each has come, and the events that tell of it. */
import type { TypedEmitter } from '../util/emitter.js'
import type { BroadcastEvents } from './broadcast-events.js'
import type { BroadcastWatch } from './broadcast-watch.js'
import { publishDiagnostics } from './diagnostics.js'
import { replacedBy } from './publisher-policy.js'
import type { Session } from './session.js'
import type { SessionRole } from './signaling-target.js'

/** Whose book it is. */
export interface SessionBookOwner extends Pick<TypedEmitter<BroadcastEvents>, 'emit'> {
  readonly name: string
}

/** See the top of the file. */
export class SessionBook {
  readonly #owner: SessionBookOwner
  readonly #watch: BroadcastWatch
  /** In the order in which they were added. */
  readonly #sessions = new Map<string, Session>()
  /** Those whose offers, or ours to them, have been answered. */
  readonly #opened = new Set<Session>()
  /** Those that are or have been connected, oldest first: counted and looked through for each join. */
  readonly #joined: Readonly<Record<SessionRole, Set<Session>>> = { publisher: new Set(), viewer: new Set() }

  constructor(owner: SessionBookOwner, watch: BroadcastWatch) {
    this.#owner = owner
    this.#watch = watch
  }

  /** How many there are, in any state but closed. */
  get size(): number {
    return this.#sessions.size
  }

  /** All of them, oldest first. */
  all(): readonly Session[] {
    return [...this.#sessions.values()]
  }

  /** The one of that id. */
  find(id: string): Session | undefined {
    return this.#sessions.get(id)
  }

  /** Whether a publisher is connected. */
  get isLive(): boolean {
    return this.#joined.publisher.size > 0
  }

  /** The connected publishers, oldest first. */
  get publishers(): readonly Session[] {
    return [...this.#joined.publisher]
  }

  /** The connected viewers, oldest first, relays among them. */
  get viewers(): readonly Session[] {
    return [...this.#joined.viewer]
  }

  /** How many viewers are connected, without relays. */
  get viewerCount(): number {
    let count = 0
    for (const session of this.#joined.viewer) if (!session.relay) count++
    return count
  }

  /** Whether a publisher is here or on its way. */
  get hasPublisher(): boolean {
    return this.all().some(({ role }) => role === 'publisher')
  }

  /** A session has been made. */
  add(session: Session): void {
    this.#sessions.set(session.id, session)
  }

  /** There is an answer. */
  opened(session: Session): void {
    if (session.state === 'closed' || this.#opened.has(session)) return
    this.#opened.add(session)
    publishDiagnostics('manycast:session:opened', { session })
    this.#owner.emit('session-opened', session)
  }

  /** A session is connected, perhaps again. */
  connected(session: Session): void {
    const joined = this.#joined[session.role]
    if (joined.has(session)) return
    // A source of the application's own is connected before it has an answer.
    this.opened(session)
    const wasLive = this.isLive
    joined.add(session)
    publishDiagnostics('manycast:session:connected', { session })
    if (session.role === 'viewer') {
      this.#owner.emit('viewer-joined', session)
      this.#watch.onViewersChanged()
      return
    }
    this.#owner.emit('publisher-joined', session)
    if (!wasLive) {
      publishDiagnostics('manycast:broadcast:live', { broadcast: this.#owner.name, session })
      this.#owner.emit('live', session)
      this.#watch.tell({ type: 'live' })
    }
    for (const older of replacedBy(session, this.all())) void older.close('replaced')
  }

  /** A session has ended. */
  closed(session: Session): void {
    this.#sessions.delete(session.id)
    const reason = session.closeReason ?? 'internal-error'
    if (this.#joined[session.role].delete(session)) {
      if (session.role === 'viewer') {
        this.#owner.emit('viewer-left', session, reason)
        this.#watch.onViewersChanged()
      } else {
        this.#owner.emit('publisher-left', session, reason)
        if (!this.isLive) this.#idle()
      }
    }
    if (this.#opened.delete(session)) {
      publishDiagnostics('manycast:session:closed', { session, reason })
      this.#owner.emit('session-closed', session, reason)
    }
  }

  #idle(): void {
    publishDiagnostics('manycast:broadcast:idle', { broadcast: this.#owner.name })
    this.#owner.emit('idle')
    this.#watch.tell({ type: 'idle' })
  }
}
