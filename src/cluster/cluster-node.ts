/** A node of a cluster: an Sfu, what other nodes have to know of it, and what it has to know of them. */
import { randomBytes } from 'node:crypto'
import type { Session } from '../broadcast/session.js'
import type { Sfu } from '../broadcast/sfu.js'
import type { SignalingTarget } from '../broadcast/signaling-target.js'
import { type Authorize, type SignalingHandler, whipWhep } from '../signaling/index.js'
import { type Clock, systemTime, type TimerHost } from '../util/clock.js'
import { publish } from '../util/diagnostics.js'
import { TypedEmitter } from '../util/emitter.js'
import { createLog, printable } from '../util/log.js'
import { Scheduler } from '../util/scheduler.js'
import { withAlternates } from './alternate-links.js'
import type { ParentNode } from './carried-publisher.js'
import { Census } from './census.js'
import { clusterKeys } from './cluster-keys.js'
import { type ClusterConfig, type ClusterOptions, clusterConfig } from './cluster-options.js'
import type { ClusterStats } from './cluster-stats.js'
import { ClusterTarget } from './cluster-target.js'
import { memoryDirectory } from './directory/memory-directory.js'
import { DirectoryLink } from './directory-link.js'
import { Gatekeeper } from './gatekeeper.js'
import type { LostReason } from './held-origin.js'
import { endIdleFeeds } from './idle-feeds.js'
import { Origins } from './origins.js'
import { relayParent } from './placement/relay-parent.js'
import type { PullMedia } from './pull-media.js'
import { Replicas } from './replicas.js'
import { Roster } from './roster.js'
import type { BroadcastRecord, Directory, NodeRecord, OriginLease } from './types.js'

const log = createLog('cluster')

/** Events of a {@link ClusterNode}. */
export type ClusterEvents = {
  /** This node is the origin of a publisher now, or is it anew. */
  'origin-held': [lease: OriginLease]
  /** Another node is the origin of a publisher that was here; its session here ends with that reason. */
  'origin-lost': [broadcast: string, publisher: string, reason: LostReason]
  /** A relay of this node has got connected, or is not any more. */
  relay: [broadcast: string]
  /** The directory cannot be reached any more, or can again. */
  directory: [reachable: boolean]
  /** The node has left the cluster. The last event. */
  closed: []
}

/** What a {@link ClusterNode} is made of, besides its options. */
export interface ClusterParts {
  readonly pull: PullMedia
  readonly time?: Clock & TimerHost
}

/** What {@link cluster} makes. */
export class ClusterNode extends TypedEmitter<ClusterEvents> {
  /** Unique in the cluster: `sfu.nodeId`, and something that is another one after each start. */
  readonly nodeId: string
  /** WHIP and WHEP as `whipWhep` serves them, for the whole cluster. */
  readonly handler: SignalingHandler
  readonly #sfu: Sfu
  readonly #config: ClusterConfig
  readonly #ownDirectory: Directory | undefined
  readonly #scheduler: Scheduler
  readonly #link: DirectoryLink
  readonly #gatekeeper: Gatekeeper
  readonly #census: Census
  readonly #roster: Roster
  readonly #origins: Origins
  readonly #replicas: Replicas
  readonly #target: ClusterTarget
  readonly #unsubscribe: readonly (() => void)[]
  #closing: Promise<void> | undefined

  /** @internal */
  constructor(sfu: Sfu, options: ClusterOptions, { pull, time = systemTime }: ClusterParts) {
    super()
    const config = clusterConfig(options)
    const { nodeUrl: url, leaseTtlMs: ttlMs, secret, authorize, ticketTtlMs, placement, lingerMs } = config
    const nodeId = `${sfu.nodeId}.${randomBytes(6).toString('hex')}`
    this.nodeId = nodeId
    this.#sfu = sfu
    this.#config = config
    this.#ownDirectory = options.directory === undefined ? memoryDirectory({ clock: time }) : undefined
    const directory = options.directory ?? (this.#ownDirectory as Directory)
    const scheduler = new Scheduler(time, time, (error) => log('a deadline failed: %O', error))
    this.#scheduler = scheduler
    this.#link = new DirectoryLink(directory, (reachable) => {
      publish('manycast:cluster:directory', { nodeId, reachable })
      this.emit('directory', reachable)
    })
    const link = this.#link
    const keys = clusterKeys(secret)
    const session = (id: string): Session | undefined => sfu.session(id)
    this.#gatekeeper = new Gatekeeper({ nodeId, keys, ttlMs: ticketTtlMs, authorize, clock: time, session })
    this.#roster = new Roster({ link, scheduler, ttlMs, describe: () => this.#describe() })
    const relayed = new WeakSet<Session>()
    this.#census = new Census(sfu, {
      isRelayed: (candidate) => relayed.has(candidate),
      onPublisherJoined: (publisher) => {
        this.#replicas.release(publisher.broadcast, publisher.as ?? '')
        this.#origins.onPublisherJoined(publisher)
      },
      onPublisherGone: (publisher) => {
        this.#origins.onPublisherGone(publisher)
        this.#replicas.look(publisher.broadcast)
      },
      onFeedEnded: (broadcast, publisher) => endIdleFeeds(broadcast, publisher, scheduler),
      onViewers: (broadcast, count) => this.#replicas.setViewers(broadcast, count),
      onRemoved: (broadcast) => this.#replicas.end(broadcast),
    })
    const census = this.#census
    this.#origins = new Origins({
      nodeId,
      url,
      ttlMs,
      link,
      scheduler,
      census,
      replaces: (broadcast) => (census.broadcast(broadcast) ?? sfu).publisherPolicy === 'replace',
      onHeld: (lease) => {
        publish('manycast:cluster:origin-held', { nodeId, lease })
        this.emit('origin-held', lease)
      },
      onLost: ({ broadcast, publisher }, reason) => {
        publish('manycast:cluster:origin-lost', { nodeId, broadcast, publisher, reason })
        this.emit('origin-lost', broadcast, publisher, reason)
        this.#replicas.look(broadcast)
      },
    })
    this.#replicas = new Replicas(
      {
        nodeId,
        ttlMs,
        lingerMs,
        link,
        scheduler,
        census,
        pull,
        lookUp: (broadcast) => link.ask((asked) => asked.broadcast(broadcast)),
        parent: (broadcast, origin, record, avoid) => this.#parent(broadcast, origin, record, avoid),
        relayToken: (to, broadcast, publisher) => this.#gatekeeper.relayToken(to, broadcast, publisher),
        publishesHere: (broadcast, publisher) => census.publishes(broadcast, publisher),
        onRecord: (broadcast, record) => this.#onRecord(broadcast, record),
        onRelay: (broadcast) => this.emit('relay', broadcast),
      },
      relayed,
    )
    this.#target = new ClusterTarget({
      sfu,
      census,
      link,
      placement,
      clock: time,
      roster: this.#roster,
      origins: this.#origins,
      replicas: this.#replicas,
      gatekeeper: this.#gatekeeper,
    })
    const signaling = { ...options.signaling, authorize: this.authorize }
    const others = (): readonly NodeRecord[] => this.#roster.others(config.alternates)
    this.handler = withAlternates(whipWhep(this.#target, signaling), signaling.pathPrefix ?? '', others)
    this.#census.start()
    this.#unsubscribe = [
      directory.watch((broadcast) => this.#onOriginsChanged(broadcast)),
      // What changes whom the others send here is told at once.
      sfu.on('draining', () => void this.#roster.beat()),
      sfu.on('overloaded', () => void this.#roster.beat()),
      sfu.on('recovered', () => void this.#roster.beat()),
      sfu.on('closed', () => void this.close()),
    ]
    void this.#roster.beat()
  }

  /** What other adapters (WebSockets, the plain exchange, your own) are to be given in place of the Sfu, together with {@link ClusterNode.authorize}. */
  get target(): SignalingTarget<Session> {
    return this.#target
  }

  /** What other adapters are to be given as `authorize`: it lets in other nodes' relays and clients that they have sent, and asks the application's own about all else. */
  get authorize(): Authorize {
    return this.#gatekeeper.authorize
  }

  /** Resolves when the node has told the directory of itself, or could not. */
  ready(): Promise<void> {
    return this.#roster.beat()
  }

  /** Snapshot of the node. */
  stats(): ClusterStats {
    const { nodeId } = this
    const { redirected, refused } = this.#target.counts
    const nodes = this.#roster.nodes
    return {
      nodeId,
      node: this.#roster.self,
      directoryReachable: this.#link.reachable,
      nodes,
      origins: this.#origins.leases,
      relays: this.#replicas.relays,
      redirected,
      refused,
      passesRefused: this.#gatekeeper.refused,
    }
  }

  /**
   * Leaves the cluster: relays end, leases are given up, and the other nodes forget this one. The Sfu goes on by itself, with the sessions that it has; the directory stays
   * open. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#target.close()
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#census.close()
    this.#replicas.close()
    await this.#roster.stop()
    await this.#origins.close()
    await this.#link.tell((directory) => directory.leave(this.nodeId))
    this.#scheduler.close()
    await this.#ownDirectory?.close()
    this.emit('closed')
    this.removeAllListeners()
  }

  #describe(): NodeRecord {
    const { nodeUrl: url, region, capacity } = this.#config
    const { utilization: used, overloaded } = this.#sfu.load()
    // It refuses for a while longer than it has too much to do.
    const utilization = Math.max(used, overloaded ? 1 : 0)
    const { draining } = this.#sfu
    return { nodeId: this.nodeId, url, region, capacity, viewers: this.#census.viewers, utilization, draining }
  }

  #parent(broadcast: string, origin: OriginLease, record: BroadcastRecord, avoid: readonly string[]): ParentNode {
    const { self, nodes } = this.#roster
    const policy = this.#config.relays
    return relayParent({ broadcast, self, origin, nodes, carriers: record.carriers, avoid, policy }) ?? origin
  }

  #onRecord(broadcast: string, record: BroadcastRecord): void {
    this.#origins.check(broadcast, record)
    this.#replicas.update(broadcast, record)
  }

  #onOriginsChanged(broadcast: string): void {
    if (this.#replicas.look(broadcast) || !this.#origins.has(broadcast)) return
    this.#link
      .ask((directory) => directory.broadcast(broadcast))
      .then((record) => this.#onRecord(broadcast, record))
      .catch((error: unknown) => log('%s is not looked up: %O', printable(broadcast), error))
  }
}
