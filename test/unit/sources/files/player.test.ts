import { expect, it } from 'vitest'
import type { MediaFile } from '../../../../src/sources/files/media-file.js'
import { Player } from '../../../../src/sources/files/player.js'
import { Playlist, type PlaylistFrame } from '../../../../src/sources/files/playlist.js'
import { ReadAhead } from '../../../../src/sources/files/read-ahead.js'
import { VirtualClock } from '../../../../src/testing/virtual-clock.js'
import { Scheduler } from '../../../../src/util/scheduler.js'
import { fakeFile, OPUS, pass, VP8 } from './fake-player.js'

const LIMITS = { maxMs: 2000, maxBytes: 8_000_000 }
const START_MS = 12_345

interface Played {
  readonly frame: PlaylistFrame
  readonly timestampUs: number
  readonly atMs: number
}

function play(file: MediaFile, { loop = false, keep = true } = {}) {
  const clock = new VirtualClock(START_MS)
  const scheduler = new Scheduler(clock, clock)
  const played: Played[] = []
  const stalls: number[] = []
  const ends: unknown[] = []
  const lateness = { maxMs: 0, minMs: 0 }
  const counted = { audio: 0, video: 0 }
  const player = new Player(scheduler, 300, {
    onFrame: (frame, timestampUs) => {
      const atMs = clock.nowMs()
      if (keep) played.push({ frame, timestampUs, atMs })
      counted[frame.kind]++
      const lateMs = atMs - (player.startMs as number) - timestampUs / 1000
      lateness.maxMs = Math.max(lateness.maxMs, Math.abs(lateMs))
      lateness.minMs = Math.min(lateness.minMs, lateMs)
    },
    onStall: (shiftMs) => stalls.push(shiftMs),
    onEnd: (error) => ends.push(error),
  })
  const playlist = new Playlist({ paths: ['a'], loop, open: async () => file, onItemFailed: () => {} })
  const begin = (ms: number) => {
    const frames = new ReadAhead(playlist.frames(0, ms), LIMITS, () => player.advance())
    player.play(frames)
    return frames
  }
  return { clock, player, played, stalls, ends, lateness, counted, begin }
}

const ofKind = (played: readonly Played[], kind: string) => played.filter(({ frame }) => frame.kind === kind)

/** Distances of neighbours, in whole milliseconds, without doubles. */
function steps(played: readonly Played[]): number[] {
  const all = played
    .slice(1)
    .map(({ timestampUs }, i) => Math.round((timestampUs - (played[i] as Played).timestampUs) / 1000))
  return [...new Set(all)].sort((a, b) => a - b)
}

it('plays each frame when it is due, and ends when the last one was shown', async () => {
  const { clock, begin, played, ends, lateness, stalls } = play(fakeFile({ durationMs: 3000 }))
  begin(0)
  await pass(clock, 2990)
  expect(ends).toEqual([])
  await pass(clock, 20)
  expect(ends).toEqual([undefined])
  expect([ofKind(played, 'video').length, ofKind(played, 'audio').length]).toEqual([90, 150])
  expect(lateness.maxMs).toBeLessThan(1)
  expect(stalls).toEqual([])
})

it('does not drift by a millisecond in four hours', { timeout: 60_000 }, async () => {
  const hours = 4
  const { clock, begin, counted, lateness, stalls } = play(fakeFile({ durationMs: 60_000, fps: 29.97 }), {
    loop: true,
    keep: false,
  })
  begin(0)
  const leastOf = async (ms: number) => {
    lateness.minMs = Number.POSITIVE_INFINITY
    await pass(clock, ms, 1000)
    return lateness.minMs
  }
  const first = await leastOf(60_000)
  await pass(clock, hours * 3_600_000 - 120_000, 1000)
  const last = await leastOf(60_000)
  const microseconds = (ms: number) => `${(ms * 1000).toFixed(1)} us`
  console.log(`in ${hours} hours: ${microseconds(lateness.maxMs)} off at most, ${microseconds(last - first)} of drift`)
  // Timers come at whole milliseconds, at the due time or after it.
  expect(lateness.maxMs).toBeLessThan(1)
  expect(Math.abs(last - first)).toBeLessThan(0.01)
  expect(stalls).toEqual([])
  expect(counted.audio).toBeGreaterThan(hours * 3600 * 49.9)
  expect(counted.video).toBeGreaterThan(hours * 3600 * 29.9)
})

it('loops without a gap, audio and video in step', async () => {
  const { clock, begin, played, lateness } = play(fakeFile({ durationMs: 2000 }), { loop: true })
  begin(0)
  await pass(clock, 10_000)
  expect(steps(ofKind(played, 'audio'))).toEqual([20])
  expect(steps(ofKind(played, 'video'))).toEqual([33])
  for (const { frame, timestampUs } of played) expect(timestampUs - frame.round * 2_000_000).toBe(frame.itemUs)
  expect(lateness.maxMs).toBeLessThan(1)
})

it('goes on where it was paused, with timestamps that tell how long the pause was', async () => {
  const { clock, player, begin, played, lateness } = play(fakeFile({ durationMs: 60_000 }))
  begin(0)
  await pass(clock, 1000)
  player.pause()
  const before = played.length
  const last = played.at(-1) as Played
  await pass(clock, 5000)
  expect(played).toHaveLength(before)
  player.resume()
  await pass(clock, 1000)
  const next = played[before] as Played
  expect(next.frame.itemUs - last.frame.itemUs).toBeLessThan(34_000)
  expect(next.timestampUs - last.timestampUs - (next.frame.itemUs - last.frame.itemUs)).toBe(5_000_000)
  expect(lateness.maxMs).toBeLessThan(1)
})

it('goes on at once where it is sent, and its timestamps never go back', async () => {
  const { clock, player, begin, played, lateness } = play(fakeFile({ durationMs: 60_000 }))
  let frames = begin(0)
  for (const ms of [30_500, 2000, 45_999]) {
    await pass(clock, 1010)
    const before = played.length
    player.clear()
    await frames.stop()
    frames = begin(ms)
    await pass(clock, 100)
    const first = played[before] as Played
    expect(first.frame.itemUs).toBe(Math.floor(ms / 1000) * 1_000_000)
    expect(first.timestampUs - (played[before - 1] as Played).timestampUs).toBeLessThan(60_000)
  }
  for (const kind of ['audio', 'video']) expect(steps(ofKind(played, kind))[0]).toBeGreaterThan(0)
  // A frame that is still shown when it is sought holds back the next one, by its duration at most.
  expect(lateness.maxMs).toBeLessThan(1)
})

it('puts off what comes later than it may, once, and bursts no more than that', async () => {
  let slow = false
  const clock: { advance?: () => Promise<void> } = {}
  const file = fakeFile({
    durationMs: 60_000,
    beforeFrame: ({ timestampUs }) => {
      if (timestampUs < 5_000_000 || slow) return undefined
      slow = true
      return clock.advance?.()
    },
  })
  const { clock: virtual, begin, played, stalls } = play(file)
  let release = () => {}
  clock.advance = () => new Promise((resolve) => (release = resolve))
  begin(0)
  // What was read ahead lasts until the fifth second; the disk answers at the ninth.
  await pass(virtual, 9000)
  const before = played.length
  expect((played.at(-1) as Played).timestampUs).toBeLessThan(5_000_000)
  release()
  await pass(virtual, 2000)
  expect(stalls).toHaveLength(1)
  expect(stalls[0]).toBeGreaterThan(3900)
  expect(stalls[0]).toBeLessThan(4100)
  // Two seconds of media in two seconds.
  expect(Math.abs(ofKind(played.slice(before), 'video').length - 60)).toBeLessThanOrEqual(2)
  // The timestamps tell of the four seconds.
  expect((played[before] as Played).timestampUs - (played[before - 1] as Played).timestampUs).toBeGreaterThan(3_900_000)
})

it('catches up with what is a little late', async () => {
  const { clock, begin, played, stalls } = play(fakeFile({ durationMs: 60_000, codecs: [VP8] }))
  begin(0)
  await pass(clock, 1000)
  // The process is stopped for a quarter of a second.
  clock.advance(0)
  const before = played.length
  await pass(clock, 250, 250)
  await pass(clock, 250)
  expect(stalls).toEqual([])
  expect(played.length - before).toBe(15)
})

it('tells what went wrong, after everything that was read', async () => {
  const { clock, begin, played, ends } = play(fakeFile({ durationMs: 60_000, failsAtMs: 1000, codecs: [OPUS] }))
  begin(0)
  await pass(clock, 2000)
  expect(played).toHaveLength(50)
  expect(ends).toEqual([expect.objectContaining({ message: 'the disk is broken' })])
})
