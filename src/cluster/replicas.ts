/** The broadcasts that are watched on this node. */
import type { Session } from '../broadcast/session.js'
import { isBroadcastName } from '../signaling/index.js'
import type { Census } from './census.js'
import { Replica, type ReplicaOptions, type ReplicaStats } from './replica.js'
import type { BroadcastRecord } from './types.js'

/** What {@link Replicas} are made with. */
export interface ReplicasOptions extends Omit<ReplicaOptions, 'onRelaySession' | 'onRelayChange' | 'onLingered'> {
  readonly census: Census
  /** A relay has got connected, or is not any more. */
  onRelay(broadcast: string): void
}

/** See the top of the file. */
export class Replicas {
  readonly #options: ReplicasOptions
  readonly #replicas = new Map<string, Replica>()
  readonly #sessions: WeakSet<Session>

  /** @param sessions takes note of the sessions of relays. */
  constructor(options: ReplicasOptions, sessions: WeakSet<Session>) {
    this.#options = options
    this.#sessions = sessions
  }

  /** Every relay. */
  get relays(): readonly ReplicaStats[] {
    return [...this.#replicas.values()].flatMap(({ relays }) => relays)
  }

  /** What the directory said last of a broadcast that is watched here; undefined for others. */
  record(broadcast: string): BroadcastRecord | undefined {
    return this.#replicas.get(broadcast)?.record
  }

  /** So many viewers does a broadcast have. */
  setViewers(name: string, count: number): void {
    const broadcast = this.#options.census.broadcast(name)
    if (broadcast === undefined) return
    let replica = this.#replicas.get(name)
    if (replica === undefined) {
      // What no URL can name is of this node only.
      if (count === 0 || !isBroadcastName(name)) return
      replica = new Replica(broadcast, {
        ...this.#options,
        onRelaySession: (session) => void this.#sessions.add(session),
        onRelayChange: (changed) => this.#onRelayChange(changed),
        onLingered: (lingered) => this.end(lingered),
      })
      this.#replicas.set(name, replica)
      void replica.look()
    }
    replica.setViewers(count)
  }

  /** Looks up a broadcast, if it is watched here; returns whether it is. */
  look(broadcast: string): boolean {
    const replica = this.#replicas.get(broadcast)
    void replica?.look()
    return replica !== undefined
  }

  /** What the directory says of a broadcast. */
  update(broadcast: string, record: BroadcastRecord): void {
    this.#replicas.get(broadcast)?.update(record)
  }

  /** A publisher is on this node now. */
  release(broadcast: string, publisher: string): void {
    this.#replicas.get(broadcast)?.release(publisher)
  }

  /** Ends what there is for a broadcast. */
  end(broadcast: string): void {
    this.#replicas.get(broadcast)?.end()
    this.#replicas.delete(broadcast)
  }

  /** Ends everything. */
  close(): void {
    for (const broadcast of [...this.#replicas.keys()]) this.end(broadcast)
  }

  #onRelayChange(broadcast: string): void {
    this.#options.onRelay(broadcast)
    this.#replicas.get(broadcast)?.hurry()
  }
}
