import { expect, test } from 'vitest'
import { SourceClock } from '../../../../src/media/egress/source-clock.js'

test('what is reported is our own clock', () => {
  const clock = new SourceClock(1_000_000)
  expect(clock.unixMs(500)).toBe(1_000_500)
})

test('the first stream says where the publisher’s clock stands, and the others go by that', () => {
  const clock = new SourceClock(0)
  expect(clock.captureMs(50_000, 200)).toBe(50_000)
  // Its packets take 40 ms longer: what they show now was captured that much earlier.
  expect(clock.captureMs(49_960, 200)).toBe(50_000)
  expect(clock.captureMs(50_100, 300)).toBe(50_100)
})

test('drift is followed, by no more than a quarter of a millisecond per second', () => {
  const clock = new SourceClock(0)
  clock.captureMs(50_000, 0)
  let seenMs = 50_000
  for (let s = 1; s <= 3600; s++) {
    seenMs += 1000.1
    expect(Math.abs(clock.captureMs(seenMs, s * 1000) - seenMs)).toBeLessThan(0.001)
  }
  const nowMs = 3_601_000
  const expectedMs = seenMs + 1000
  expect(clock.captureMs(expectedMs - 30, nowMs)).toBeCloseTo(expectedMs - 0.25, 6)
  // A pause earns no credit for one that is late by far.
  expect(clock.captureMs(expectedMs + 99_999 - 80, nowMs + 100_000)).toBeGreaterThan(expectedMs + 99_999 - 0.25 - 1.3)
})

test('a publisher whose clock has been set is followed at once', () => {
  const clock = new SourceClock(0)
  clock.captureMs(50_000, 100)
  expect(clock.captureMs(54_999, 100)).toBe(50_000)
  expect(clock.captureMs(3_650_000, 100)).toBe(3_650_000)
})

test('its distance from the publisher’s clock is the one that reports to the viewer go by', () => {
  const capture = { ntpUnixMs: 50_000, rtpTimestamp: 0, arrivalMs: 100, sourceId: 'p' }
  const clock = new SourceClock(7)
  expect(clock.shiftMs(capture)).toBe(107 - 50_000)
  // Packets take longer than reports.
  clock.captureMs(50_180, 300)
  expect(clock.shiftMs({ ...capture, ntpUnixMs: 51_000, arrivalMs: 1150 })).toBe(307 - 50_180)
  // The clock has been set, and no report has gone out since.
  expect(clock.shiftMs({ ...capture, ntpUnixMs: 61_000, arrivalMs: 1150 })).toBe(1157 - 61_000)
})
