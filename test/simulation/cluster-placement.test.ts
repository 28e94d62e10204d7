/**
 * Viewers by the hundred thousand come to a cluster whose nodes know of each other what heartbeats of up to some seconds ago said. The first scene is of full size: 1,000 nodes, a million
 * viewers. So are the others with `npm run bench:placement`; here they are a fifth of it.
 */
import { expect, test } from 'vitest'
import { capacityPlan } from '../support/capacity-plan.js'
import { type PlacementScene, runPlacement } from './support/placement-world.js'

const IS_FULL_SIZE = process.env.MANYCAST_FULL_SIZE === '1'
const SHARE = IS_FULL_SIZE ? 1 : 0.2
const TIMEOUT_MS = IS_FULL_SIZE ? 1_800_000 : 300_000

const scene = (share: number, more: Partial<PlacementScene> = {}): PlacementScene => ({
  seed: 6,
  regions: { eu: 1000 * share },
  capacity: 2000,
  viewers: 1_000_000 * share,
  broadcasts: 1,
  arrivalsPerSecond: 10_000 * share,
  failing: 0.05,
  ...more,
})

async function figuresOf(name: string, of: PlacementScene) {
  const figures = await runPlacement(of)
  if (IS_FULL_SIZE) console.log(`${name} (seed ${of.seed}): ${JSON.stringify(figures, undefined, 2)}`)
  return figures
}

test(
  '1,000 nodes, a million viewers of one broadcast, 50 nodes die: all are placed, and evenly',
  async () => {
    const figures = await figuresOf('one broadcast', scene(1))
    expect(figures.unplaced).toBe(0)
    expect(figures.refusals).toBe(0)
    expect(figures.spreadBeforeFailure.maxToMean).toBeLessThan(1.2)
    expect(figures.spread.maxToMean).toBeLessThan(1.2)
    expect(figures.peakLoad / figures.spread.mean).toBeLessThan(1.2)
    // Whoever was on a node that died is served again soon, although it may be sent to another one.
    expect(figures.longestWaitMs).toBeLessThan(10_000)
    // Who comes to a node that carries the broadcast stays there.
    expect(figures.redirectsPerViewer).toBeLessThan(0.05)
    expect(figures.opsPerSecondTotal).toBeLessThan(3000)
    expect(figures.relays).toBe(949)
    expect(figures.tree.mostChildren).toBeLessThanOrEqual(32)
    expect(figures.tree.depth).toBe(3)
    // As nodes keep the parents that they have found, more of them pull from the origin.
    expect(figures.tree.mostChildrenAtStart).toBeLessThan(150)
  },
  TIMEOUT_MS,
)

test(
  'viewers that all know the same few nodes do not fill those, nor any other',
  async () => {
    const figures = await figuresOf('ten addresses', scene(SHARE, { entryNodes: 10 }))
    expect(figures.unplaced).toBe(0)
    expect(figures.spreadBeforeFailure.maxToMean).toBeLessThan(1.2)
    expect(figures.spread.maxToMean).toBeLessThan(1.2)
    expect(figures.redirectsPerViewer).toBeLessThan(1.2)
  },
  TIMEOUT_MS,
)

test(
  '10,000 small broadcasts stay together: two nodes each, not one for each viewer',
  async () => {
    const broadcasts = 10_000 * SHARE
    const figures = await figuresOf('small broadcasts', scene(SHARE, { broadcasts }))
    expect(figures.unplaced).toBe(0)
    expect(figures.spreadBeforeFailure.maxToMean).toBeLessThan(1.2)
    expect(figures.spread.maxToMean).toBeLessThan(1.2)
    expect(figures.relays / broadcasts).toBeLessThan(2)
    expect(figures.opsPerSecondTotal / broadcasts).toBeLessThan(5)
  },
  TIMEOUT_MS,
)

test(
  'in several regions, viewers stay in theirs, evenly',
  async () => {
    const regions = { eu: 500 * SHARE, us: 300 * SHARE, asia: 200 * SHARE }
    const figures = await figuresOf('three regions', scene(SHARE, { regions }))
    expect(figures.unplaced).toBe(0)
    for (const { maxToMean } of Object.values(figures.byRegion)) expect(maxToMean).toBeLessThan(1.2)
    expect(figures.redirectsPerViewer).toBeLessThan(0.05)
    expect(figures.tree.mostChildren).toBeLessThanOrEqual(32)
    expect(figures.tree.depth).toBeLessThanOrEqual(4)
  },
  TIMEOUT_MS,
)

test(
  'as few nodes as docs/capacity-planning.md says are enough',
  async () => {
    const plan = capacityPlan()
    const regions = { eu: Math.round(plan.nodes * SHARE) }
    const figures = await figuresOf('as planned', scene(SHARE, { regions, capacity: plan.capacity }))
    expect(figures.unplaced).toBe(0)
    expect(figures.refusals).toBe(0)
    expect(figures.peakLoad).toBeLessThanOrEqual(1)
    expect(figures.spread.maxToMean).toBeLessThan(1.2)
  },
  TIMEOUT_MS,
)

test(
  'more viewers than seats: every seat is taken, and nobody gets another one',
  async () => {
    const capacity = 800
    const figures = await figuresOf('too many', scene(SHARE, { capacity, failing: 0 }))
    expect(figures.placed).toBe(1000 * SHARE * capacity)
    expect(figures.refusals).toBeGreaterThan(figures.unplaced)
    expect(figures.peakLoad).toBe(1)
  },
  TIMEOUT_MS,
)
