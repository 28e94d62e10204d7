import { expect, test } from 'vitest'
import { ArrivalGroups } from '../../../../src/media/bwe/arrival-groups.js'
import { DelayDetector } from '../../../../src/media/bwe/delay-detector.js'
import { OveruseDetector } from '../../../../src/media/bwe/overuse-detector.js'
import { QueueingDelay } from '../../../../src/media/bwe/queueing-delay.js'
import { ReceivedPackets } from '../../../../src/media/bwe/received-packets.js'
import { Trendline } from '../../../../src/media/bwe/trendline.js'
import { SeededRandom } from '../../../../src/testing/seeded-random.js'

test('packets sent within 5 ms are one group, told of when the next begins', () => {
  const groups = new ArrivalGroups()
  expect([groups.add(0, 100), groups.add(4, 106), groups.add(20, 121), groups.add(24, 124)]).toEqual([
    false,
    false,
    false,
    false,
  ])
  expect(groups.add(40, 145)).toBe(true)
  expect([groups.sendDeltaMs, groups.arrivalDeltaMs, groups.arrivalMs]).toEqual([20, 18, 124])
})

test('packets that arrive as one burst are one group, however far apart they were sent', () => {
  const groups = new ArrivalGroups()
  groups.add(0, 100)
  for (const [sentMs, arrivalMs] of [
    [20, 180],
    [40, 181],
    [60, 182],
  ] as const) {
    groups.add(sentMs, arrivalMs)
  }
  expect(groups.add(80, 200)).toBe(true)
  expect([groups.sendDeltaMs, groups.arrivalDeltaMs]).toEqual([60, 82])
})

test('a packet that was sent before the group changes nothing', () => {
  const groups = new ArrivalGroups()
  groups.add(0, 100)
  groups.add(20, 120)
  expect(groups.add(10, 500)).toBe(false)
  expect(groups.add(40, 140)).toBe(true)
  expect(groups.arrivalDeltaMs).toBe(20)
})

test.each([
  { name: 'silence', sentMs: 5000, arrivalMs: 5100 },
  { name: 'a jump of the receiver clock', sentMs: 60, arrivalMs: 1_000_000 },
  { name: 'a jump back', sentMs: 60, arrivalMs: -1_000_000 },
])('$name starts over', ({ sentMs, arrivalMs }) => {
  const groups = new ArrivalGroups()
  for (let i = 0; i < 3; i++) groups.add(i * 20, 100 + i * 20)
  expect(groups.add(sentMs, arrivalMs)).toBe(false)
  expect(groups.restarts).toBe(1)
  expect(groups.add(sentMs + 20, arrivalMs + 20)).toBe(false)
  expect(groups.add(sentMs + 40, arrivalMs + 40)).toBe(true)
  expect(groups.arrivalDeltaMs).toBe(20)
})

test('a delay that grows has a trend, one that stays has none', () => {
  const growing = new Trendline()
  const steady = new Trendline()
  for (let i = 0; i < 100; i++) {
    growing.add(1, i * 10)
    steady.add(0, i * 10)
  }
  // 1 ms per 10 ms, times the gain and the weight of 60 groups.
  expect(growing.trend).toBeCloseTo(0.1 * 4 * 60, 0)
  expect(steady.trend).toBe(0)
  growing.reset()
  expect([growing.trend, growing.smoothedMs]).toEqual([0, 0])
})

test('over-use needs a trend that lasts, and a queue that is more than jitter', () => {
  const short = new OveruseDetector()
  short.update(20, 10, 10, 50, 0)
  expect(short.usage).toBe('normal')
  short.update(21, 10, 20, 50, 0)
  expect(short.usage).toBe('overuse')
  short.update(0, 10, 30, 50, 0)
  expect(short.usage).toBe('normal')
  short.update(-50, 10, 40, 50, 0)
  expect(short.usage).toBe('underuse')
  const jitter = new OveruseDetector()
  for (let i = 0; i < 20; i++) jitter.update(20 + i, 10, i * 10, 8, 10)
  expect(jitter.usage).toBe('normal')
})

test('the threshold follows the trend within its bounds', () => {
  const detector = new OveruseDetector()
  for (let i = 0; i < 1000; i++) detector.update(0, 10, i * 10, 0, 0)
  expect(detector.threshold).toBe(6)
  for (let i = 1000; i < 3000; i++) detector.update(20, 10, i * 10, 0, 0)
  expect(detector.threshold).toBeCloseTo(20, 0)
  detector.update(500, 10, 30_010, 0, 0)
  expect(detector.threshold).toBeLessThan(21)
})

test('the queue is what lies above the least delay of the last half minute', () => {
  const queue = new QueueingDelay()
  queue.add(100, 0, 0)
  queue.add(90, 0, 100)
  queue.add(130, 0, 200)
  expect(queue.queueMs).toBe(40)
  for (let t = 300; t < 40_000; t += 100) queue.add(130, 0, t)
  expect(queue.queueMs).toBe(0)
})

function arrived(sentMs: number, arrivalMs: number): ReceivedPackets {
  const packets = new ReceivedPackets()
  packets.count = 1
  packets.sentMs[0] = sentMs
  packets.arrivalMs[0] = arrivalMs
  return packets
}

test('the detector finds a queue that grows, and one that drains, whatever the clocks say', () => {
  const detector = new DelayDetector()
  let delayMs = 1_000_000
  let nowMs = 0
  const run = (groups: number, perGroupMs: number) => {
    for (let i = 0; i < groups; i++) {
      nowMs += 10
      delayMs += perGroupMs
      detector.addAll(arrived(nowMs, nowMs + delayMs), nowMs)
    }
  }
  run(100, 0)
  expect(detector.usage).toBe('normal')
  run(40, 3)
  expect(detector.usage).toBe('overuse')
  expect(detector.queueMs).toBeGreaterThan(80)
  run(30, -3)
  expect(detector.usage).toBe('underuse')
  run(200, 0)
  expect(detector.usage).toBe('normal')
})

test('the trend is that of a line through the last twenty groups, after a day as after a second', () => {
  const random = new SeededRandom(7)
  const trendline = new Trendline()
  const points: { x: number; y: number }[] = []
  let atMs = 86_400_000
  let accumulatedMs = 0
  let smoothedMs = 0
  for (let i = 0; i < 300; i++) {
    atMs += random.integer(5, 40)
    const variationMs = random.integer(-8, 9)
    trendline.add(variationMs, atMs)
    accumulatedMs += variationMs
    smoothedMs = 0.9 * smoothedMs + 0.1 * accumulatedMs
    points.push({ x: atMs, y: smoothedMs })
    if (i < 19) continue
    const line = points.slice(-20)
    const meanX = line.reduce((sum, { x }) => sum + x, 0) / 20
    const meanY = line.reduce((sum, { y }) => sum + y, 0) / 20
    const up = line.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0)
    const along = line.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
    expect(trendline.trend).toBeCloseTo((Math.min(i + 1, 60) * 4 * up) / along, 6)
  }
})
