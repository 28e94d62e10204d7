import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/testing/virtual-clock.js'
import { BweBottleneck, BweFlow } from './support/bwe-path.js'

const DAY_MS = 24 * 60 * 60 * 1000

test('the 16 bits of the transport-wide number wrap unnoticed', () => {
  const clock = new VirtualClock(1000)
  const bottleneck = new BweBottleneck(clock, 1, { bandwidthBps: 3_000_000, delayMs: 20, lossRate: 0.01, jitterMs: 5 })
  const flow = new BweFlow(clock, bottleneck, { firstSeq: 0xffff - 2000 })
  flow.start()
  clock.advance(5000)
  flow.clear()
  clock.advance(15_000)
  expect(flow.sentPackets).toBeGreaterThan(3000)
  expect(Math.min(...flow.targets.map(({ bps }) => bps))).toBeGreaterThan(2_000_000)
  const { packetsReported, packetsLost } = flow.estimator.stats(clock.nowMs())
  expect(flow.sentPackets - packetsReported).toBeLessThan(60)
  expect(Math.abs(packetsLost - bottleneck.link.stats.lost - bottleneck.link.stats.dropped)).toBeLessThan(5)
})

test('the reference time of 24 bits wraps unnoticed', () => {
  const clock = new VirtualClock(1000)
  const bottleneck = new BweBottleneck(clock, 1, { bandwidthBps: 3_000_000, delayMs: 20 })
  const flow = new BweFlow(clock, bottleneck, { clockOffsetMs: 2 ** 24 * 64 - 11_000 })
  flow.start()
  clock.advance(5000)
  flow.clear()
  clock.advance(10_000)
  expect(Math.min(...flow.targets.map(({ bps }) => bps))).toBeGreaterThan(2_000_000)
  expect(flow.estimator.stats(clock.nowMs()).queueMs).toBeLessThan(100)
})

test('a day and a night at a low rate change nothing and grow nothing', () => {
  const clock = new VirtualClock(1000)
  const bottleneck = new BweBottleneck(clock, 1, { bandwidthBps: 3_000_000, delayMs: 20, jitterMs: 5 })
  const flow = new BweFlow(clock, bottleneck, {
    packetBytes: 100,
    pacerMs: 500,
    feedbackMs: 500,
    demandBps: () => 3200,
    allocatedBps: 500_000,
  })
  flow.keepTargets = false
  flow.receiver.keepDelays = false
  flow.start()
  clock.advance(DAY_MS / 24)
  const early = flow.estimator.stats(clock.nowMs())
  const pending = clock.pending
  clock.advance((DAY_MS / 24) * 23)
  const late = flow.estimator.stats(clock.nowMs())
  expect(flow.sentPackets).toBeGreaterThan(2 * 65_536)
  expect(late.packetsReported).toBeGreaterThan(flow.sentPackets - 10)
  expect(late.historyPackets).toBe(early.historyPackets)
  expect(late.targetBps).toBeGreaterThanOrEqual(500_000)
  // An estimate that is not used is confirmed every five seconds or so, in the last hour as in the first.
  expect(late.probesSent / 24 / early.probesSent).toBeGreaterThan(0.95)
  expect(late.probesSent / 24 / early.probesSent).toBeLessThan(1.05)
  expect(clock.pending).toBeLessThanOrEqual(pending + 4)
  expect(flow.receiver.feedback.remembered).toBeLessThan(600)
})
