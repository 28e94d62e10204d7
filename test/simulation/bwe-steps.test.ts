import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/testing/virtual-clock.js'
import { BweBottleneck, BweFlow, type BweFlowOptions } from './support/bwe-path.js'
import { percentile } from './support/percentile.js'

const FULL = 3_000_000
const NARROW = 700_000

interface Outcome {
  belowMs: number
  recoveredMs: number
  use: number
  queueP95Ms: number
}

/** 3 Mbps, 700 kbps, 3 Mbps; `k` shifts the drop and the return against the probing. */
function steps(delayMs: number, queueBytes: number, k: number, options: BweFlowOptions = {}): Outcome {
  const clock = new VirtualClock(1000)
  const { link, ...bottleneck } = open(clock, delayMs, queueBytes, k, options)
  const { flow } = bottleneck
  clock.advance(10_000 + k * 130)
  const narrowMs = 9000 + k * 700
  link.conditions.bandwidthBps = NARROW
  flow.clear()
  const droppedMs = clock.nowMs()
  clock.advance(narrowMs)
  const last = flow.targets.findLast(({ atMs, bps }) => bps > NARROW && atMs < droppedMs + 3000)
  const settled = flow.receiver.delays.filter(({ atMs }) => atMs > droppedMs + 4000)
  const queueP95Ms = percentile(
    settled.map((each) => each.delayMs - delayMs),
    0.95,
  )
  const narrowBytes = flow.receiver.bytes
  link.conditions.bandwidthBps = FULL
  flow.clear()
  const backMs = clock.nowMs()
  clock.advance(20_000)
  flow.stop()
  const back = flow.targets.find(({ bps }) => bps >= 0.9 * FULL)
  return {
    belowMs: (last?.atMs ?? droppedMs) - droppedMs,
    recoveredMs: (back?.atMs ?? Number.POSITIVE_INFINITY) - backMs,
    use: ((narrowBytes + flow.receiver.bytes) * 8000) / (narrowMs * NARROW + 20_000 * FULL),
    queueP95Ms,
  }
}

function open(clock: VirtualClock, delayMs: number, queueBytes: number, seed: number, options: BweFlowOptions) {
  const bottleneck = new BweBottleneck(clock, seed + 1, { bandwidthBps: FULL, delayMs, queueBytes })
  const flow = new BweFlow(clock, bottleneck, { seed, backward: { delayMs }, ...options })
  flow.start()
  return { link: bottleneck.link, flow }
}

test.each([
  { delayMs: 10, queueBytes: 131_072 },
  { delayMs: 50, queueBytes: 131_072 },
  { delayMs: 100, queueBytes: 131_072 },
  // A queue of half a second at the narrow rate, which overflows at the drop.
  { delayMs: 20, queueBytes: 43_750 },
])('follows a link from 3 Mbps to 700 kbps and back, $delayMs ms one way, queue of $queueBytes bytes', (path) => {
  const runs = Array.from({ length: 12 }, (_, k) => steps(path.delayMs, path.queueBytes, 2 * k))
  for (const [k, run] of runs.entries()) {
    const seed = `run ${2 * k}: ${JSON.stringify(run)}`
    expect(run.belowMs, seed).toBeLessThan(1500)
    expect(run.recoveredMs, seed).toBeLessThan(8000)
    expect(run.use, seed).toBeGreaterThan(0.75)
    expect(run.queueP95Ms, seed).toBeLessThan(150)
  }
  expect(runs.reduce((sum, { use }) => sum + use, 0) / runs.length).toBeGreaterThan(0.8)
})

test('follows it with a round trip of 400 ms', () => {
  for (let k = 0; k < 12; k += 3) {
    const run = steps(200, 131_072, k)
    expect(run.belowMs, `run ${k}`).toBeLessThan(1500)
    expect(run.recoveredMs, `run ${k}`).toBeLessThan(8000)
    expect(run.use, `run ${k}`).toBeGreaterThan(0.75)
  }
})

test.each([20, 250])('follows it with feedback every %i ms', (feedbackMs) => {
  for (let k = 0; k < 12; k += 3) {
    const run = steps(30, 131_072, k, { feedbackMs })
    expect(run.belowMs, `run ${k}`).toBeLessThan(1500)
    expect(run.recoveredMs, `run ${k}`).toBeLessThan(8000)
    expect(run.queueP95Ms, `run ${k}`).toBeLessThan(150)
  }
})

test('a sender that switches between layers finds its way back up by probing', () => {
  const demandBps = (targetBps: number) => {
    if (targetBps > 2_600_000) return 2_400_000
    return targetBps > 900_000 ? 800_000 : targetBps > 550_000 ? 500_000 : 150_000
  }
  for (let k = 0; k < 12; k += 3) {
    const run = steps(30, 131_072, k, { demandBps, allocatedBps: 2_700_000 })
    expect(run.recoveredMs, `run ${k}`).toBeLessThan(8000)
    expect(run.queueP95Ms, `run ${k}`).toBeLessThan(150)
  }
})

test('a step to a tenth leaves a queue that is drained, not left standing', () => {
  const clock = new VirtualClock(1000)
  const { link, flow } = open(clock, 20, 10_000_000, 1, {})
  clock.advance(10_000)
  link.conditions.bandwidthBps = FULL / 10
  clock.advance(8000)
  flow.clear()
  clock.advance(20_000)
  const queues = flow.receiver.delays.map(({ delayMs }) => delayMs - 20)
  expect(percentile(queues, 0.95)).toBeLessThan(150)
  expect((flow.receiver.bytes * 8) / 20).toBeGreaterThan(0.8 * 300_000)
})
