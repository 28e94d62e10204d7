/** What adapters talk to on a node of a cluster: an `Sfu` whose publishers and viewers may be served by another node. */
import { publisherName } from '../broadcast/publisher-name.js'
import type { Session } from '../broadcast/session.js'
import type { Sfu } from '../broadcast/sfu.js'
import type { OfferInput, SignalingAnswer, SignalingContext, SignalingTarget } from '../broadcast/signaling-target.js'
import { BroadcastError } from '../errors.js'
import { redirected } from '../signaling/index.js'
import type { Clock } from '../util/clock.js'
import type { Census } from './census.js'
import type { DirectoryLink } from './directory-link.js'
import type { Gatekeeper } from './gatekeeper.js'
import type { Origins } from './origins.js'
import { passOf } from './pass.js'
import { ArrivalMeter } from './placement/arrival-meter.js'
import { placePublisher } from './placement/place-publisher.js'
import { placeViewer } from './placement/place-viewer.js'
import type { Placement, PlacementPolicy } from './placement/types.js'
import type { Replicas } from './replicas.js'
import type { Roster } from './roster.js'
import type { BroadcastRecord } from './types.js'

/** What a {@link ClusterTarget} is made with. */
export interface ClusterTargetOptions {
  readonly sfu: Sfu
  readonly census: Census
  readonly roster: Roster
  readonly origins: Origins
  readonly replicas: Replicas
  readonly gatekeeper: Gatekeeper
  readonly link: DirectoryLink
  readonly placement: PlacementPolicy
  readonly clock: Clock
}

/** Clients are told to come back so soon. */
const RETRY_MS = 5000

/** See the top of the file. */
export class ClusterTarget implements SignalingTarget<Session> {
  /** Clients that were sent to other nodes, and those that no node had room for. */
  readonly counts = { redirected: 0, refused: 0 }
  readonly #options: ClusterTargetOptions
  readonly #arrivals = new ArrivalMeter()
  #closed = false

  constructor(options: ClusterTargetOptions) {
    this.#options = options
  }

  /** Whether this node takes no more sessions as it is going down; without it, clients whose sessions it has ended would take that for the last word. */
  get draining(): boolean {
    return this.#options.sfu.draining
  }

  /** The live session of that id on this node. */
  session(id: string): Session | undefined {
    return this.#options.sfu.session(id)
  }

  /**
   * Takes a publisher's offer, and claims its name in the cluster. Rejects with `redirected`, `publisher-exists`, `directory-unavailable`, and as `sfu.publish`
   * does.
   */
  async publish(offer: OfferInput, context: SignalingContext = {}): Promise<SignalingAnswer<Session>> {
    const { sfu, roster, origins, placement } = this.#options
    const { broadcast } = context
    if (broadcast === undefined) return sfu.publish(offer, context)
    const as = publisherName(context.as)
    this.#checkOpen()
    const { self, nodes } = roster
    // One that is here already stays: its viewers are served from here.
    if (self.draining || !origins.holds(broadcast, as)) {
      const { tried } = passOf(context.metadata)
      this.#follow(placePublisher({ self, nodes, tried, policy: placement }), 'publish', broadcast, context)
    }
    return origins.admit(broadcast, as, () => sfu.publish(offer, context))
  }

  /**
   * Takes a viewer's offer; what it watches comes by a relay if it is not on this node. Rejects with `redirected`, `limit-reached`, `directory-unavailable`, and as
   * `sfu.view` does.
   */
  async view(offer: OfferInput, context: SignalingContext = {}): Promise<SignalingAnswer<Session>> {
    const { sfu, roster, placement, clock } = this.#options
    const { broadcast } = context
    if (broadcast === undefined) return sfu.view(offer, context)
    this.#checkOpen()
    const { relay, tried } = passOf(context.metadata)
    if (relay !== undefined) return this.#feed(relay.publisher, offer, context)
    const record = await this.#record(broadcast)
    const { self, nodes } = roster
    const arrivals = this.#arrivals.add(broadcast, clock.nowMs())
    const { carriers, origins } = record
    const placed = placeViewer({ self, nodes, tried, carriers, origins, arrivals, policy: placement })
    this.#follow(placed, 'view', broadcast, context)
    // It is live if it is anywhere; its media are on their way then.
    const isLive = origins.some(({ nodeId }) => nodeId !== self.nodeId)
    return sfu.view(offer, context.requireLive === true && isLive ? { ...context, requireLive: false } : context)
  }

  /** Takes no more offers. */
  close(): void {
    this.#closed = true
  }

  #checkOpen(): void {
    if (this.#closed) throw new BroadcastError('closed', 'the node has left the cluster')
  }

  /** Another node's relay gets what is here, and nothing is fetched for it: or two nodes could wait for each other. */
  async #feed(publisher: string, offer: OfferInput, context: SignalingContext): Promise<SignalingAnswer<Session>> {
    const { sfu, census } = this.#options
    const { broadcast: name = '', address: _, ...rest } = context
    // One that still connects will do: its media follow.
    const sessions = census.broadcast(name)?.sessions() ?? []
    if (!sessions.some(({ as }) => as === publisher)) {
      throw new BroadcastError('not-live', `this node has no publisher ${publisher} of the broadcast`)
    }
    // Without the address: nodes have many relays, and limits per address are for clients.
    return sfu.view(offer, { ...rest, broadcast: name, essential: true })
  }

  /** What is known of a broadcast. What this node has already needs no directory. */
  async #record(broadcast: string): Promise<BroadcastRecord> {
    const { replicas, census, link, roster } = this.#options
    const known = replicas.record(broadcast)
    if (known !== undefined) return known
    if (census.broadcast(broadcast)?.live) return { origins: [], carriers: [roster.self.nodeId] }
    return link.ask((directory) => directory.broadcast(broadcast))
  }

  /** Throws if the session is to be elsewhere, or nowhere. */
  #follow(placed: Placement, action: 'publish' | 'view', broadcast: string, context: SignalingContext): void {
    const { gatekeeper, roster } = this.#options
    if (placed.kind === 'here') return
    if (placed.kind === 'redirect') {
      const { nodeId: to, url } = placed.node
      const ticket = gatekeeper.ticket({ to, action, broadcast, context })
      // A grant that no URL can carry is good here only.
      if (ticket === undefined) return
      this.counts.redirected++
      throw redirected({ url, ticket })
    }
    const { viewers, capacity } = roster.self
    // Without room elsewhere, an Sfu that is busy or going down decides by itself whom it takes.
    if (action === 'publish' || viewers < capacity) return
    this.counts.refused++
    throw new BroadcastError('limit-reached', 'no node of the cluster has room', {
      details: { limit: 'capacity', retryAfterMs: RETRY_MS },
    })
  }
}
