import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/testing/virtual-clock.js'
import { BweBottleneck, BweFlow } from './support/bwe-path.js'
import { percentile } from './support/percentile.js'

test.each([10, 50, 100, 200])('is at 2.5 Mbps within 2 s, %i ms one way', (delayMs) => {
  const clock = new VirtualClock(1000)
  const bottleneck = new BweBottleneck(clock, 1, { bandwidthBps: 4_000_000, delayMs })
  const flow = new BweFlow(clock, bottleneck, { backward: { delayMs } })
  flow.start()
  clock.advance(2000)
  expect(flow.estimator.targetBps).toBeGreaterThan(2_500_000)
  const { probesSent, probesSucceeded } = flow.estimator.stats(clock.nowMs())
  expect(probesSucceeded).toBeGreaterThanOrEqual(2)
  // Three that grow, and two about the link's own rate, which say that there is no more.
  expect(probesSent).toBeLessThanOrEqual(5)
})

test('does not probe for more than could be used', () => {
  const clock = new VirtualClock(1000)
  const bottleneck = new BweBottleneck(clock, 1, { bandwidthBps: 10_000_000, delayMs: 20 })
  const flow = new BweFlow(clock, bottleneck, { allocatedBps: 1_500_000, demandBps: () => 300_000 })
  flow.start()
  clock.advance(60_000)
  const { probesSent, targetBps } = flow.estimator.stats(clock.nowMs())
  expect(targetBps).toBeGreaterThanOrEqual(1_400_000)
  expect(targetBps).toBeLessThanOrEqual(1_600_000)
  // Two at the start; then every five seconds one that confirms what is there and not used.
  expect(probesSent).toBeLessThanOrEqual(2 + 55 / 5)
  flow.estimator.setAllocatedBps(5_000_000, clock.nowMs())
  clock.advance(2000)
  expect(flow.estimator.targetBps).toBeGreaterThan(4_500_000)
})

test('a narrow link is not drowned by the first probe', () => {
  const clock = new VirtualClock(1000)
  const bottleneck = new BweBottleneck(clock, 1, { bandwidthBps: 200_000, delayMs: 20 })
  const flow = new BweFlow(clock, bottleneck)
  flow.start()
  clock.advance(1000)
  expect(flow.estimator.targetBps).toBeLessThan(200_000)
  clock.advance(3000)
  flow.clear()
  clock.advance(30_000)
  expect((flow.receiver.bytes * 8) / 30).toBeGreaterThan(0.8 * 200_000)
  expect(
    percentile(
      flow.receiver.delays.map(({ delayMs }) => delayMs - 20),
      0.5,
    ),
  ).toBeLessThan(150)
})
