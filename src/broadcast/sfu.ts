/** An SFU: any number of named broadcasts on one engine. */
import { NO_TRAFFIC, sumTotals } from '../engine/traffic.js'
import { BroadcastError } from '../errors.js'
import type { Clock, TimerHost } from '../util/clock.js'
import { TypedEmitter } from '../util/emitter.js'
import { Broadcast, type BroadcastPlace } from './broadcast.js'
import { publishDiagnostics } from './diagnostics.js'
import { type DrainOptions, resolveDrain } from './drain.js'
import type { LoadStats } from './load/load-stats.js'
import type { LoadProbe } from './load/process-probe.js'
import { notLive } from './not-live.js'
import type { Session } from './session.js'
import { type EngineFactory, SessionHost } from './session-host.js'
import { type BroadcastOptions, type PublisherPolicy, resolveSfuOptions, type SfuOptions } from './sfu-options.js'
import type { OfferInput, SessionRole, SignalingAnswer, SignalingContext, SignalingTarget } from './signaling-target.js'
import { type SfuStats, type SfuSummary, sfuSummary } from './stats.js'

/** Events of an {@link Sfu}. */
export type SfuEvents = {
  /** A broadcast has been made. */
  'broadcast-added': [broadcast: Broadcast]
  /** A broadcast is closed, or one that was made by an offer has lost its last session. */
  'broadcast-removed': [broadcast: Broadcast]
  /** A limit of the load is exceeded, and new viewers are refused; `load.reasons` says in words what it is. */
  overloaded: [load: LoadStats]
  /** New viewers are taken again. */
  recovered: [load: LoadStats]
  /** {@link Sfu.drain} has been called. */
  draining: []
  /** An offer was refused, with that error. `broadcast` is the name that it was for, where it had one. */
  'offer-refused': [error: BroadcastError, role: SessionRole, broadcast: string | undefined]
  /** The Sfu has been closed. The last event. */
  closed: []
}

const MAX_NAME_LENGTH = 256

/**
 * Hosts broadcasts.
 *
 * @example
 * ```ts
 * const sfu = new Sfu({ workers: 'auto', announceIps: ['203.0.113.7'] })
 * const answer = await sfu.broadcast('main-stage').addViewer(offer)
 * ```
 */
export class Sfu extends TypedEmitter<SfuEvents> implements SignalingTarget<Session> {
  readonly #host: SessionHost
  readonly #broadcasts = new Map<string, Broadcast>()
  /** Broadcasts that an offer has made; they go with their last session. */
  readonly #ephemeral = new Set<Broadcast>()
  readonly #place: Omit<BroadcastPlace, 'name'>
  #closing: Promise<void> | undefined

  /** Throws `option-invalid`. The media port is opened at the first offer, or by {@link Sfu.ready}. */
  constructor(options?: SfuOptions)
  /** @internal */
  constructor(options: SfuOptions, createEngine: EngineFactory, time?: Clock & TimerHost, probe?: LoadProbe)
  constructor(options: SfuOptions = {}, createEngine?: EngineFactory, time?: Clock & TimerHost, probe?: LoadProbe) {
    super()
    this.#host = new SessionHost(resolveSfuOptions(options), createEngine, time, probe)
    this.#host.onOverloaded = (overloaded, load) => this.emit(overloaded ? 'overloaded' : 'recovered', load)
    this.#place = {
      host: this.#host,
      onRefused: ({ name }, role, error) => this.#onRefused(name, role, error),
      onEmpty: (broadcast) => {
        if (this.#ephemeral.has(broadcast)) void broadcast.close()
      },
      onClosing: (broadcast) => {
        this.#broadcasts.delete(broadcast.name)
        this.#ephemeral.delete(broadcast)
        publishDiagnostics('manycast:broadcast:removed', { broadcast: broadcast.name })
        this.emit('broadcast-removed', broadcast)
      },
    }
  }

  /** What happens when a publisher comes while another one of its name is there, in broadcasts without a policy of their own. */
  get publisherPolicy(): PublisherPolicy {
    return this.#host.config.publisherPolicy
  }

  /** What this node is called in the paths of relays; the option `nodeId`. */
  get nodeId(): string {
    return this.#host.config.nodeId
  }

  /** Opens the media port now instead of at the first offer. Rejects with `socket-failed`. */
  ready(): Promise<void> {
    return this.#host.start()
  }

  /**
   * The broadcast of that name; it is made if there is none, and then stays until it is closed. `options` count only when it is made.
   *
   * Throws `request-invalid` for a name that is empty, longer than 256 characters or has control characters; `limit-reached`; `closed`.
   */
  broadcast(name: string, options: BroadcastOptions = {}): Broadcast {
    const broadcast = this.#broadcasts.get(name) ?? this.#create(name, options)
    this.#ephemeral.delete(broadcast)
    return broadcast
  }

  /** The broadcasts there are. */
  broadcasts(): readonly Broadcast[] {
    return [...this.#broadcasts.values()]
  }

  /** The sessions of all broadcasts, in any state but closed, oldest first. */
  sessions(): readonly Session[] {
    return this.#host.sessions()
  }

  /** The live session of that id in any broadcast. */
  session(id: string): Session | undefined {
    return this.#host.session(id)
  }

  /** `addPublisher` on the broadcast that `context` names. A broadcast made by this goes with its last session. */
  async publish(offer: OfferInput, context: SignalingContext = {}): Promise<SignalingAnswer<Session>> {
    return this.#named('publisher', context).addPublisher(offer, context)
  }

  /** `addViewer` on the broadcast that `context` names. A broadcast made by this goes with its last session. */
  async view(offer: OfferInput, context: SignalingContext = {}): Promise<SignalingAnswer<Session>> {
    return this.#named('viewer', context).addViewer(offer, context)
  }

  /** Snapshot of the whole. Rejects with `closed`. */
  async stats(): Promise<SfuStats> {
    const { shards } = await this.#host.engineStats()
    return {
      broadcasts: this.#broadcasts.size,
      sessions: this.#host.sessionCount,
      totals: shards.reduce((sum, shard) => sumTotals(sum, shard.totals), NO_TRAFFIC),
      shards,
    }
  }

  /** How much the server has to do, as measured last (`loadIntervalMs`): CPU, memory, packets, how late its threads are. Cheap. */
  load(): LoadStats {
    return this.#host.load
  }

  /** Whether {@link Sfu.drain} has been called. */
  get draining(): boolean {
    return this.#host.draining
  }

  /**
   * Prepares to go down: takes no more offers (`draining`), and asks the clients that there are to connect elsewhere, each at a moment of its own within the first
   * half of the time, publishers last. Browsers with `manycast/client` then go on without a break. Who has not gone is closed with `draining` in the last
   * quarter. Resolves when no client is left, at the deadline at the latest; what the application brings in itself (`addSource`) goes on until `close`. A second
   * call waits for the first one. Rejects with `option-invalid`.
   */
  async drain(options: DrainOptions = {}): Promise<void> {
    const deadlineMs = resolveDrain(options)
    const isFirst = !this.draining
    const done = this.#host.drain(deadlineMs)
    if (isFirst) this.emit('draining')
    await done
  }

  /**
   * What all sessions have counted, those that have ended included, and the same for each broadcast named in `broadcasts`. For metrics: it costs the media
   * little however many viewers there are, where `broadcast.stats()` makes a snapshot of each. Rejects with `closed`.
   */
  async summary(broadcasts: readonly string[] = []): Promise<SfuSummary> {
    const wanted = new Map<string, string>()
    for (const name of broadcasts) {
      const id = this.#broadcasts.get(name)?.id
      if (id !== undefined) wanted.set(id, name)
    }
    return sfuSummary(await this.#host.engineSummary([...wanted.keys()]), wanted)
  }

  /** Ends every session with `sfu-closed`, then sockets and threads. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** The broadcast that an offer is for. */
  #named(role: SessionRole, context: SignalingContext): Broadcast {
    try {
      return this.#find(role, context)
    } catch (error) {
      this.#onRefused(context.broadcast, role, BroadcastError.from(error))
      throw error
    }
  }

  #find(role: SessionRole, { broadcast: name, requireLive }: SignalingContext): Broadcast {
    if (name === undefined) throw new BroadcastError('request-invalid', 'the request names no broadcast')
    const existing = this.#broadcasts.get(name)
    if (existing) return existing
    // Nothing is made for a request that can only be refused.
    if (role === 'viewer' && requireLive === true) throw notLive(name)
    this.#checkRoom('maxEphemeralBroadcasts', this.#ephemeral.size)
    const created = this.#create(name, {})
    this.#ephemeral.add(created)
    return created
  }

  #onRefused(broadcast: string | undefined, role: SessionRole, error: BroadcastError): void {
    publishDiagnostics('manycast:session:refused', { broadcast, role, error })
    this.emit('offer-refused', error, role, broadcast)
  }

  #create(name: string, options: BroadcastOptions): Broadcast {
    if (this.#closing) throw new BroadcastError('closed', 'the Sfu is closed')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
    if (typeof name !== 'string' || name.length > MAX_NAME_LENGTH || !/^[^\u0000-\u001f\u007f]+$/.test(name)) {
      throw new BroadcastError('request-invalid', `a broadcast name has 1 to ${MAX_NAME_LENGTH} printable characters`)
    }
    this.#checkRoom('maxBroadcasts', this.#broadcasts.size)
    const broadcast = new Broadcast(options, { ...this.#place, name })
    this.#broadcasts.set(name, broadcast)
    publishDiagnostics('manycast:broadcast:added', { broadcast: name })
    this.emit('broadcast-added', broadcast)
    return broadcast
  }

  #checkRoom(limit: 'maxBroadcasts' | 'maxEphemeralBroadcasts', count: number): void {
    if (count < this.#host.config[limit]) return
    throw new BroadcastError('limit-reached', `there are ${count} broadcasts already`, { details: { limit } })
  }

  async #close(): Promise<void> {
    await this.#host.close()
    await Promise.all(this.broadcasts().map((broadcast) => broadcast.close()))
    this.emit('closed')
    this.removeAllListeners()
  }
}
