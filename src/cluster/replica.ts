/**
 * A broadcast that has viewers on this node: relays for those of its publishers that are on other nodes, for as long as somebody watches, and a while longer.
 *
 * What the directory says is looked up when it says that something has changed, and again and again: more often while viewers wait.
 */
import type { Broadcast } from '../broadcast/broadcast.js'
import { createLog, printable } from '../util/log.js'
import type { Deadline, DeadlineQueue } from '../util/scheduler.js'
import { CarriedPublisher, type CarriedPublisherHost } from './carried-publisher.js'
import type { DirectoryLink } from './directory-link.js'
import type { BroadcastRecord } from './types.js'

const log = createLog('cluster')

/** While somebody waits, it is looked again so soon. */
const WAITING_LOOK_MS = 1000

/** What a {@link Replica} is made with. */
export interface ReplicaOptions extends CarriedPublisherHost {
  readonly nodeId: string
  readonly ttlMs: number
  readonly lingerMs: number
  readonly link: DirectoryLink
  readonly scheduler: DeadlineQueue
  /** Whether that publisher is on this node. */
  publishesHere(broadcast: string, publisher: string): boolean
  /** What the directory says of the broadcast was read. */
  onRecord(broadcast: string, record: BroadcastRecord): void
  /** Nobody has watched for the time of the linger. */
  onLingered(broadcast: string): void
}

/** What is known of a replica. */
export interface ReplicaStats {
  readonly broadcast: string
  readonly publisher: string
  /** The node that it is pulled from. */
  readonly from: string
  readonly connected: boolean
}

/** See the top of the file. */
export class Replica {
  readonly #broadcast: Broadcast
  readonly #options: ReplicaOptions
  readonly #carried = new Map<string, CarriedPublisher>()
  #record: BroadcastRecord | undefined
  #next: Deadline | undefined
  #linger: Deadline | undefined
  #looking: Promise<void> | undefined
  #lookAgain = false
  #isCarrier = false
  #ended = false

  constructor(broadcast: Broadcast, options: ReplicaOptions) {
    this.#broadcast = broadcast
    this.#options = options
  }

  /** What the directory said last; undefined before its first answer. */
  get record(): BroadcastRecord | undefined {
    return this.#record
  }

  /** Its relays. */
  get relays(): readonly ReplicaStats[] {
    const { name } = this.#broadcast
    return [...this.#carried].map(([publisher, { parent, connected }]) => ({
      broadcast: name,
      publisher,
      from: parent.nodeId,
      connected,
    }))
  }

  /** So many viewers are there. */
  setViewers(count: number): void {
    if (count > 0) {
      this.#linger?.cancel()
      this.#linger = undefined
    } else {
      const { scheduler, lingerMs, onLingered } = this.#options
      this.#linger ??= scheduler.after(lingerMs, () => onLingered(this.#broadcast.name))
    }
  }

  /** Looks up what the directory says, and acts on it. Resolves when that is done, whether the directory was there or not. */
  look(): Promise<void> {
    // What has changed since the question was asked may not be in the answer.
    if (this.#looking) this.#lookAgain = true
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
      if (this.#lookAgain) void this.look()
      this.#lookAgain = false
    })
    return this.#looking
  }

  /** Acts on what the directory says. */
  update(record: BroadcastRecord): void {
    if (this.#ended) return
    this.#record = record
    const { nodeId, publishesHere } = this.#options
    const { name } = this.#broadcast
    for (const [publisher, { over }] of this.#carried) if (over) this.#carried.delete(publisher)
    for (const origin of record.origins) {
      const { publisher } = origin
      if (publishesHere(name, publisher)) this.release(publisher)
      else if (origin.nodeId !== nodeId) this.#carry(origin.publisher, record)
    }
    for (const [publisher, carried] of this.#carried) {
      // The media may well go on while the directory has forgotten who sends them.
      const isKnown = record.origins.some((origin) => origin.publisher === publisher)
      if (!isKnown && !carried.connected) this.release(publisher)
    }
  }

  /** Ends the relay of a publisher, as it is on this node now. */
  release(publisher: string): void {
    this.#carried.get(publisher)?.close()
    this.#carried.delete(publisher)
  }

  /** Looks soon, as something is not as it should be. */
  hurry(): void {
    if (!this.#ended) this.#lookIn(Math.min(WAITING_LOOK_MS, this.#options.ttlMs / 3))
  }

  /** Ends everything. */
  end(): void {
    this.#ended = true
    this.#next?.cancel()
    this.#linger?.cancel()
    for (const publisher of [...this.#carried.keys()]) this.release(publisher)
    const { link, nodeId } = this.#options
    if (this.#isCarrier) void link.tell((directory) => directory.drop(nodeId, this.#broadcast.name))
  }

  async #look(): Promise<void> {
    if (this.#ended) return
    this.#next?.cancel()
    const { onRecord, lookUp } = this.#options
    const { name } = this.#broadcast
    try {
      onRecord(name, await lookUp(name))
      await this.#tellCarrier()
    } catch (error) {
      log('%s is not looked up: %O', printable(name), error)
    }
    if (this.#isComplete()) this.#lookIn(this.#options.ttlMs / 3)
    else this.hurry()
  }

  /** Others may pull from here what is connected here. */
  async #tellCarrier(): Promise<void> {
    const { link, nodeId, ttlMs } = this.#options
    const { name } = this.#broadcast
    const carries = [...this.#carried.values()].some(({ connected }) => connected)
    if (this.#ended || (!carries && !this.#isCarrier)) return
    this.#isCarrier = carries
    await link.tell((directory) => (carries ? directory.carry(nodeId, name, ttlMs) : directory.drop(nodeId, name)))
  }

  #carry(publisher: string, record: BroadcastRecord): void {
    const origin = record.origins.find((candidate) => candidate.publisher === publisher)
    if (origin === undefined) return
    const carried = this.#carried.get(publisher)
    if (carried) carried.follow(origin, record)
    else this.#carried.set(publisher, new CarriedPublisher(this.#broadcast, origin, record, this.#options))
  }

  /** Whether every publisher that the directory knows is here, or about to come. */
  #isComplete(): boolean {
    const carried = [...this.#carried.values()]
    return this.#record !== undefined && this.#record.origins.length > 0 && carried.every(({ connected }) => connected)
  }

  #lookIn(delayMs: number): void {
    this.#next?.cancel()
    if (!this.#ended) this.#next = this.#options.scheduler.after(delayMs, () => void this.look())
  }
}
