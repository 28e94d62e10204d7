import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/testing/virtual-clock.js'
import { BweBottleneck, BweFlow } from './support/bwe-path.js'
import { percentile } from './support/percentile.js'

test.each([1, 2, 3, 4])('20 ms of jitter is no congestion (seed %i)', (seed) => {
  const clock = new VirtualClock(1000)
  const bottleneck = new BweBottleneck(clock, seed, { bandwidthBps: 10_000_000, delayMs: 20, jitterMs: 20 })
  const demandBps = (targetBps: number) => Math.min(targetBps, 2_000_000)
  const flow = new BweFlow(clock, bottleneck, { seed, demandBps, allocatedBps: 2_500_000 })
  flow.start()
  clock.advance(10_000)
  flow.clear()
  const from = flow.estimator.targetBps
  clock.advance(120_000)
  expect(from).toBeGreaterThan(2_000_000)
  for (const { bps } of flow.targets) expect(bps).toBeGreaterThanOrEqual(0.85 * from)
})

test.each([1, 2, 3])('a full link is used in spite of jitter (seed %i)', (seed) => {
  const clock = new VirtualClock(1000)
  const bottleneck = new BweBottleneck(clock, seed, { bandwidthBps: 3_000_000, delayMs: 20, jitterMs: 20 })
  const flow = new BweFlow(clock, bottleneck, { seed })
  flow.start()
  clock.advance(10_000)
  flow.clear()
  clock.advance(60_000)
  expect((flow.receiver.bytes * 8) / 60).toBeGreaterThan(0.8 * 3_000_000)
  const queues = flow.receiver.delays.map(({ delayMs }) => delayMs - 20)
  expect(percentile(queues, 0.95)).toBeLessThan(150)
})

test.each([
  { name: 'whole frames at once', spread: [1] },
  { name: 'frames of very different sizes at once', spread: [2.2, 0.7, 0.7, 0.7, 0.7] },
])('$name are no congestion', ({ spread }) => {
  const clock = new VirtualClock(1000)
  const bottleneck = new BweBottleneck(clock, 1, { bandwidthBps: 3_000_000, delayMs: 20 })
  let frame = 0
  const demandBps = (targetBps: number) =>
    Math.min(0.9 * targetBps, 2_000_000) * (spread[frame++ % spread.length] as number)
  const flow = new BweFlow(clock, bottleneck, { pacerMs: 1000 / 30, demandBps, allocatedBps: 2_500_000 })
  flow.start()
  clock.advance(10_000)
  flow.clear()
  clock.advance(60_000)
  for (const { bps } of flow.targets) expect(bps).toBeGreaterThan(2_400_000)
})

test('a buffer of half a second is not filled', () => {
  const clock = new VirtualClock(1000)
  const bottleneck = new BweBottleneck(clock, 1, { bandwidthBps: 1_000_000, delayMs: 20, queueBytes: 62_500 })
  const flow = new BweFlow(clock, bottleneck)
  flow.start()
  clock.advance(5000)
  flow.clear()
  clock.advance(120_000)
  const queues = flow.receiver.delays.map(({ delayMs }) => delayMs - 20)
  expect(percentile(queues, 0.95)).toBeLessThan(150)
  expect((flow.receiver.bytes * 8) / 120).toBeGreaterThan(0.8 * 1_000_000)
  expect(bottleneck.link.stats.dropped).toBe(0)
})
