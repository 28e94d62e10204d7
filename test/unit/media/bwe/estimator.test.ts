import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BweConfig, defaultBweConfig } from '../../../../src/media/bwe/bwe-config.js'
import { BandwidthEstimator } from '../../../../src/media/bwe/estimator.js'
import { FeedbackTimes } from '../../../../src/media/bwe/feedback-times.js'
import { MAX_FEEDBACK_PACKETS } from '../../../../src/media/bwe/received-packets.js'
import { NOT_RECEIVED } from '../../../../src/rtp/rtcp/transport-feedback.js'

function estimator(config: Partial<BweConfig> = {}): BandwidthEstimator {
  return new BandwidthEstimator({ ...defaultBweConfig(), ...config })
}

/** Sends at `bps` for `durationMs`, with feedback every 100 ms unless that is off; returns the next number. */
function send(
  made: BandwidthEstimator,
  first: number,
  fromMs: number,
  durationMs: number,
  bps: number,
  feedback = true,
): number {
  const spacingMs = (1000 * 8000) / bps
  const arrivalMs = new Float64Array(10_000)
  let base = first
  let seq = first
  let reportMs = fromMs + 100
  for (let t = fromMs; t < fromMs + durationMs; t += spacingMs) {
    made.onPacketSent(seq, 1000, t)
    arrivalMs[seq - base] = t + 20
    seq++
    if (t < reportMs) continue
    reportMs += 100
    if (feedback) made.onFeedback({ baseExtSeq: base, count: seq - base, arrivalMs }, t + 40)
    base = seq
  }
  return seq
}

test('without feedback that was negotiated, nothing is known and nothing limited', () => {
  const made = estimator({ expectsFeedback: false })
  send(made, 0, 0, 20_000, 3_000_000, false)
  expect([made.targetBps, made.hasFeedback, made.dueMs]).toEqual([
    Number.POSITIVE_INFINITY,
    false,
    Number.POSITIVE_INFINITY,
  ])
  expect(made.nextProbe(20_000)).toBeUndefined()
  expect(estimator({ expectsFeedback: false, unknownBps: 2_000_000 }).targetBps).toBe(2_000_000)
})

test('without feedback, loss that is reported still limits, and ends', () => {
  const made = estimator({ expectsFeedback: false })
  send(made, 0, 0, 1000, 2_000_000, false)
  made.onReceiverReport(0.3, 50, 1000)
  expect(made.targetBps).toBeGreaterThan(1_500_000)
  expect(made.targetBps).toBeLessThan(1_800_000)
  expect(made.rttMs).toBe(50)
  made.onReceiverReport(Number.NaN, Number.NaN, 2000)
  expect(made.rttMs).toBe(50)
})

test('feedback that was negotiated and never comes is waited for, but not forever', () => {
  const made = estimator()
  send(made, 0, 0, 4900, 600_000, false)
  made.tick(4900)
  expect(made.targetBps).toBe(600_000)
  expect(made.tick(5000)).toBeGreaterThan(5000)
  expect(made.targetBps).toBe(Number.POSITIVE_INFINITY)
  made.onRemb(900_000, 6000)
  expect(made.targetBps).toBe(900_000)
})

test('a receiver estimate is the rate where there is nothing else, and a cap where there is', () => {
  const alone = estimator()
  alone.onRemb(1_234_000, 0)
  expect([alone.targetBps, alone.hasFeedback]).toEqual([1_234_000, true])
  alone.onRemb(1, 0)
  expect(alone.targetBps).toBe(50_000)
  const both = estimator()
  send(both, 0, 0, 2000, 600_000)
  expect(both.targetBps).toBeGreaterThan(600_000)
  both.onRemb(400_000, 2000)
  expect(both.targetBps).toBe(400_000)
  send(both, 100_000, 13_000, 3000, 600_000)
  expect(both.targetBps).toBeGreaterThan(400_000)
})

test('what is due is always ahead after it was done', () => {
  const made = estimator()
  let next = send(made, 0, 0, 3000, 600_000)
  let wishes = 0
  for (let i = 0, nowMs = 3000; i < 200; i++) {
    const dueMs = made.dueMs
    expect(dueMs).toBeLessThan(Number.POSITIVE_INFINITY)
    nowMs = Math.max(nowMs, dueMs)
    made.tick(nowMs)
    if (made.nextProbe(nowMs)) wishes++
    expect(made.dueMs).toBeGreaterThan(nowMs)
    if (i === 100) next = send(made, next, nowMs, 1000, 600_000)
  }
  expect(wishes).toBeGreaterThan(0)
})

test('feedback that stops lowers the rate step by step, only while packets are sent', () => {
  const idle = estimator()
  send(idle, 0, 0, 3000, 600_000)
  const busy = estimator()
  const next = send(busy, 0, 0, 3000, 600_000)
  const before = busy.targetBps
  send(busy, next, 3000, 3000, 600_000, false)
  const rates: number[] = []
  for (let t = 3500; t < 6000; t += 50) {
    busy.tick(t)
    rates.push(busy.targetBps)
  }
  expect(rates[0]).toBe(before)
  expect(rates.at(-1)).toBeLessThan(0.6 * before)
  expect(rates.at(-1)).toBeGreaterThan(0.2 * before)
})

test('a packet that comes after it was given up was not lost', () => {
  const made = estimator()
  for (let i = 0; i < 10; i++) made.onPacketSent(i, 1000, i)
  const arrivalMs = new Float64Array(10).fill(50)
  arrivalMs[4] = Number.NaN
  made.onFeedback({ baseExtSeq: 0, count: 10, arrivalMs }, 100)
  expect(made.stats(100)).toMatchObject({ packetsReported: 10, packetsLost: 1 })
  made.onFeedback({ baseExtSeq: 4, count: 1, arrivalMs: Float64Array.of(60) }, 110)
  made.onFeedback({ baseExtSeq: 0, count: 10, arrivalMs }, 120)
  expect(made.stats(120)).toMatchObject({ packetsReported: 10, packetsLost: 0 })
})

test('feedback about what was never sent is ignored', () => {
  const made = estimator()
  const arrivalMs = new Float64Array(100).fill(5)
  made.onFeedback({ baseExtSeq: 0, count: 100, arrivalMs }, 10)
  expect(made.hasFeedback).toBe(false)
  made.onPacketSent(1000, 1000, 10)
  made.onFeedback({ baseExtSeq: 2000, count: 100, arrivalMs }, 20)
  expect(made.hasFeedback).toBe(false)
  expect(made.stats(20).packetsReported).toBe(0)
})

test('whatever the feedback says, the rate stays a rate within its bounds', () => {
  const step = fc.record({
    sent: fc.integer({ min: 0, max: 40 }),
    skip: fc.integer({ min: 0, max: 3 }),
    waitMs: fc.integer({ min: 0, max: 3000 }),
    back: fc.integer({ min: -70, max: 700 }),
    arrivals: fc.array(fc.oneof(fc.double(), fc.double({ min: 0, max: 5000 }), fc.constant(Number.NaN)), {
      maxLength: 60,
    }),
    loss: fc.double(),
    remb: fc.option(fc.double(), { freq: 8 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const made = estimator()
      let seq = 0
      let nowMs = 0
      for (const { sent, skip, waitMs, back, arrivals, loss, remb } of steps) {
        const cluster = made.nextProbe(nowMs)?.clusterId ?? 0
        for (let i = 0; i < sent; i++) {
          seq += 1 + skip
          made.onPacketSent(seq, 1200, nowMs, cluster)
        }
        nowMs += waitMs
        made.onFeedback(
          {
            baseExtSeq: made.unwrap((seq - back) & 0xffff),
            count: arrivals.length,
            arrivalMs: Float64Array.from(arrivals),
          },
          nowMs,
        )
        made.onReceiverReport(loss, loss * 1000, nowMs)
        if (remb !== null) made.onRemb(remb, nowMs)
        made.tick(nowMs)
        if (made.hasFeedback) {
          expect(made.targetBps).toBeGreaterThanOrEqual(50_000)
          expect(made.targetBps).toBeLessThanOrEqual(50_000_000)
        } else expect(made.targetBps).toBeGreaterThan(0)
      }
    }),
    { numRuns: 300 },
  )
})

test('arrival times are on one time line, across the wrap of the reference time', () => {
  const times = new FeedbackTimes()
  const ticks = Int32Array.of(0, NOT_RECEIVED, 6)
  const read = (referenceTime: number) => {
    const { arrivalMs, baseExtSeq, count } = times.read(
      { baseSeq: 7, statusCount: 3, referenceTime, feedbackCount: 0 },
      ticks,
      65_543,
    )
    expect([baseExtSeq, count]).toEqual([65_543, 3])
    expect(arrivalMs[1]).toBeNaN()
    expect((arrivalMs[2] as number) - (arrivalMs[0] as number)).toBe(1.5)
    return arrivalMs[0] as number
  }
  const first = read(0xff_ffff)
  expect(read(1) - first).toBe(128)
  expect(read(0xff_fffe) - first).toBe(-64)
  expect(read(2) - first).toBe(192)
  const most = { baseSeq: 0, statusCount: 0xffff, referenceTime: 3, feedbackCount: 0 }
  expect(times.read(most, new Int32Array(0xffff), 0).count).toBe(MAX_FEEDBACK_PACKETS)
})

test('what arrives without a queue is learned while nothing is held back', () => {
  const made = estimator()
  send(made, 0, 0, 1500, 3_000_000)
  expect(made.targetBps).toBeLessThan(1_000_000)
  made.learn(1500)
  expect(made.targetBps).toBeGreaterThan(2_800_000)
  expect(made.targetBps).toBeLessThan(3_100_000)
  made.learn(1500)
  expect(made.targetBps).toBeLessThan(3_100_000)
})

test('it is ample while all that could be used arrives, and for a while after', () => {
  const made = estimator()
  const next = send(made, 0, 0, 1500, 3_000_000)
  expect(made.isAmple(1500)).toBe(false)
  made.setAllocatedBps(3_300_000, 1500)
  made.assume(3_400_000, 1500)
  send(made, next, 1500, 500, 3_000_000)
  expect(made.isAmple(2000)).toBe(true)
  expect(made.isAmple(6000)).toBe(true)
  expect(made.isAmple(7000)).toBe(false)
  made.setAllocatedBps(9_000_000, 2000)
  expect(made.isAmple(2000)).toBe(false)
})
