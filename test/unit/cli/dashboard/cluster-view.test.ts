import { expect, it } from 'vitest'
import { clusterView } from '../../../../src/cli/dashboard/cluster-view.js'
import type { ClusterStats } from '../../../../src/cluster/index.js'

const node = (nodeId: string, region: string, utilization: number) => ({
  nodeId,
  url: `https://${nodeId}.example.org`,
  region,
  capacity: 100,
  viewers: 1,
  utilization,
  draining: false,
})

function stats(nodes: readonly ReturnType<typeof node>[]): ClusterStats {
  const own = node('own', 'eu', 0.1)
  const more = {
    directoryReachable: true,
    origins: [{}, {}],
    relays: [{}],
    redirected: 3,
    refused: 4,
    passesRefused: 0,
  }
  return { nodeId: 'own', node: own, nodes: [...nodes, own], ...more } as unknown as ClusterStats
}

it('has this node first, then those of its region, the fullest first', () => {
  const view = clusterView(stats([node('far', 'us', 0.9), node('calm', 'eu', 0.2), node('busy', 'eu', 0.8)]))
  expect(view.nodes.items.map(({ nodeId }) => nodeId)).toEqual(['own', 'busy', 'calm', 'far'])
  expect(view).toMatchObject({ directoryReachable: true, origins: 2, relays: 1, redirected: 3, refused: 4 })
})

it('shows no more than a hundred of them, and says how many there are', () => {
  const { nodes } = clusterView(stats(Array.from({ length: 1000 }, (_, i) => node(`n${i}`, 'eu', i / 1000))))
  expect(nodes.total).toBe(1001)
  expect(nodes.items).toHaveLength(100)
  expect(nodes.items[0]?.nodeId).toBe('own')
})
