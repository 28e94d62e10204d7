/** Who is on this node: the broadcasts, their publishers and how many watch. It sees also those whom the application has let in by itself. */
import type { Broadcast } from '../broadcast/broadcast.js'
import type { Session } from '../broadcast/session.js'
import type { Sfu } from '../broadcast/sfu.js'
import { passOf } from './pass.js'

/** Whom a {@link Census} tells. */
export interface CensusListener {
  /** Whether a publisher's session is a relay of this node, and so no publisher of its own. */
  isRelayed(session: Session): boolean
  /** A publisher that is no relay is connected, and in a moment the source of its name. */
  onPublisherJoined(session: Session): void
  /** A publisher that is no relay has ended. */
  onPublisherGone(session: Session): void
  /** A publisher of the broadcast has ended, or a relay has. */
  onFeedEnded(broadcast: Broadcast, publisher: string): void
  /** So many viewers does the broadcast have now, relays of other nodes included. */
  onViewers(broadcast: string, count: number): void
  /** The broadcast is closed. */
  onRemoved(broadcast: string): void
}

interface Place {
  readonly broadcast: Broadcast
  readonly viewers: Set<Session>
  /** A broadcast that closes lets go of its listeners by itself. */
  unsubscribe: readonly (() => void)[]
}

/** See the top of the file. */
export class Census {
  readonly #listener: CensusListener
  readonly #places = new Map<string, Place>()
  readonly #sfu: Sfu
  #unsubscribe: readonly (() => void)[] = []
  /** Viewers that are no relays. */
  readonly #audience = new Set<Session>()

  constructor(sfu: Sfu, listener: CensusListener) {
    this.#sfu = sfu
    this.#listener = listener
  }

  /** Begins to look, and tells of everybody who is there already. */
  start(): void {
    this.#unsubscribe = [
      this.#sfu.on('broadcast-added', (broadcast) => this.#add(broadcast)),
      this.#sfu.on('broadcast-removed', (broadcast) => this.#remove(broadcast)),
    ]
    for (const broadcast of this.#sfu.broadcasts()) this.#add(broadcast)
  }

  /** How many viewers there are, relays of other nodes not counted. */
  get viewers(): number {
    return this.#audience.size
  }

  /** The broadcast of that name, if there is one. */
  broadcast(name: string): Broadcast | undefined {
    return this.#places.get(name)?.broadcast
  }

  /** The sessions of a publisher that are no relays, in any state but closed. */
  publishers(broadcast: string, publisher: string): readonly Session[] {
    const sessions = this.#places.get(broadcast)?.broadcast.sessions() ?? []
    return sessions.filter((session) => session.as === publisher && !this.#listener.isRelayed(session))
  }

  /** Whether a publisher of that name is connected here that is no relay. */
  publishes(broadcast: string, publisher: string): boolean {
    return this.publishers(broadcast, publisher).some(({ state }) => state !== 'connecting')
  }

  /** Looks no more. */
  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    for (const place of this.#places.values()) for (const unsubscribe of place.unsubscribe) unsubscribe()
    this.#places.clear()
  }

  #add(broadcast: Broadcast): void {
    const place: Place = { broadcast, viewers: new Set(), unsubscribe: [] }
    this.#places.set(broadcast.name, place)
    place.unsubscribe = [
      broadcast.on('session-opened', (session) => this.#onOpened(place, session)),
      broadcast.on('publisher-joined', (session) => this.#onJoined(session)),
      broadcast.on('session-closed', (session) => this.#onClosed(place, session)),
    ]
    for (const session of broadcast.sessions()) {
      this.#onOpened(place, session)
      if (session.state !== 'connecting' && session.role === 'publisher') this.#onJoined(session)
    }
  }

  #onOpened(place: Place, session: Session): void {
    if (session.role !== 'viewer' || !this.#isThere(place)) return
    place.viewers.add(session)
    if (passOf(session.metadata).relay === undefined) this.#audience.add(session)
    this.#listener.onViewers(place.broadcast.name, place.viewers.size)
  }

  #onJoined(session: Session): void {
    if (!this.#listener.isRelayed(session)) this.#listener.onPublisherJoined(session)
  }

  #onClosed(place: Place, session: Session): void {
    this.#audience.delete(session)
    if (place.viewers.delete(session) && this.#isThere(place)) {
      this.#listener.onViewers(place.broadcast.name, place.viewers.size)
    }
    if (session.as === undefined) return
    if (!this.#listener.isRelayed(session)) this.#listener.onPublisherGone(session)
    this.#listener.onFeedEnded(place.broadcast, session.as)
  }

  #remove(broadcast: Broadcast): void {
    const place = this.#places.get(broadcast.name)
    if (place?.broadcast !== broadcast) return
    this.#places.delete(broadcast.name)
    this.#listener.onRemoved(broadcast.name)
  }

  /** Whether it is still the broadcast of its name, and this still looks. */
  #isThere({ broadcast }: Place): boolean {
    return this.#places.get(broadcast.name)?.broadcast === broadcast
  }
}
