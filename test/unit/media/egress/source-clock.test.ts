import { expect, test } from 'vitest'
import { SourceClock } from '../../../../src/media/egress/source-clock.js'

test('without a report from the publisher it is our own clock', () => {
  const clock = new SourceClock(1_000_000)
  expect(clock.unixMs(undefined, 500)).toBe(1_000_500)
})

test('tracks of one source share one shift, so their distance is the publisher’s', () => {
  const clock = new SourceClock(0)
  const audio = { ntpUnixMs: 50_000, rtpTimestamp: 0, arrivalMs: 100 }
  const video = { ntpUnixMs: 50_010, rtpTimestamp: 0, arrivalMs: 150 }
  expect(clock.unixMs(audio, 200)).toBe(200)
  // The video's report took 40 ms longer: at its arrival the publisher's clock was that much ahead of what it says.
  expect(clock.unixMs(video, 200)).toBe(160)
  expect(clock.unixMs(audio, 300)).toBe(300)
})

test('a new source gets a new shift', () => {
  const clock = new SourceClock(0)
  clock.unixMs({ ntpUnixMs: 50_000, rtpTimestamp: 0, arrivalMs: 100 }, 100)
  clock.reset()
  expect(clock.unixMs({ ntpUnixMs: 52_000, rtpTimestamp: 0, arrivalMs: 200 }, 200)).toBe(200)
})

test('a publisher clock that steps is aligned anew', () => {
  const clock = new SourceClock(0)
  clock.unixMs({ ntpUnixMs: 50_000, rtpTimestamp: 0, arrivalMs: 100 }, 100)
  expect(clock.unixMs({ ntpUnixMs: 54_999, rtpTimestamp: 0, arrivalMs: 100 }, 100)).toBe(5099)
  expect(clock.unixMs({ ntpUnixMs: 3_650_000, rtpTimestamp: 0, arrivalMs: 100 }, 100)).toBe(100)
})

test('its distance from the publisher’s clock is what its readings show, whoever asks first', () => {
  const capture = { ntpUnixMs: 50_000, rtpTimestamp: 0, arrivalMs: 100 }
  const clock = new SourceClock(7)
  expect(clock.shiftMs(capture)).toBe(107 - 50_000)
  expect(clock.unixMs(capture, 300)).toBe(307)
  expect(clock.shiftMs({ ntpUnixMs: 51_000, rtpTimestamp: 0, arrivalMs: 1150 })).toBe(107 - 50_000)
})
