/** Relays and the cluster, as metrics; both are known by their shapes only. */
import type { MetricDefinition, MetricFamily } from './metric-family.js'
import { CLUSTER_METRICS as C, RELAY_METRICS as R } from './metric-table.js'

/** A relay of `manycast/relay`. */
export interface MetricsRelay {
  readonly kind: 'pull' | 'push'
  readonly state: string
}

/** A node's place in a cluster, of `manycast/cluster`. */
export interface MetricsCluster {
  /** Snapshot; undefined while the node has not joined. */
  stats(): MetricsClusterStats | undefined
}

/** As much of a cluster's snapshot as metrics tell of. */
export interface MetricsClusterStats {
  readonly directoryReachable: boolean
  /** The nodes that are alive. */
  readonly nodes: readonly { readonly draining: boolean }[]
  /** The publishers whose origin the node is. */
  readonly origins: { readonly length: number }
  /** What the node pulls from others. */
  readonly relays: { readonly length: number }
  /** Clients that were sent to other nodes, so far. */
  readonly redirected: number
  /** Viewers that no node had room for, so far. */
  readonly refused: number
  /** Tokens and tickets of nodes that were not taken, so far. */
  readonly passesRefused: number
}

/** How many relays there are, by what they do and how they are. */
export function relayFamilies(relays: readonly MetricsRelay[]): readonly MetricFamily[] {
  const counts = new Map<string, { labels: { kind: string; state: string }; value: number }>()
  for (const { kind, state } of relays) {
    const key = `${kind} ${state}`
    const known = counts.get(key)
    if (known) known.value++
    else counts.set(key, { labels: { kind, state }, value: 1 })
  }
  return [{ ...R.relays, samples: [...counts.values()] }]
}

/** How a cluster looks from one node. */
export function clusterFamilies(stats: MetricsClusterStats | undefined): readonly MetricFamily[] {
  if (stats === undefined) return []
  const draining = stats.nodes.filter((node) => node.draining).length
  return [
    {
      ...C.nodes,
      samples: [
        { labels: { state: 'active' }, value: stats.nodes.length - draining },
        { labels: { state: 'draining' }, value: draining },
      ],
    },
    one(C.directory, Number(stats.directoryReachable)),
    one(C.origins, stats.origins.length),
    one(C.relays, stats.relays.length),
    one(C.redirected, stats.redirected),
    one(C.refused, stats.refused),
    one(C.passesRefused, stats.passesRefused),
  ]
}

function one(definition: MetricDefinition, value: number): MetricFamily {
  return { ...definition, samples: [{ labels: {}, value }] }
}
