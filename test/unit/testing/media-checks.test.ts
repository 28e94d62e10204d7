/** The matchers and the assertions, which are made of the same checks. */
import { AssertionError } from 'node:assert'
import { expect, it } from 'vitest'
import {
  assertBitrateBetween,
  assertLossAtMost,
  assertReceivedFrames,
  assertReceivedKeyframes,
  assertReceivedPackets,
  type MediaMatchers,
  mediaMatchers,
  type ReceivedMedia,
} from '../../../src/testing/index.js'

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as Vitest declares it.
  interface Matchers<T = any> extends MediaMatchers<T> {}
}

expect.extend(mediaMatchers)

const stream = { packets: 90, bytes: 9000, lost: 10, lossRate: 0.1, duplicates: 0, bitrateBps: 500_000.4 }
const silent = { packets: 0, bytes: 0, lost: 0, lossRate: 0, duplicates: 0, bitrateBps: 0 }
const received: ReceivedMedia = {
  video: { ...stream, frames: 30, keyframes: 2, width: 640, height: 360 },
  audio: silent,
}
const viewer = { received }

it('matchers take viewers and snapshots', () => {
  for (const subject of [viewer, received]) {
    expect(subject).toHaveReceivedFrames(30)
    expect(subject).toHaveReceivedKeyframes(2)
    expect(subject).toHaveReceivedPackets('video', 90)
    expect(subject).toHaveLossAtMost(0.1)
    expect(subject).toHaveBitrateBetween(400_000, 600_000)
    expect(subject).not.toHaveReceivedFrames(31)
    expect(subject).not.toHaveReceivedKeyframes(3)
    expect(subject).not.toHaveReceivedPackets('audio', 1)
    expect(subject).not.toHaveLossAtMost(0.09)
    expect(subject).not.toHaveBitrateBetween(600_000, 700_000)
    expect(subject).not.toHaveBitrateBetween(1, 2, 'audio')
  }
})

it('matchers say what was wanted and what there was', () => {
  expect(() => expect(viewer).toHaveReceivedFrames(31)).toThrow('number of video frames to be >= 31, and there were 30')
  expect(() => expect(viewer).not.toHaveReceivedKeyframes(1)).toThrow('keyframes not to be >= 1, and there were 2')
})

it('assertions throw what node:assert throws', () => {
  assertReceivedFrames(viewer, 30)
  assertReceivedKeyframes(viewer, 2)
  assertReceivedPackets(received, 'video', 90)
  assertLossAtMost(received, 0.1)
  assertBitrateBetween(received, 400_000, 600_000)
  const wrong = [
    () => assertReceivedFrames(viewer, 31),
    () => assertReceivedKeyframes(viewer, 3),
    () => assertReceivedPackets(viewer, 'audio', 1),
    () => assertLossAtMost(viewer, 0.05),
    () => assertBitrateBetween(viewer, 1, 2, 'audio'),
  ]
  for (const assertion of wrong) expect(assertion).toThrow(AssertionError)
  const actual = { operator: 'assertReceivedFrames', actual: 30, expected: '>= 31' }
  expect(wrong[0]).toThrow(expect.objectContaining(actual))
})

it('a stream of which nothing came has lost everything', () => {
  expect(viewer).not.toHaveLossAtMost(0.99, 'audio')
})

it('refuses what is no viewer, and what is no number', () => {
  expect(() => expect({}).toHaveReceivedFrames(1)).toThrow(TypeError)
  expect(() => assertReceivedFrames(undefined as never, 1)).toThrow(TypeError)
  expect(() => assertLossAtMost(viewer, '1%' as never)).toThrow(TypeError)
  expect(() => assertReceivedFrames(viewer, Number.NaN)).toThrow(TypeError)
})
