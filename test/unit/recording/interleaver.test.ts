/** One order of audio and video. */
import { expect, it } from 'vitest'
import { Interleaver } from '../../../src/recording/interleaver.js'
import { audioFrame, videoFrame } from '../../support/encoded-frames.js'

const SILENCE_MS = 1500

function begun(kinds: readonly ('audio' | 'video')[] = ['audio', 'video'], holdMs = 0): Interleaver {
  const interleaver = new Interleaver(SILENCE_MS)
  interleaver.begin(kinds, 0, holdMs)
  return interleaver
}

function takeAll(interleaver: Interleaver, nowMs: number, all = false): string[] {
  const taken: string[] = []
  for (let next = interleaver.take(nowMs, all); next; next = interleaver.take(nowMs, all)) {
    taken.push(`${next.frame.kind} ${next.timeMs}`)
  }
  return taken
}

it('orders by capture time, and waits for the track that is behind', () => {
  const interleaver = begun()
  interleaver.add(audioFrame({ mediaMs: 0 }), 0, 10)
  interleaver.add(audioFrame({ mediaMs: 20 }), 20, 20)
  expect(takeAll(interleaver, 30)).toEqual([])
  interleaver.add(videoFrame({ mediaMs: 10 }), 10, 40)
  expect(takeAll(interleaver, 40)).toEqual(['audio 0', 'video 10'])
  expect(takeAll(interleaver, 40, true)).toEqual(['audio 20'])
})

it('does not wait for a track that is silent', () => {
  const interleaver = begun()
  interleaver.add(videoFrame({ mediaMs: 0 }), 0, 0)
  interleaver.add(audioFrame({ mediaMs: 5 }), 5, 5)
  interleaver.add(audioFrame({ mediaMs: 1490 }), 1490, 1490)
  expect(takeAll(interleaver, 1499)).toEqual(['video 0'])
  expect(interleaver.isSilent('video', 1499)).toBe(false)
  expect(interleaver.isSilent('video', 1500)).toBe(true)
  expect(takeAll(interleaver, 1500)).toEqual(['audio 5', 'audio 1490'])
})

it('holds the beginning until it is released, or held for long enough', () => {
  const interleaver = begun(['video'], 3000)
  interleaver.add(videoFrame({ mediaMs: 0 }), 0, 0)
  expect(takeAll(interleaver, 2999)).toEqual([])
  expect(takeAll(interleaver, 3000)).toEqual(['video 0'])
  const other = begun(['video'], 3000)
  other.add(videoFrame({ mediaMs: 0 }), 0, 0)
  expect(other.isComplete).toBe(true)
  other.release()
  expect(takeAll(other, 1)).toEqual(['video 0'])
})

it('keeps frames that are shown in another order in the order in which they are decoded', () => {
  const interleaver = begun()
  for (const ms of [0, 99, 33, 66]) interleaver.add(videoFrame({ mediaMs: ms }), ms, ms)
  for (const ms of [0, 50, 98, 120]) interleaver.add(audioFrame({ mediaMs: ms }), ms, ms)
  expect(takeAll(interleaver, 200)).toEqual([
    ...['audio 0', 'video 0', 'audio 50', 'audio 98'],
    ...['video 99', 'video 33', 'video 66'],
  ])
})

it('gives what was held the times that go with the newest frame, whose clock is known', () => {
  const interleaver = begun(['video', 'audio'], 3000)
  interleaver.add(videoFrame({ mediaMs: 0 }), 160, 160)
  interleaver.add(videoFrame({ mediaMs: 40 }), 200, 200)
  interleaver.add(audioFrame({ mediaMs: 20 }), 40, 40)
  interleaver.add(videoFrame({ mediaMs: 80 }), 100, 240)
  interleaver.release()
  expect(takeAll(interleaver, 300, true)).toEqual(['video 20', 'audio 40', 'video 60', 'video 100'])
})
