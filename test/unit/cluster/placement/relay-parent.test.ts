import { describe, expect, it } from 'vitest'
import { type RelayParent, type RelayToPlace, relayParent } from '../../../../src/cluster/placement/relay-parent.js'
import type { NodeRecord, OriginLease } from '../../../../src/cluster/types.js'
import { SeededRandom } from '../../../../src/testing/seeded-random.js'

const node = (nodeId: string, region = 'eu', more: Partial<NodeRecord> = {}): NodeRecord => ({
  nodeId,
  url: `http://${nodeId}`,
  region,
  capacity: 1000,
  viewers: 0,
  utilization: 0,
  draining: false,
  ...more,
})

const nodesOf = (count: number, regions: readonly string[] = ['eu']): NodeRecord[] =>
  Array.from({ length: count }, (_, index) => node(`n${index}`, regions[index % regions.length]))

const originAt = (nodeId: string): OriginLease => ({
  broadcast: 'b',
  publisher: 'main',
  nodeId,
  url: `http://${nodeId}`,
  token: 1,
})

/** The tree that all carriers but the origin compute from the same input. */
function treeOf(
  nodes: readonly NodeRecord[],
  carriers: readonly string[],
  more: Partial<RelayToPlace> = {},
): Map<string, RelayParent> {
  const origin = originAt(nodes[0]?.nodeId as string)
  const tree = new Map<string, RelayParent>()
  for (const self of nodes.filter(({ nodeId }) => carriers.includes(nodeId))) {
    const parent = relayParent({ broadcast: 'b', self, origin, nodes, carriers, ...more })
    if (parent !== undefined) tree.set(self.nodeId, parent)
  }
  return tree
}

const idsOf = (nodes: readonly NodeRecord[]): string[] => nodes.map(({ nodeId }) => nodeId)

function childrenOf(tree: ReadonlyMap<string, RelayParent>): Map<string, number> {
  const children = new Map<string, number>()
  for (const { nodeId } of tree.values()) children.set(nodeId, (children.get(nodeId) ?? 0) + 1)
  return children
}

/** How many relays there are up to the origin; fails on a loop. */
function hopsOf(nodeId: string, tree: ReadonlyMap<string, RelayParent>): number {
  let hops = 0
  for (let at = tree.get(nodeId); at !== undefined; at = tree.get(at.nodeId)) {
    hops++
    if (hops > tree.size) throw new Error(`${nodeId} is in a loop`)
  }
  return hops
}

// Every tree here is computed from the place of each of its nodes, a million steps for some.
describe('a tree of relays', { timeout: 60_000 }, () => {
  it('is no tree for few carriers: all pull from the origin', () => {
    const nodes = nodesOf(33)
    const tree = treeOf(nodes, idsOf(nodes))
    expect(tree.size).toBe(32)
    expect([...tree.values()]).toEqual(Array(32).fill({ nodeId: 'n0', url: 'http://n0', depth: 1 }))
    expect(
      relayParent({ broadcast: 'b', self: node('n0'), origin: originAt('n0'), nodes, carriers: [] }),
    ).toBeUndefined()
  })

  it('of 1,000 nodes feeds at most 32 of each and is three relays deep, as it says', () => {
    const nodes = nodesOf(1000)
    const tree = treeOf(nodes, idsOf(nodes))
    expect(tree.size).toBe(999)
    expect(Math.max(...childrenOf(tree).values())).toBeLessThanOrEqual(32)
    expect(childrenOf(tree).get('n0')).toBe(8)
    for (const [nodeId, { depth }] of tree) expect(hopsOf(nodeId, tree)).toBe(depth)
    expect(Math.max(...[...tree.values()].map(({ depth }) => depth))).toBe(3)
  })

  it('crosses into each region once, and never back', () => {
    const regions = ['eu', 'us', 'asia']
    const nodes = nodesOf(300, regions)
    const regionOf = new Map(nodes.map(({ nodeId, region }) => [nodeId, region]))
    const tree = treeOf(nodes, idsOf(nodes))
    const crossings = [...tree].filter(([nodeId, parent]) => regionOf.get(nodeId) !== regionOf.get(parent.nodeId))
    expect(crossings.map(([nodeId]) => regionOf.get(nodeId)).sort()).toEqual(['asia', 'us'])
    expect(crossings.map(([, parent]) => parent.nodeId)).toEqual(['n0', 'n0'])
    expect(Math.max(...childrenOf(tree).values())).toBeLessThanOrEqual(32)
    for (const nodeId of tree.keys()) expect(hopsOf(nodeId, tree)).toBeLessThanOrEqual(4)
  })

  it('lets hubs feed hubs where there are more regions than half the fan-out', () => {
    const regions = Array.from({ length: 40 }, (_, index) => `r${index}`)
    const nodes = nodesOf(400, regions)
    const tree = treeOf(nodes, idsOf(nodes))
    expect(Math.max(...childrenOf(tree).values())).toBeLessThanOrEqual(32)
    for (const [nodeId, { depth }] of tree) expect(hopsOf(nodeId, tree)).toBe(depth)
  })

  it('becomes wider where it would be too deep', () => {
    const nodes = nodesOf(300)
    const tree = treeOf(nodes, idsOf(nodes), { policy: { fanOut: 2, maxDepth: 2 } })
    expect(Math.max(...[...tree.values()].map(({ depth }) => depth))).toBe(2)
    expect(Math.max(...childrenOf(tree).values())).toBeLessThan(40)
  })

  it('has no loop among nodes that know of different carriers', () => {
    const random = new SeededRandom(6)
    const nodes = nodesOf(200, ['eu', 'us'])
    const tree = new Map<string, RelayParent>()
    for (const self of nodes) {
      const carriers = idsOf(nodes).filter(() => random.next() < 0.5)
      const avoid = idsOf(nodes).filter(() => random.next() < 0.1)
      const policy = { fanOut: 3, maxDepth: 8 }
      const parent = relayParent({ broadcast: 'b', self, origin: originAt('n0'), nodes, carriers, avoid, policy })
      if (parent !== undefined) tree.set(self.nodeId, parent)
    }
    for (const nodeId of tree.keys()) hopsOf(nodeId, tree)
    expect(tree.size).toBe(199)
  })

  it('has nobody pull from nodes that drain, that are gone, or that could not be reached', () => {
    const nodes = nodesOf(200).map((record, index) => ({ ...record, draining: index % 4 === 1 }))
    const tree = treeOf(nodes, [...idsOf(nodes), 'gone'], { policy: { fanOut: 4 }, avoid: ['n2', 'n3'] })
    const parents = new Set([...tree.values()].map(({ nodeId }) => nodeId))
    for (const nodeId of ['n1', 'n5', 'n2', 'n3', 'gone']) expect(parents.has(nodeId)).toBe(false)
    expect(tree.size).toBe(199)
  })

  it('changes the place of few when a carrier comes or goes', () => {
    const nodes = nodesOf(400)
    const before = treeOf(nodes, idsOf(nodes))
    const after = treeOf(
      nodes,
      idsOf(nodes).filter((nodeId) => nodeId !== 'n500'),
    )
    const moved = [...after].filter(([nodeId, { nodeId: parent }]) => before.get(nodeId)?.nodeId !== parent)
    expect(moved.length).toBeLessThan(40)
  })

  it('has other inner nodes for other broadcasts', () => {
    const nodes = nodesOf(100)
    const inner = new Set<string>()
    for (let index = 0; index < 50; index++) {
      const tree = treeOf(nodes, idsOf(nodes), { broadcast: `b${index}`, policy: { fanOut: 8 } })
      for (const { nodeId } of tree.values()) inner.add(nodeId)
    }
    expect(inner.size).toBeGreaterThan(90)
  })
})
