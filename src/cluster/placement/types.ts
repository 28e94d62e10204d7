/** The words of placement: what it is told, and what it decides. Nothing here does any IO; the caller acts on the decision. */
import type { NodeRecord, OriginLease } from '../types.js'

/** How sessions are spread over the nodes of a cluster. */
export interface PlacementPolicy {
  /**
   * `balance` evens out the load and keeps broadcasts together; `local` serves whoever comes as long as there is room. Either way, a node that is full
   * or draining sends sessions on.
   */
  readonly mode: 'balance' | 'local'
  /** The load, 0 to 1, from which on a node gets no more sessions. */
  readonly maxLoad: number
  /** Up to this load a node that carries a broadcast already is taken however little the others have to do: a relay fewer is worth more. */
  readonly packLoad: number
  /** By how much a node's load may differ from the others' before sessions are sent elsewhere, as a share of it. */
  readonly slack: number
  /**
   * How many other viewers of a broadcast may have come to a node in the last five to ten seconds before it carries the broadcast itself,
   * instead of sending them to nodes that do.
   */
  readonly hotArrivals: number
  /** After how many redirects a session is not sent on any more. */
  readonly maxRedirects: number
}

/** What a session that may be sent elsewhere has in common with others. */
export interface SessionToPlace {
  /** The node that was asked, as it is right now. */
  readonly self: NodeRecord
  /**
   * The nodes that are alive, as the directory told them; what it says of `self` is not used, and `self` may be missing. Pass the same array until it is read anew: what
   * is computed from it is kept with it. An empty list stands for a directory that is away.
   */
  readonly nodes: readonly NodeRecord[]
  /** Where the session should be served; by default in the region of the node that was asked. */
  readonly region?: string | undefined
  /** The nodes that it has been to before, as its redirects tell it. */
  readonly tried?: readonly string[] | undefined
  /** What differs from {@link DEFAULT_PLACEMENT_POLICY}. */
  readonly policy?: Partial<PlacementPolicy> | undefined
  /** Numbers from 0 up to, and without, 1; by default those of the system. */
  readonly random?: (() => number) | undefined
}

/** A viewer that comes to a node. */
export interface ViewerToPlace extends SessionToPlace {
  /** The nodes that receive the broadcast, origins included or not. Pass the same array until it is read anew. */
  readonly carriers: readonly string[]
  /** Where its publishers are; they count as carriers. */
  readonly origins: readonly OriginLease[]
  /** How many other viewers of this broadcast have come to this node in the last seconds (`ArrivalMeter`); by default 0. */
  readonly arrivals?: number | undefined
}

/** A publisher that comes to a node. */
export interface PublisherToPlace extends SessionToPlace {}

/** Why a session is served where it is. */
export type HereReason =
  /** Policy `local`. */
  | 'local'
  /** It has been sent here. */
  | 'redirected'
  /** This node has the broadcast already. */
  | 'carrying'
  /** No node is so much less loaded that it would be worth a redirect. */
  | 'balanced'
  /** Nodes of the region that it belongs to have no room. */
  | 'region-full'

/** Why a session is sent elsewhere. */
export type RedirectReason =
  /** The other node has the broadcast already. */
  | 'carried-there'
  /** The other node has less to do. */
  | 'less-loaded'
  /** This node has no room. */
  | 'full'
  /** This node is draining. */
  | 'draining'
  /** It belongs to another region. */
  | 'region'

/** Why nobody serves it now; it may try again in a few seconds. */
export type RefusalReason =
  /** No node has room. */
  | 'no-room'
  /** It has been sent from node to node, and this one has no room either. */
  | 'too-many-redirects'

/** Where a session goes. */
export type Placement =
  | { readonly kind: 'here'; readonly reason: HereReason }
  | { readonly kind: 'redirect'; readonly node: NodeRecord; readonly reason: RedirectReason }
  | { readonly kind: 'refuse'; readonly reason: RefusalReason }

/** What holds unless another policy is given. */
export const DEFAULT_PLACEMENT_POLICY: PlacementPolicy = {
  mode: 'balance',
  maxLoad: 1,
  packLoad: 0.25,
  slack: 0.1,
  hotArrivals: 1,
  maxRedirects: 3,
}
