/** Snapshot of a cluster's node. */
import type { ReplicaStats } from './replica.js'
import type { NodeRecord, OriginLease } from './types.js'

/** A relay of this node. */
export type ClusterRelayStats = ReplicaStats

/** Snapshot of a cluster's node; plain values. */
export interface ClusterStats {
  readonly nodeId: string
  /** This node, as it describes itself to the others. */
  readonly node: NodeRecord
  /** Whether the directory has answered the last question. */
  readonly directoryReachable: boolean
  /** The nodes that are alive, this one included; none while the directory is away. */
  readonly nodes: readonly NodeRecord[]
  /** The publishers whose origin this node is. */
  readonly origins: readonly OriginLease[]
  /** What this node pulls from others. */
  readonly relays: readonly ClusterRelayStats[]
  /** Clients that were sent to other nodes. */
  readonly redirected: number
  /** Viewers that no node had room for. */
  readonly refused: number
  /** Tokens and tickets of nodes that were not taken: too late, for another node or broadcast, or shown for the second time. */
  readonly passesRefused: number
}
