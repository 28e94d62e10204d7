import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CatchUp } from '../../../../src/media/egress/catch-up.js'
import { planInstantStart } from '../../../../src/media/egress/instant-start.js'
import type { PacketHistoryView, StoredPacket } from '../../../../src/media/types.js'
import type { Codec } from '../../../../src/rtp/types.js'

const vp8: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
const vp9: Codec = { ...vp8, name: 'VP9' }
const TICKS = 90

function packet(extSeq: number, timestamp: number, arrivalMs: number, codec = vp8, length = 1000): StoredPacket {
  const facts = { bytes: Buffer.alloc(0), start: 0, headerLength: 12, marker: false, keyframe: extSeq === 0 }
  return { ...facts, extSeq, timestamp: timestamp >>> 0, arrivalMs, codec, length }
}

/** A keyframe and `count - 1` frames behind it, 40 ms apart, a packet each. */
function cache(count: number, change: (packet: StoredPacket) => StoredPacket | undefined = (one) => one) {
  const packets = Array.from({ length: count }, (_, i) => change(packet(i, 40 * TICKS * i, 1000 + 40 * i)))
  const history: PacketHistoryView = {
    get: (extSeq) => packets[extSeq],
    newestExtSeq: count - 1,
    keyframeExtSeq: count > 0 ? 0 : -1,
  }
  return history
}

const config = { instantStartMaxAgeMs: 2000, instantStartMaxBytes: 1_000_000, instantStartSpeed: 5 }

test('two seconds at five times the speed take half a second', () => {
  const catchUp = new CatchUp(packet(0, 0, 0), packet(50, 2000 * TICKS, 2000), 5, 2000)
  expect(catchUp.endMs).toBe(2500)
  expect([0, 1000, 2000, 2500].map((ms) => catchUp.dueMs(ms * TICKS))).toEqual([2000, 2200, 2400, 2500])
  // Behind the end nothing waits.
  expect(catchUp.dueMs(9000 * TICKS)).toBe(2500)
})

test('what is sent when it is due carries the timestamp of that instant', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.integer({ min: 0, max: 20_000 }),
      fc.integer({ min: 2, max: 20 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }),
      (first, behindMs, speed, places) => {
        const startMs = 50_000
        const live = (first + behindMs * TICKS) >>> 0
        const keyframe = packet(0, first, startMs - behindMs)
        const catchUp = new CatchUp(keyframe, packet(9, live, startMs), speed, startMs)
        const at = (timestamp: number): number => ((timestamp - live) | 0) / TICKS + startMs
        for (const place of places.sort((a, b) => a - b)) {
          const timestamp = (first + Math.round(place * (catchUp.endMs - startMs + behindMs) * TICKS)) >>> 0
          expect(at(catchUp.mapTimestamp(timestamp))).toBeCloseTo(catchUp.dueMs(timestamp), 0)
        }
        const behind = (live + Math.ceil((catchUp.endMs - startMs) * TICKS) + 5) >>> 0
        expect(catchUp.mapTimestamp(behind)).toBe(behind)
      },
    ),
  )
})

test('frames that were apart stay apart', () => {
  const catchUp = new CatchUp(packet(0, 0, 0), packet(150, 5000 * TICKS, 5000), 5, 5000)
  const mapped = Array.from({ length: 200 }, (_, i) => catchUp.mapTimestamp(i * 33 * TICKS))
  expect(new Set(mapped).size).toBe(200)
  expect([...mapped].sort((a, b) => a - b)).toEqual(mapped)
})

test('a viewer starts from what is young, small and whole', () => {
  const plan = (history: PacketHistoryView, nowMs = 2000, settings = config) =>
    planInstantStart({ history, keyframesOnDemand: true }, settings, nowMs)
  expect(plan(cache(25))?.keyframeExtSeq).toBe(0)
  expect(plan(cache(0))).toBeUndefined()
  expect(plan(cache(25), 3001)).toBeUndefined()
  expect(plan(cache(25), 2000, { ...config, instantStartMaxBytes: 24_999 })).toBeUndefined()
  expect(plan(cache(25), 2000, { ...config, instantStartMaxBytes: 25_000 })).toBeDefined()
  expect(plan(cache(25, (one) => (one.extSeq === 7 ? undefined : one)))).toBeUndefined()
  expect(plan(cache(25, (one) => (one.extSeq === 7 ? { ...one, codec: vp9 } : one)))).toBeUndefined()
  expect(plan(cache(25), 2000, { ...config, instantStartMaxAgeMs: 0 })).toBeUndefined()
})

test('where no keyframe can be asked for, a viewer starts from the newest one at any age and size, but not with a hole', () => {
  const settings = { ...config, instantStartMaxAgeMs: 100, instantStartMaxBytes: 100 }
  const plan = (history: PacketHistoryView) => planInstantStart({ history, keyframesOnDemand: false }, settings, 9000)
  expect(plan(cache(25))?.keyframeExtSeq).toBe(0)
  expect(plan(cache(25, (one) => (one.extSeq === 7 ? undefined : one)))).toBeUndefined()
})

test('a keyframe that has just come is the present, though others have overtaken it or are still to come', () => {
  const history = cache(25, (one) => ({ ...one, timestamp: 0, ...(one.extSeq === 0 ? { arrivalMs: 2000 } : {}) }))
  const { get } = history
  const withHole = { ...history, get: (extSeq: number) => (extSeq === 7 ? undefined : get(extSeq)) }
  for (const each of [history, withHole]) {
    const catchUp = planInstantStart({ history: each, keyframesOnDemand: true }, config, 2000)
    expect([catchUp?.keyframeExtSeq, catchUp?.endMs, catchUp?.liveTimestamp]).toEqual([0, 2000, 0])
    expect([0, 3600].map((timestamp) => catchUp?.mapTimestamp(timestamp))).toEqual([0, 3600])
  }
  expect(planInstantStart({ history: withHole, keyframesOnDemand: true }, config, 2001)).toBeUndefined()
})
