import { expect, test } from 'vitest'
import { isEarlyRequest } from '../../../../src/media/egress/early-request.js'

/** When requests begin to count. */
function patienceMs(reports: { count: number; rttMs: number | undefined }, rttMs?: number): number {
  for (let ms = 0; ms <= 5000; ms++) if (!isEarlyRequest(ms, reports, rttMs)) return ms
  return Number.POSITIVE_INFINITY
}

const none = { count: 0, rttMs: undefined }

test('a request is early for a round trip and the time that a keyframe takes to be received', () => {
  expect(patienceMs({ count: 3, rttMs: 0 })).toBe(200)
  expect(patienceMs({ count: 3, rttMs: 40 })).toBe(240)
  // Its own reports tell more than those of other streams.
  expect(patienceMs({ count: 3, rttMs: 40 }, 300)).toBe(240)
})

test('without reports the round trip is that of other streams, or a common one', () => {
  expect(patienceMs(none, 60)).toBe(260)
  expect(patienceMs(none)).toBe(300)
})

test('who reports without having got a sender report has not got the keyframe long ago', () => {
  expect(patienceMs({ count: 1, rttMs: undefined })).toBe(1000)
  expect(patienceMs({ count: 1, rttMs: undefined }, 60)).toBe(1000)
})

test('a second is enough, whatever reports say, and before any keyframe nothing is early', () => {
  expect(patienceMs({ count: 1, rttMs: 60_000 })).toBe(1000)
  expect(isEarlyRequest(Number.POSITIVE_INFINITY, none, undefined)).toBe(false)
})
