import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/testing/virtual-clock.js'
import { BweBottleneck, BweFlow } from './support/bwe-path.js'
import { percentile } from './support/percentile.js'

test.each([
  { bandwidthBps: 3_000_000, backMs: [20, 20], apartMs: 0 },
  { bandwidthBps: 3_000_000, backMs: [20, 20], apartMs: 10_000 },
  { bandwidthBps: 3_000_000, backMs: [20, 200], apartMs: 10_000 },
  { bandwidthBps: 1_000_000, backMs: [20, 20], apartMs: 10_000 },
  { bandwidthBps: 3_000_000, backMs: [20, 20, 20], apartMs: 7000 },
])('viewers behind one bottleneck share it: $bandwidthBps bps, $backMs ms back, $apartMs ms apart', (path) => {
  const { bandwidthBps, backMs, apartMs } = path
  const clock = new VirtualClock(1000)
  const bottleneck = new BweBottleneck(clock, 1, { bandwidthBps, delayMs: 20, queueBytes: 131_072 })
  const flows = backMs.map((delayMs, i) => new BweFlow(clock, bottleneck, { seed: i, backward: { delayMs } }))
  for (const [i, flow] of flows.entries()) clock.at(1000 + i * apartMs, () => flow.start())
  clock.advance(40_000)
  for (const flow of flows) flow.clear()
  clock.advance(60_000)
  const rates = flows.map(({ receiver }) => (receiver.bytes * 8) / 60)
  expect(rates.reduce((sum, rate) => sum + rate, 0)).toBeGreaterThan(0.8 * bandwidthBps)
  expect(Math.max(...rates) / Math.min(...rates)).toBeLessThan(3.5)
  const queues = flows[0]?.receiver.delays.map(({ delayMs }) => delayMs - 20) ?? []
  expect(percentile(queues, 0.95)).toBeLessThan(300)
})
