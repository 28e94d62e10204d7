/** What a node knows of its cluster, in a size that does not grow with it. */
import type { ClusterStats } from '../../cluster/index.js'
import type { NodeRecord } from '../../cluster/types.js'

/** The cluster as the dashboard shows it. */
export interface ClusterView {
  readonly nodeId: string
  readonly directoryReachable: boolean
  /** Broadcasts whose publishers are here, and those that come from other nodes. */
  readonly origins: number
  readonly relays: number
  readonly redirected: number
  readonly refused: number
  readonly nodes: { readonly total: number; readonly items: readonly NodeRecord[] }
}

const MAX_NODES = 100

/** This node first, then those of its region, each with the fullest first. */
export function clusterView(stats: ClusterStats): ClusterView {
  const { nodeId, node, directoryReachable, origins, relays, redirected, refused } = stats
  const distance = (other: NodeRecord): number => (other.nodeId === nodeId ? 0 : other.region === node.region ? 1 : 2)
  const nodes = [...stats.nodes].sort((a, b) => distance(a) - distance(b) || b.utilization - a.utilization)
  return {
    nodeId,
    directoryReachable,
    origins: origins.length,
    relays: relays.length,
    redirected,
    refused,
    nodes: { total: nodes.length, items: nodes.slice(0, MAX_NODES) },
  }
}
