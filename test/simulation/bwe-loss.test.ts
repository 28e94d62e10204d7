import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/testing/virtual-clock.js'
import type { LinkConditions } from '../../src/testing/virtual-network.js'
import { BweBottleneck, BweFlow, type BweFlowOptions } from './support/bwe-path.js'

const LINK = 3_000_000
const SEEDS = [1, 2, 3, 4, 5, 6]

function run(seed: number, conditions: Partial<LinkConditions>, options: BweFlowOptions = {}) {
  const clock = new VirtualClock(1000)
  const bottleneck = new BweBottleneck(clock, seed, { bandwidthBps: LINK, delayMs: 30, ...conditions })
  const flow = new BweFlow(clock, bottleneck, { seed, ...options })
  flow.start()
  return { clock, bottleneck, flow }
}

test.each(SEEDS)('2 percent of random loss does not bring the estimate down (seed %i)', (seed) => {
  const { clock, flow } = run(seed, { lossRate: 0.02 })
  clock.advance(5000)
  flow.clear()
  clock.advance(60_000)
  expect(Math.min(...flow.targets.map(({ bps }) => bps))).toBeGreaterThan(0.7 * LINK)
})

test.each(SEEDS)('10 percent of random loss lowers it gently, and not for long (seed %i)', (seed) => {
  const { clock, flow } = run(seed, { lossRate: 0.1 })
  clock.advance(10_000)
  flow.clear()
  clock.advance(60_000)
  expect(Math.min(...flow.targets.map(({ bps }) => bps))).toBeGreaterThan(0.45 * LINK)
  const mean = flow.targets.reduce((sum, { bps }) => sum + bps, 0) / flow.targets.length
  expect(mean).toBeGreaterThan(0.7 * LINK)
  expect(flow.estimator.stats(clock.nowMs()).inherentLossRate).toBeGreaterThan(0.05)
})

test.each(SEEDS)('20 percent of random loss is survived (seed %i)', (seed) => {
  const { clock, flow } = run(seed, { lossRate: 0.2 })
  clock.advance(20_000)
  flow.clear()
  clock.advance(60_000)
  const mean = flow.targets.reduce((sum, { bps }) => sum + bps, 0) / flow.targets.length
  expect(mean).toBeGreaterThan(0.5 * LINK)
})

test.each([1, 2, 3])('loss that ends is forgotten (seed %i)', (seed) => {
  const { clock, bottleneck, flow } = run(seed, { lossRate: 0.1 })
  clock.advance(30_000)
  bottleneck.link.conditions.lossRate = 0
  clock.advance(20_000)
  const stats = flow.estimator.stats(clock.nowMs())
  expect(stats.inherentLossRate).toBeLessThan(0.02)
  expect(stats.targetBps).toBeGreaterThan(0.8 * LINK)
})

test('a link that drops what is too much, without a queue that delay would show, is not overrun for good', () => {
  const { clock, bottleneck, flow } = run(1, { bandwidthBps: 1_000_000, queueBytes: 3000 })
  clock.advance(30_000)
  const { dropped, sent } = bottleneck.link.stats
  clock.advance(60_000)
  const { stats } = bottleneck.link
  expect((stats.dropped - dropped) / (stats.sent - sent)).toBeLessThan(0.05)
  expect(flow.estimator.targetBps).toBeGreaterThan(600_000)
  expect(flow.estimator.targetBps).toBeLessThan(1_200_000)
})

test.each([
  { lossRate: 0.3, jitterMs: 0 },
  { lossRate: 0.1, jitterMs: 150 },
])(
  'feedback that is lost or comes out of order is no congestion (loss of $lossRate, jitter of $jitterMs ms)',
  (backward) => {
    for (const seed of SEEDS) {
      const { clock, flow } = run(seed, {}, { backward: { delayMs: 30, ...backward } })
      clock.advance(10_000)
      flow.clear()
      clock.advance(30_000)
      const context = `seed ${seed}`
      expect(Math.min(...flow.targets.map(({ bps }) => bps)), context).toBeGreaterThan(0.7 * LINK)
      expect((flow.receiver.bytes * 8) / 30, context).toBeGreaterThan(0.85 * LINK)
    }
  },
)

test.each([
  { name: 'the network', both: true },
  { name: 'the way back', both: false },
])('an outage of $name for 5 s lowers the rate, and is over soon after', ({ both }) => {
  const { clock, bottleneck, flow } = run(1, {})
  clock.advance(10_000)
  const before = flow.estimator.targetBps
  flow.backward.down = true
  bottleneck.link.down = both
  clock.advance(5000)
  expect(flow.estimator.targetBps).toBeLessThan(before / 3)
  flow.backward.down = false
  bottleneck.link.down = false
  clock.advance(8000)
  expect(flow.estimator.targetBps).toBeGreaterThan(0.9 * LINK)
})
