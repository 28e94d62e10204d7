import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyframeGovernor } from '../../../src/media/keyframe-governor.js'

function governor(intervalMs = 0): { governor: KeyframeGovernor; sent: number[] } {
  const sent: number[] = []
  const config = { keyframeMinSpacingMs: 500, keyframeRetryMs: 1000, keyframeIntervalMs: intervalMs }
  const made = new KeyframeGovernor(config, (nowMs) => sent.push(nowMs))
  made.setWatched(true)
  return { governor: made, sent }
}

test('the first request goes out at once, those that follow rely on it', () => {
  const { governor: made, sent } = governor()
  made.request(10)
  made.request(20)
  made.request(400)
  expect(sent).toEqual([10])
  expect(made.coalesced).toBe(2)
  made.keyframeArrived(450)
  expect(made.dueMs).toBe(Number.POSITIVE_INFINITY)
})

test('a request right after a keyframe waits for the minimum spacing', () => {
  const { governor: made, sent } = governor()
  made.request(0)
  made.keyframeArrived(50)
  made.request(100)
  expect(sent).toEqual([0])
  expect(made.dueMs).toBe(500)
  made.tick(499)
  expect(sent).toEqual([0])
  made.tick(500)
  expect(sent).toEqual([0, 500])
})

test('a keyframe that comes meanwhile serves the request that waits', () => {
  const { governor: made, sent } = governor()
  made.request(0)
  made.keyframeArrived(50)
  made.request(100)
  made.keyframeArrived(300)
  made.tick(10_000)
  expect(sent).toEqual([0])
})

test('without a keyframe the request is repeated', () => {
  const { governor: made, sent } = governor()
  made.request(0)
  for (let nowMs = 0; nowMs <= 3500; nowMs += 10) made.tick(nowMs)
  expect(sent).toEqual([0, 1000, 2000, 3000])
})

test('nothing is repeated when nobody watches any more', () => {
  const { governor: made, sent } = governor(2000)
  made.request(0)
  made.setWatched(false)
  expect(made.dueMs).toBe(Number.POSITIVE_INFINITY)
  made.tick(10_000)
  expect(sent).toEqual([0])
})

test('the interval counts from the last keyframe', () => {
  const { governor: made, sent } = governor(2000)
  expect(made.dueMs).toBe(Number.POSITIVE_INFINITY)
  made.request(0)
  made.keyframeArrived(100)
  expect(made.dueMs).toBe(2100)
  made.keyframeArrived(1500)
  expect(made.dueMs).toBe(3500)
  made.tick(3500)
  expect(sent).toEqual([0, 3500])
  // Its answer is awaited like that of any request.
  expect(made.dueMs).toBe(4500)
})

test('however requests and keyframes come, requests keep their spacing and no wish is forgotten', () => {
  const event = fc.record({ afterMs: fc.integer({ min: 0, max: 700 }), keyframe: fc.boolean() })
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 100 }), (events) => {
      const { governor: made, sent } = governor()
      let nowMs = 0
      let wishedMs = -1
      for (const { afterMs, keyframe } of events) {
        for (const untilMs = nowMs + afterMs; nowMs < untilMs; nowMs++) made.tick(nowMs)
        if (keyframe) {
          made.keyframeArrived(nowMs)
          wishedMs = -1
        } else {
          made.request(nowMs)
          if (wishedMs < 0) wishedMs = nowMs
        }
      }
      for (const untilMs = nowMs + 600; nowMs < untilMs; nowMs++) made.tick(nowMs)
      for (let i = 1; i < sent.length; i++)
        expect((sent[i] as number) - (sent[i - 1] as number)).toBeGreaterThanOrEqual(500)
      // A wish without a keyframe since was sent on within the spacing, or the request before it is still being waited for.
      if (wishedMs >= 0) expect(sent.some((ms) => ms >= wishedMs - 500)).toBe(true)
      expect(made.sent).toBe(sent.length)
    }),
  )
})
