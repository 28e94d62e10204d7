import { expect, test } from 'vitest'
import { AcknowledgedBitrate } from '../../../../src/media/bwe/acknowledged-bitrate.js'
import { type AimdInput, AimdRate } from '../../../../src/media/bwe/aimd.js'
import { defaultBweConfig } from '../../../../src/media/bwe/bwe-config.js'
import { LinkCapacity } from '../../../../src/media/bwe/link-capacity.js'
import { ReceiverEstimate } from '../../../../src/media/bwe/remb.js'

const INPUT: AimdInput = {
  usage: 'normal',
  acknowledgedBps: 1_000_000,
  newestWindowBps: 1_000_000,
  newestBps: 1_000_000,
  queueMs: 100,
  sentBps: 1_000_000,
  bursting: false,
  rttMs: 50,
}

function aimd(startBps: number): AimdRate {
  return new AimdRate({ ...defaultBweConfig(), startBps })
}

test('the acknowledged rate is unknown for half a second, then follows what arrives', () => {
  const acknowledged = new AcknowledgedBitrate()
  let atMs = 0
  for (; atMs < 490; atMs += 10) acknowledged.add(1250, atMs, false)
  expect(acknowledged.bps).toBeNaN()
  for (; atMs < 1000; atMs += 10) acknowledged.add(1250, atMs, false)
  expect(acknowledged.bps).toBeCloseTo(1_000_000, -4)
  for (; atMs < 4000; atMs += 10) acknowledged.add(2500, atMs, false)
  expect(acknowledged.bps).toBeCloseTo(2_000_000, -5)
  acknowledged.add(1250, atMs + 5000, false)
  expect(acknowledged.bps).toBeNaN()
})

test('a window from before a silence is no reason to believe one behind it', () => {
  const acknowledged = new AcknowledgedBitrate()
  let atMs = 0
  const arrive = (bytes: number, forMs: number): void => {
    for (const endMs = atMs + forMs; atMs < endMs; atMs += 10) acknowledged.add(bytes, atMs, false)
  }
  arrive(1250, 1100)
  // One window of twice as much is taken with caution: it may be a burst.
  arrive(2500, 160)
  expect(acknowledged.newestWindowBps).toBeGreaterThan(1_700_000)
  expect(acknowledged.bps).toBeLessThan(1_400_000)
  atMs += 3000
  arrive(1250, 510)
  expect(acknowledged.bps).toBeCloseTo(1_000_000, -4)
  expect(acknowledged.newestBps).toBeLessThan(1_200_000)
  arrive(2500, 160)
  expect(acknowledged.newestWindowBps).toBeGreaterThan(1_700_000)
  expect(acknowledged.bps).toBeLessThan(1_400_000)
})

test('bytes without a time count in the window that follows', () => {
  const acknowledged = new AcknowledgedBitrate()
  for (let atMs = 0; atMs <= 500; atMs += 10) acknowledged.add(1250, atMs, false)
  acknowledged.addUntimed(20 * 1250)
  for (let atMs = 710; atMs <= 1000; atMs += 10) acknowledged.add(1250, atMs, false)
  expect(acknowledged.bps).toBeCloseTo(1_000_000, -4)
})

test('over-use brings the rate to 0.85 of what arrives, at most once a round trip', () => {
  const rate = aimd(2_000_000)
  const full = { ...INPUT, usage: 'overuse' as const, sentBps: 2_000_000 }
  rate.update({ ...full, acknowledgedBps: 1_900_000, newestWindowBps: 1_800_000 }, 1000)
  expect(rate.bps).toBeCloseTo(0.85 * 1_800_000)
  expect(rate.state).toBe('decrease')
  rate.update({ ...full, acknowledgedBps: 1_700_000 }, 1040)
  expect(rate.bps).toBeCloseTo(0.85 * 1_800_000)
  rate.update(full, 1051)
  expect(rate.bps).toBeCloseTo(850_000)
})

test('over-use with a short queue costs the less the shorter it is', () => {
  const rate = aimd(2_000_000)
  rate.update({ ...INPUT, usage: 'overuse', queueMs: 20 }, 1000)
  expect(rate.bps).toBeCloseTo(0.94 * 2_000_000)
})

test('over-use by a sender that leaves much of the rate unused takes of what is unused only, as long as what is sent arrives', () => {
  const little = { acknowledgedBps: 300_000, newestWindowBps: 300_000, newestBps: 300_000, sentBps: 300_000 }
  const rate = aimd(3_000_000)
  rate.update({ ...INPUT, ...little, usage: 'overuse' }, 1000)
  expect(rate.bps).toBeCloseTo(0.7 * 3_000_000)
  rate.update({ ...INPUT, ...little, usage: 'overuse', sentBps: 600_000 }, 2000)
  expect(rate.bps).toBeCloseTo(0.85 * 300_000)
})

test('what was given up so that the queue drains comes back when it is empty', () => {
  const rate = aimd(1_200_000)
  rate.update({ ...INPUT, usage: 'overuse' }, 1000)
  expect(rate.bps).toBeCloseTo(0.85 * 1_000_000)
  rate.update({ ...INPUT, usage: 'underuse' }, 1100)
  expect(rate.bps).toBeCloseTo(0.85 * 1_000_000)
  rate.update({ ...INPUT, usage: 'underuse', queueMs: 5 }, 1200)
  expect(rate.bps).toBeCloseTo(0.95 * 1_000_000)
})

test("a burst's own queue lowers nothing, unless too little of it arrives", () => {
  const rate = aimd(2_000_000)
  rate.update({ ...INPUT, usage: 'overuse', bursting: true }, 1000)
  expect([rate.bps, rate.state]).toEqual([2_000_000, 'hold'])
  rate.update({ ...INPUT, usage: 'overuse', bursting: true, sentBps: 1_500_000 }, 2000)
  expect([rate.bps, rate.state]).toEqual([850_000, 'decrease'])
})

test('it grows by 8 % a second until the link was full once, then by a packet per response time', () => {
  const rate = aimd(1_000_000)
  for (let t = 0; t <= 1000; t += 100) rate.update(INPUT, t)
  expect(rate.bps).toBeCloseTo(1_080_000, -3)
  rate.update({ ...INPUT, usage: 'overuse' }, 1100)
  rate.update(INPUT, 1200)
  expect(rate.state).toBe('hold')
  const from = rate.bps
  for (let t = 1300; t <= 2300; t += 100) rate.update({ ...INPUT, acknowledgedBps: 900_000 }, t)
  expect(rate.bps - from).toBeGreaterThan(30_000)
  expect(rate.bps - from).toBeLessThan(80_000)
})

test('it does not grow far beyond what arrives, while the queue drains, or out of its bounds', () => {
  const rate = aimd(1_000_000)
  for (let t = 0; t < 60_000; t += 100) rate.update(INPUT, t)
  expect(rate.bps).toBeCloseTo(1_510_000)
  rate.update({ ...INPUT, usage: 'underuse', acknowledgedBps: 5_000_000 }, 61_000)
  expect([rate.bps, rate.state]).toEqual([1_510_000, 'hold'])
  rate.set(1)
  expect(rate.bps).toBe(50_000)
  rate.set(1e12)
  expect(rate.bps).toBe(50_000_000)
})

test('a capacity is left behind when the rate is far from it', () => {
  const capacity = new LinkCapacity()
  expect(capacity.isBelow(1e9)).toBe(false)
  expect(capacity.isAbove(1)).toBe(false)
  for (let i = 0; i < 20; i++) capacity.observe(1_000_000 + (i % 2) * 10_000)
  expect(capacity.isBelow(1_010_000)).toBe(false)
  expect(capacity.isBelow(1_500_000)).toBe(true)
  expect(capacity.isAbove(500_000)).toBe(true)
})

test('a receiver estimate caps while it is fresh', () => {
  const remb = new ReceiverEstimate()
  expect([remb.bps, remb.capBps(0)]).toEqual([Number.NaN, Number.POSITIVE_INFINITY])
  remb.receive(500_000, 1000)
  remb.receive(Number.NaN, 1500)
  remb.receive(-1, 1500)
  expect(remb.capBps(11_000)).toBe(500_000)
  expect(remb.capBps(11_001)).toBe(Number.POSITIVE_INFINITY)
  expect(remb.bps).toBe(500_000)
})
