/** One publisher of another node, on this one: a single relay, however many viewers there are. */
import type { Broadcast } from '../broadcast/broadcast.js'
import type { Session } from '../broadcast/session.js'
import { BroadcastError } from '../errors.js'
import { createLog, printable } from '../util/log.js'
import type { PulledMedia, PullMedia, PullSource } from './pull-media.js'
import type { BroadcastRecord, OriginLease } from './types.js'

const log = createLog('cluster')

/** A node to pull from. */
export interface ParentNode {
  readonly nodeId: string
  readonly url: string
}

/** What a {@link CarriedPublisher} needs of its node. */
export interface CarriedPublisherHost {
  readonly pull: PullMedia
  /** What the directory says now. Rejects with `directory-unavailable`. */
  lookUp(broadcast: string): Promise<BroadcastRecord>
  /** The node to pull a publisher from: its origin, or one that carries it already. `avoid` has the nodes that were tried in vain. */
  parent(broadcast: string, origin: OriginLease, record: BroadcastRecord, avoid: readonly string[]): ParentNode
  relayToken(to: string, broadcast: string, publisher: string): string
  /** A session of a relay has been made. */
  onRelaySession(session: Session): void
  /** Whether its media can flow has changed. */
  onRelayChange(broadcast: string): void
}

/** See the top of the file. */
export class CarriedPublisher {
  readonly #broadcast: Broadcast
  readonly #host: CarriedPublisherHost
  readonly #media: PulledMedia
  #origin: OriginLease
  #parent: ParentNode
  /** What the directory said last. */
  #record: BroadcastRecord
  /** Parents that have not given media since the last time that it was connected. */
  #avoid: string[] = []

  constructor(broadcast: Broadcast, origin: OriginLease, record: BroadcastRecord, host: CarriedPublisherHost) {
    this.#broadcast = broadcast
    this.#host = host
    this.#origin = origin
    this.#record = record
    this.#parent = host.parent(broadcast.name, origin, record, [])
    this.#media = host.pull(broadcast, {
      publisher: origin.publisher,
      source: () => this.#nextSource(),
      onSession: (session) => host.onRelaySession(session),
      onChange: () => {
        if (this.connected) this.#avoid = []
        host.onRelayChange(broadcast.name)
      },
    })
    log('%s %s: pulled from %s', printable(broadcast.name), printable(origin.publisher), this.#parent.url)
  }

  /** Whether media can flow. */
  get connected(): boolean {
    return this.#media.connected
  }

  /** It has ended by itself. */
  get over(): boolean {
    return this.#media.over
  }

  /** The node that it is pulled from. */
  get parent(): ParentNode {
    return this.#parent
  }

  /** The publisher is at this origin now: if it has moved, so does the relay, as far as it hung on the old one. */
  follow(origin: OriginLease, record: BroadcastRecord): void {
    const before = this.#origin
    this.#origin = origin
    this.#record = record
    if (origin.nodeId === before.nodeId) return
    // A parent that is no origin moves by itself, and its children's media go on.
    if (this.connected && this.#parent.nodeId !== before.nodeId && this.#parent.nodeId !== origin.nodeId) return
    this.#avoid = []
    this.#parent = this.#host.parent(this.#broadcast.name, origin, record, [])
    log('%s %s: moves to %s', printable(this.#broadcast.name), printable(origin.publisher), this.#parent.url)
    this.#media.moveTo(this.#source())
  }

  /** Ends the relay. */
  close(): void {
    this.#media.close().catch((error: unknown) => log('a relay was not closed: %O', error))
  }

  async #nextSource(): Promise<PullSource> {
    const { name } = this.#broadcast
    // While the directory is away, the publisher is most likely where it was.
    const record = await this.#host.lookUp(name).catch(() => this.#record)
    const origin = record.origins.find(({ publisher }) => publisher === this.#origin.publisher)
    if (origin === undefined) throw new BroadcastError('not-live', `no node has a publisher ${this.#origin.publisher}`)
    this.#origin = origin
    this.#parent = this.#host.parent(name, origin, record, this.#avoid)
    // It is taken out again when it has worked.
    if (this.#parent.nodeId !== origin.nodeId) this.#avoid.push(this.#parent.nodeId)
    return this.#source()
  }

  #source(): PullSource {
    const { nodeId, url } = this.#parent
    const { name } = this.#broadcast
    const { publisher } = this.#origin
    return {
      nodeUrl: url,
      token: () => this.#host.relayToken(nodeId, name, publisher),
    }
  }
}
