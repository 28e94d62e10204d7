import { expect, test } from 'vitest'
import { ProbeCluster } from '../../../../src/media/bwe/probe-cluster.js'
import { ProbeController, type ProbeInput } from '../../../../src/media/bwe/probe-controller.js'

const WISH = { clusterId: 1, targetBps: 1_000_000, bytes: 5000, packets: 5 }

/** Five packets of 1000 bytes, 8 ms apart, of which `arrive` says when they come. */
function cluster(arrive: (i: number) => number | undefined): ProbeCluster {
  const made = new ProbeCluster(WISH, 0)
  for (let i = 0; i < 5; i++) made.sent(i, 1000, i * 8)
  for (let i = 0; i < 5; i++) {
    const atMs = arrive(i)
    if (atMs !== undefined) made.received(i * 8, atMs, 1000)
  }
  return made
}

const INPUT: ProbeInput = {
  targetBps: 600_000,
  wantedBps: 10_000_000,
  busy: false,
  hasFeedback: true,
  byReceiver: false,
  variationMs: 0,
  provenMs: Number.POSITIVE_INFINITY,
}

/** Lets a probe go out and arrive at `bps`. */
function answer(probes: ProbeController, bps: number, nowMs: number): number {
  const { cluster: open } = probes
  if (open === undefined) throw new Error('no probe is on its way')
  const { clusterId, bytes, packets, targetBps } = open.wish
  const size = Math.ceil(bytes / packets)
  for (let i = 0; i < packets; i++) probes.packetSent(clusterId, i, size, nowMs + (i * size * 8000) / targetBps)
  for (let i = 0; i < packets; i++) {
    probes.packetReceived(clusterId, nowMs + (i * size * 8000) / targetBps, 9000 + (i * size * 8000) / bps, size)
  }
  return probes.evaluate(packets - 1, nowMs + 100)
}

test('a probe that arrives as it was sent shows its rate', () => {
  expect(cluster((i) => 500 + i * 8).measuredBps()).toBeCloseTo(1_000_000)
})

test('one that is spread out by the link shows what that carries', () => {
  expect(cluster((i) => 500 + i * 16).measuredBps()).toBeCloseTo(500_000)
})

test('one that has lost a packet on the way shows its rate all the same', () => {
  expect(cluster((i) => (i === 2 ? undefined : 500 + i * 8)).measuredBps()).toBeGreaterThan(900_000)
})

test.each([
  ['with too few packets', (i: number) => (i > 2 ? undefined : 500 + i * 8)],
  ['that was held up and let go at once', (i: number) => 500 + i],
  ['that arrives at one instant', () => 500],
  ['that takes too long', (i: number) => 500 + i * 400],
])('one %s says nothing', (_, arrive) => {
  expect(cluster(arrive).measuredBps()).toBeNaN()
})

test('the first probe is of three times the rate, those after a success of twice what they showed, up to what is wanted', () => {
  const probes = new ProbeController()
  const first = probes.next({ ...INPUT, hasFeedback: false }, 0)
  expect(first?.targetBps).toBe(1_800_000)
  expect(first?.bytes).toBeGreaterThanOrEqual((1_800_000 * 0.025) / 8)
  expect(probes.next(INPUT, 10)).toBeUndefined()
  expect(answer(probes, 2_000_000, 20)).toBeCloseTo(1_800_000, -4)
  expect(probes.next({ ...INPUT, targetBps: 1_800_000 }, 120)?.targetBps).toBe(3_600_000)
  answer(probes, 4_000_000, 120)
  expect(probes.next({ ...INPUT, targetBps: 3_600_000, wantedBps: 4_000_000 }, 220)?.targetBps).toBe(4_000_000)
  answer(probes, 5_000_000, 220)
  expect(probes.next({ ...INPUT, targetBps: 4_000_000, wantedBps: 4_000_000 }, 320)).toBeUndefined()
  expect([probes.sent, probes.succeeded, probes.failed]).toEqual([3, 3, 0])
})

test('a probe that fails is tried again after a while, and a longer while, but not after four seconds', () => {
  const probes = new ProbeController()
  const times: number[] = []
  for (let t = 0; t < 40_000; t += 10) {
    if (probes.next(INPUT, t) === undefined) continue
    times.push(t)
    expect(answer(probes, 500_000, t)).toBeCloseTo(500_000, -4)
  }
  const waits = times.slice(1).map((t, i) => t - (times[i] as number))
  expect(waits[0]).toBeLessThan(2200)
  expect(waits[1]).toBeGreaterThan(3000)
  expect(Math.max(...waits)).toBeLessThan(4200)
  probes.dropped(40_000)
  expect(probes.next(INPUT, 41_990)).toBeUndefined()
  expect(probes.next(INPUT, 42_000)).toBeDefined()
})

test('a narrow link is known before the rest of the probe has come through', () => {
  const probes = new ProbeController()
  probes.next(INPUT, 0)
  for (let i = 0; i < 5; i++) probes.packetSent(1, i, 1200, i)
  for (let i = 0; i < 4; i++) probes.packetReceived(1, i, 100 + i * 48, 1200)
  expect(probes.evaluate(3, 300)).toBeCloseTo(200_000)
  expect(probes.failed).toBe(1)
})

test('there is no probe while the network is busy, nor without anybody to tell of it', () => {
  const probes = new ProbeController()
  expect(probes.next({ ...INPUT, busy: true }, 0)).toBeUndefined()
  expect(probes.dueMs).toBeGreaterThan(0)
  expect(probes.next({ ...INPUT, hasFeedback: false }, 1000)).toBeDefined()
  probes.expire(5000)
  for (let t = 5000; t < 60_000; t += 100) expect(probes.next({ ...INPUT, hasFeedback: false }, t)).toBeUndefined()
})

test('one that is never sent is given up', () => {
  const probes = new ProbeController()
  probes.next(INPUT, 0)
  expect(probes.dueMs).toBe(1500)
  probes.expire(1500)
  expect([probes.cluster, probes.failed]).toEqual([undefined, 1])
})

test('for a receiver that estimates by itself, a probe is longer and smaller', () => {
  const probes = new ProbeController()
  const input = { ...INPUT, hasFeedback: false, byReceiver: true }
  const wish = probes.next(input, 0)
  expect(wish?.targetBps).toBe(840_000)
  expect(wish?.bytes).toBe(105_000)
})
