/** The time line of a track: by arrival at first, then by the publisher's reports, without jumps. */
import { expect, it } from 'vitest'
import { SourceClock } from '../../../src/media/egress/source-clock.js'
import type { CaptureClock } from '../../../src/media/types.js'
import { FrameClock } from '../../../src/taps/frame-clock.js'
import { audioFrame, videoFrame } from '../../support/encoded-frames.js'

const UNIX_MS = 1_900_000_000_000

/** The publisher's report at its time `atMs`, where the track's media time began at 0. */
function report(atMs: number, clockRate: number, sourceId = 'p'): CaptureClock {
  return {
    ntpUnixMs: UNIX_MS + atMs,
    rtpTimestamp: Math.round((atMs * clockRate) / 1000) >>> 0,
    arrivalMs: atMs,
    sourceId,
  }
}

it('goes by the least delayed frames before any report', () => {
  const clock = new FrameClock(new SourceClock(0))
  expect(clock.timeMs(videoFrame({ mediaMs: 0, arrivalMs: 1080 }), undefined)).toBe(1080)
  expect(clock.timeMs(videoFrame({ mediaMs: 33, arrivalMs: 1033 }), undefined)).toBeCloseTo(1033, 3)
  expect(clock.timeMs(videoFrame({ mediaMs: 66, arrivalMs: 1100 }), undefined)).toBeCloseTo(1066, 1)
  expect(clock.isReported).toBe(false)
})

it('puts audio and video together by their reports, however differently they are delayed', () => {
  const source = new SourceClock(0)
  const audio = new FrameClock(source)
  const video = new FrameClock(source)
  const sound = audio.timeMs(audioFrame({ mediaMs: 1000, arrivalMs: 5020 }), report(900, 48_000))
  const picture = video.timeMs(videoFrame({ mediaMs: 1000, arrivalMs: 5140 }), report(950, 90_000))
  expect(picture - sound).toBeCloseTo(0, 1)
  expect(video.isReported).toBe(true)
})

it('follows a drift gently: no frame moves by more than a fiftieth of its distance from the last', () => {
  const source = new SourceClock(0)
  const clock = new FrameClock(source)
  let before = clock.timeMs(audioFrame({ mediaMs: 0 }), report(0, 48_000))
  for (let ms = 20; ms <= 60_000; ms += 20) {
    // A sound card that is 200 ppm too fast, reported once a second.
    const reportedMs = Math.floor(ms / 1000) * 1000
    const rtpTimestamp = Math.round(reportedMs * 48 * 1.0002)
    const clocks = { ...report(reportedMs, 48_000), rtpTimestamp }
    const frame = { ...audioFrame({ mediaMs: ms }), timestamp: Math.round(ms * 48 * 1.0002) }
    const time = clock.timeMs(frame, clocks)
    expect(Math.abs(time - before - 20)).toBeLessThan(0.4)
    before = time
  }
  expect(Math.abs(before - 60_000)).toBeLessThan(1)
})

it('follows a report at once where the first one comes late', () => {
  const clock = new FrameClock(new SourceClock(0))
  clock.timeMs(videoFrame({ mediaMs: 0, arrivalMs: 100 }), undefined)
  const other = new FrameClock(clock.source)
  other.timeMs(audioFrame({ mediaMs: 0, arrivalMs: 20 }), report(0, 48_000))
  expect(clock.timeMs(videoFrame({ mediaMs: 33, arrivalMs: 133 }), report(0, 90_000))).toBeCloseTo(53, 1)
})

it('goes on across the wrap of timestamps', () => {
  const clock = new FrameClock(new SourceClock(0))
  const last = { ...videoFrame({ mediaMs: 0, arrivalMs: 0 }), timestamp: 0xffff_ffff - 89 }
  const first = clock.timeMs(last, undefined)
  expect(clock.timeMs({ ...last, timestamp: 2910, arrivalMs: 34 }, undefined) - first).toBeCloseTo(33.3, 1)
})

it('begins anew, by arrival, where timestamps jump', () => {
  const clock = new FrameClock(new SourceClock(0))
  clock.timeMs(videoFrame({ mediaMs: 0, arrivalMs: 0 }), undefined)
  const jumped = { ...videoFrame({ mediaMs: 0, arrivalMs: 40 }), timestamp: 0x7000_0000 }
  expect(clock.timeMs(jumped, undefined)).toBe(40)
})

it('does not believe a report that is far off before others say the same', () => {
  const clock = new FrameClock(new SourceClock(0))
  clock.timeMs(videoFrame({ mediaMs: 0 }), report(0, 90_000))
  const off = (ms: number, atMs: number) => ({ ...report(atMs, 90_000), ntpUnixMs: UNIX_MS + atMs + ms })
  const errors = [-400, -900, -30, -700, -690, -150].map((ms, index) => {
    const atMs = 1000 * (index + 1)
    return clock.timeMs(videoFrame({ mediaMs: atMs }), off(ms, atMs)) - atMs
  })
  for (const error of errors) expect(Math.abs(error)).toBeLessThan(10)
  const before = clock.timeMs(videoFrame({ mediaMs: 7000 }), off(600, 7000))
  expect(clock.timeMs(videoFrame({ mediaMs: 7033 }), off(600, 7000)) - before).toBeCloseTo(33, 0)
  clock.timeMs(videoFrame({ mediaMs: 8000 }), off(610, 8000))
  const error = clock.timeMs(videoFrame({ mediaMs: 9000 }), off(600, 9000)) - 9000
  expect(Math.abs(error - 600)).toBeLessThan(20)
})

it('does not move the first track that is reported, however late the frame came', () => {
  const clock = new FrameClock(new SourceClock(0))
  clock.timeMs(audioFrame({ mediaMs: 0, arrivalMs: 1000 }), undefined)
  const late = clock.timeMs(audioFrame({ mediaMs: 20, arrivalMs: 1110 }), report(0, 48_000))
  expect(late).toBeCloseTo(1020, 0)
})
