import { expect, test } from 'vitest'
import { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { type LinkConditions, VirtualLink } from '../../../src/testing/virtual-network.js'

function link(
  conditions: Partial<LinkConditions>,
  seed = 1,
): { arrived: [number, number][]; link: VirtualLink; clock: VirtualClock } {
  const clock = new VirtualClock()
  const arrived: [number, number][] = []
  const made = new VirtualLink(clock, seed, (packet) => arrived.push([packet[0] as number, clock.nowMs()]), conditions)
  return { arrived, link: made, clock }
}

function sendMany(clock: VirtualClock, made: VirtualLink, count: number, spacingMs: number): void {
  for (let i = 0; i < count; i++) {
    made.send(Buffer.from([i & 0xff]))
    clock.advance(spacingMs)
  }
  clock.advance(10_000)
}

test('packets arrive after the delay, in order', () => {
  const { arrived, link: made, clock } = link({ delayMs: 25 })
  sendMany(clock, made, 3, 10)
  expect(arrived).toEqual([
    [0, 25],
    [1, 35],
    [2, 45],
  ])
})

test('what is lost is the same for the same seed', () => {
  const runs = [7, 7, 8].map((seed) => {
    const { arrived, link: made, clock } = link({ lossRate: 0.3 }, seed)
    sendMany(clock, made, 1000, 1)
    return arrived.map(([first, atMs]) => `${first}@${atMs}`).join()
  })
  expect(runs[0]).toBe(runs[1])
  expect(runs[0]).not.toBe(runs[2])
})

test('loss and duplication come at their rates', () => {
  const { arrived, link: made, clock } = link({ lossRate: 0.1, duplicateRate: 0.05 })
  sendMany(clock, made, 10_000, 0.1)
  expect(made.stats.lost).toBeGreaterThan(850)
  expect(made.stats.lost).toBeLessThan(1150)
  expect(arrived.length - (10_000 - made.stats.lost)).toBeGreaterThan(380)
  expect(arrived.length - (10_000 - made.stats.lost)).toBeLessThan(530)
})

test('jitter lets packets overtake each other', () => {
  const { arrived, link: made, clock } = link({ jitterMs: 20 })
  sendMany(clock, made, 200, 2)
  expect(arrived.some(([first], i) => i > 0 && first < (arrived[i - 1]?.[0] ?? 0))).toBe(true)
  for (const [first, atMs] of arrived) {
    expect(atMs - first * 2).toBeGreaterThanOrEqual(10)
    expect(atMs - first * 2).toBeLessThan(30)
  }
})

test('a bottleneck spaces packets out, and drops what its queue cannot hold', () => {
  const { arrived, link: made, clock } = link({ delayMs: 0, bandwidthBps: 80_000, queueBytes: 500 })
  // 100 bytes take 10 ms.
  for (let i = 0; i < 8; i++) made.send(Buffer.alloc(100, i))
  clock.advance(1000)
  expect(arrived).toEqual([
    [0, 10],
    [1, 20],
    [2, 30],
    [3, 40],
    [4, 50],
  ])
  expect(made.stats.dropped).toBe(3)
})

test('a link that is down delivers nothing', () => {
  const { arrived, link: made, clock } = link({})
  made.down = true
  made.send(Buffer.from([1]))
  made.down = false
  made.send(Buffer.from([2]))
  clock.advance(100)
  expect(arrived.map(([first]) => first)).toEqual([2])
})

test('what the sender does to its buffer afterwards does not reach the receiver', () => {
  const { arrived, link: made, clock } = link({})
  const packet = Buffer.from([1])
  made.send(packet)
  packet[0] = 9
  clock.advance(100)
  expect(arrived[0]?.[0]).toBe(1)
})
