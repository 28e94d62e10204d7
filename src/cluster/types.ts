/**
 * Who has what in a cluster: the interface of a directory, and what is written in it.
 *
 * A directory knows the nodes that are alive, which of them a publisher is connected to (its *origin*), and which nodes carry a broadcast for
 * viewers. Everything in it has an end of its own, so that a node that is killed is forgotten without anybody's doing.
 */

/** A node, as it describes itself in each of its heartbeats. */
export interface NodeRecord {
  /** Unique in the cluster, another one after each start of the process. */
  readonly nodeId: string
  /** Where the node's signaling is reached, by clients and by other nodes: an absolute URL without a slash at its end. */
  readonly url: string
  /** Where it stands, such as `eu-west`; empty where nobody said. */
  readonly region: string
  /** How many viewers it takes. */
  readonly capacity: number
  /** How many it has, relays to other nodes not counted. */
  readonly viewers: number
  /** How much of its resources is in use, 0 to 1; 1 and more is overloaded. */
  readonly utilization: number
  /** It takes no new sessions. */
  readonly draining: boolean
}

/** What a lease is about: one publisher's place in one broadcast. */
export interface OriginKey {
  /** The name of the broadcast. */
  readonly broadcast: string
  /** The name under which the publisher publishes. */
  readonly publisher: string
}

/** Who is the origin of a publisher, for as long as the lease is renewed. */
export interface OriginLease extends OriginKey {
  readonly nodeId: string
  /** Where the origin's signaling is reached. */
  readonly url: string
  /**
   * The fencing token: grows with every claim that wins a key, over all nodes and for ever. Of two nodes that both believe to be the origin, the
   * one with the larger token is right.
   */
  readonly token: number
}

/** What somebody wants to be the origin of. */
export interface ClaimRequest extends OriginKey {
  readonly nodeId: string
  readonly url: string
  /** How long the lease holds unless it is renewed, in milliseconds. */
  readonly ttlMs: number
  /**
   * Whether the claim wins over a lease of another node that has not run out, as a newer publisher does that replaces an older one of the same
   * name. Without it, the claim is lost then.
   */
  readonly takeover: boolean
}

/** What became of a claim. */
export type ClaimResult =
  | { readonly won: true; readonly lease: OriginLease }
  /** Somebody else has it. */
  | { readonly won: false; readonly holder: OriginLease }

/** What a node is told of a broadcast. */
export interface BroadcastRecord {
  /** Its publishers' leases that hold, in the order of their names. */
  readonly origins: readonly OriginLease[]
  /** The nodes that receive it already, origins included. */
  readonly carriers: readonly string[]
}

/** Hears that the origins of a broadcast have changed. */
export type OriginsListener = (broadcast: string) => void

/**
 * Where nodes find each other. Every method rejects with `directory-unavailable` while what it stands on is away; nothing is half done then, and
 * everything may be tried again.
 */
export interface Directory {
  /** A heartbeat: the node is alive for another `ttlMs`. */
  beat(node: NodeRecord, ttlMs: number): Promise<void>
  /** The node leaves: it is forgotten at once, with the leases and broadcasts that it has got through this directory; those that it got through another one run out. */
  leave(nodeId: string): Promise<void>
  /** The nodes that are alive. */
  nodes(): Promise<readonly NodeRecord[]>
  /** Makes a node the origin of a publisher, atomically: of any number of claims at the same time, one wins. */
  claim(request: ClaimRequest): Promise<ClaimResult>
  /** Prolongs a lease. Resolves with false if it does not hold any more: it ran out, or somebody else has won the key. */
  renew(lease: OriginLease, ttlMs: number): Promise<boolean>
  /** Gives a lease up, if it still holds. */
  release(lease: OriginLease): Promise<void>
  /** Says for another `ttlMs` that the node carries the broadcast. */
  carry(nodeId: string, broadcast: string, ttlMs: number): Promise<void>
  /** The node does not carry it any more. */
  drop(nodeId: string, broadcast: string): Promise<void>
  /** What is known of a broadcast. */
  broadcast(name: string): Promise<BroadcastRecord>
  /**
   * Calls `listener` soon after the origins of any broadcast have changed, on whichever node that was done; perhaps too often, and not while the directory is
   * away, nor when a lease runs out: who must not miss anything asks `broadcast` every now and then as well. Returns the way to stop.
   */
  watch(listener: OriginsListener): () => void
  /** Lets go of what it holds; connections that it was given stay open. Idempotent. */
  close(): Promise<void>
}
