import { describe, expect, it } from 'vitest'
import { placePublisher } from '../../../../src/cluster/placement/place-publisher.js'
import { placeViewer } from '../../../../src/cluster/placement/place-viewer.js'
import type { Placement, ViewerToPlace } from '../../../../src/cluster/placement/types.js'
import type { NodeRecord, OriginLease } from '../../../../src/cluster/types.js'
import { BroadcastError } from '../../../../src/errors.js'
import { SeededRandom } from '../../../../src/testing/seeded-random.js'

const node = (nodeId: string, viewers = 0, more: Partial<NodeRecord> = {}): NodeRecord => ({
  nodeId,
  url: `http://${nodeId}`,
  region: 'eu',
  capacity: 100,
  viewers,
  utilization: 0,
  draining: false,
  ...more,
})

const originAt = (nodeId: string): OriginLease => ({
  broadcast: 'b',
  publisher: 'main',
  nodeId,
  url: `http://${nodeId}`,
  token: 1,
})

const random = new SeededRandom(3)

/** A viewer that comes to the first of the nodes. */
const viewer = (nodes: readonly NodeRecord[], more: Partial<ViewerToPlace> = {}): ViewerToPlace => ({
  self: nodes[0] as NodeRecord,
  nodes,
  carriers: [],
  origins: [],
  random: () => random.next(),
  ...more,
})

/** Where a session goes, in short. */
const inShort = (placement: Placement): string =>
  placement.kind === 'redirect'
    ? `${placement.node.nodeId} ${placement.reason}`
    : `${placement.kind} ${placement.reason}`

const place = (nodes: readonly NodeRecord[], more: Partial<ViewerToPlace> = {}): string =>
  inShort(placeViewer(viewer(nodes, more)))

/** All that happens in many tries, as randomness has a say. */
function outcomes(nodes: readonly NodeRecord[], more: Partial<ViewerToPlace> = {}): string[] {
  return [...new Set(Array.from({ length: 200 }, () => place(nodes, more)))].sort()
}

describe('a viewer', () => {
  it('stays at a node that is alone, and while the directory is away', () => {
    expect(place([node('a', 99)])).toBe('here balanced')
    expect(place([], { self: node('a', 99) })).toBe('here balanced')
    expect(place([], { self: node('a', 100) })).toBe('refuse no-room')
  })

  it('stays at a node that carries the broadcast up to the load that others have', () => {
    const others = [node('b', 40), node('c', 40)]
    expect(outcomes([node('a', 20), node('b'), node('c')], { carriers: ['a'] })).toEqual(['here carrying'])
    expect(outcomes([node('a', 44), ...others], { carriers: ['a'] })).toEqual(['here carrying'])
    expect(outcomes([node('a', 80), ...others], { carriers: ['a'] })).toEqual(['b less-loaded', 'c less-loaded'])
    expect(outcomes([node('a', 20), ...others], { origins: [originAt('a')] })).toEqual(['here carrying'])
  })

  it('goes to a node that carries it, unless that has too much to do', () => {
    const nodes = [node('a', 30), node('b', 35), node('c', 10), node('d', 70)]
    expect(outcomes(nodes, { carriers: ['b', 'd'] })).toEqual(['b carried-there'])
    expect(outcomes(nodes, { carriers: ['d', 'gone'] })).toEqual(['c less-loaded', 'here balanced'])
    expect(outcomes(nodes, { origins: [originAt('b')] })).toEqual(['b carried-there'])
  })

  it('stays where many come, so that the node carries the broadcast itself', () => {
    const nodes = [node('a', 30), node('b', 30)]
    expect(outcomes(nodes, { carriers: ['b'], arrivals: 1 })).toEqual(['b carried-there'])
    expect(outcomes(nodes, { carriers: ['b'], arrivals: 2 })).toEqual(['here balanced'])
  })

  it('goes to a node with much less to do, not with a little less', () => {
    expect(outcomes([node('a', 50), node('b', 46)])).toEqual(['here balanced'])
    expect(outcomes([node('a', 50), node('b', 40)])).toEqual(['b less-loaded'])
    expect(outcomes([node('a', 1), node('b', 0)])).toEqual(['here balanced'])
    // The load is the worse of seats and resources.
    expect(outcomes([node('a', 50), node('b', 40, { utilization: 0.6 })])).toEqual(['here balanced'])
  })

  it('stays where it was sent to, and is sent on from there only if too many were', () => {
    const some = [node('a', 25), node('b', 10), node('c', 10)]
    expect(outcomes(some, { carriers: ['b'], tried: ['c'] })).toEqual(['here redirected'])
    const many = [node('a', 90), node('b', 10), node('c', 10)]
    expect(outcomes(many, { tried: ['c'] })).toEqual(['b less-loaded'])
    expect(outcomes(many, { tried: ['c', 'x', 'y'] })).toEqual(['here redirected'])
    const full = [node('a', 100), node('b', 10), node('c', 10)]
    expect(outcomes(full, { tried: ['c'] })).toEqual(['b full'])
    expect(outcomes(full, { tried: ['c', 'b'] })).toEqual(['refuse no-room'])
    expect(outcomes(full, { tried: ['x', 'y', 'z'] })).toEqual(['refuse too-many-redirects'])
  })

  it('never goes to a node that is full, overloaded or draining', () => {
    const others = [node('b', 100), node('c', 0, { draining: true }), node('d', 0, { utilization: 1 })]
    expect(outcomes([node('a', 99), ...others], { carriers: ['b', 'c', 'd'] })).toEqual(['here balanced'])
    expect(outcomes([node('a', 100), ...others], { carriers: ['b', 'c', 'd'] })).toEqual(['refuse no-room'])
    expect(outcomes([node('a', 0, { draining: true }), ...others, node('e', 99)])).toEqual(['e draining'])
  })

  it('belongs to a region, and leaves it only where that has no room', () => {
    const nodes = [node('a', 10), node('u', 90, { region: 'us' }), node('v', 10, { region: 'asia' })]
    expect(outcomes(nodes)).toEqual(['here balanced'])
    expect(outcomes(nodes, { carriers: ['v'] })).toEqual(['here balanced'])
    expect(outcomes(nodes, { region: 'us' })).toEqual(['u region'])
    expect(outcomes(nodes, { region: 'africa' })).toEqual(['here region-full'])
    const full = [node('a', 100), ...nodes.slice(1)]
    expect(outcomes(full)).toEqual(['v full'])
  })

  it('stays wherever it comes with the policy local, as long as there is room', () => {
    const policy = { mode: 'local' } as const
    expect(outcomes([node('a', 99), node('b')], { carriers: ['b'], policy })).toEqual(['here local'])
    expect(outcomes([node('a', 100), node('b')], { policy })).toEqual(['b full'])
  })

  it('comes to large nodes more often than to small ones', () => {
    const nodes = [node('a', 100), node('large', 90, { capacity: 900 }), node('small', 10, { capacity: 100 })]
    const counts = new Map<string, number>()
    for (let index = 0; index < 2000; index++) {
      const where = place([...nodes])
      counts.set(where, (counts.get(where) ?? 0) + 1)
    }
    expect(counts.get('large full')).toBeGreaterThan(1600)
  })

  it('is refused a policy that makes no sense', () => {
    expect(() => place([node('a')], { policy: { slack: -1 } })).toThrow(BroadcastError)
    expect(() => place([node('a')], { policy: { mode: 'best' as 'local' } })).toThrow('placement.mode')
  })
})

describe('a publisher', () => {
  const publish = (nodes: readonly NodeRecord[], more: Partial<ViewerToPlace> = {}): string =>
    inShort(placePublisher(viewer(nodes, more)))

  it('stays where it comes to, unless that node has much more to do than others', () => {
    expect(publish([node('a', 24), node('b')])).toBe('here balanced')
    expect(publish([node('a', 50), node('b', 50)])).toBe('here balanced')
    expect(publish([node('a', 90), node('b', 20)])).toBe('b less-loaded')
    expect(publish([node('a', 24), node('b', 20)], { tried: ['c'] })).toBe('here redirected')
    expect(publish([node('a', 90), node('b', 20)], { tried: ['b'] })).toBe('here balanced')
    expect(publish([node('a', 90), node('b', 20)], { policy: { mode: 'local' } })).toBe('here local')
  })

  it('goes to another node from one that is full, draining, or in another region', () => {
    expect(publish([node('a', 100), node('b', 20)])).toBe('b full')
    expect(publish([node('a', 0, { draining: true }), node('b', 20)])).toBe('b draining')
    expect(publish([node('a'), node('b', 20, { region: 'us' })], { region: 'us' })).toBe('b region')
    expect(publish([node('a', 100)])).toBe('refuse no-room')
  })
})
