import { expect, it } from 'vitest'
import { createDepacketizer } from '../../../../src/media/payload/create-depacketizer.js'
import { codecOf, depacketized } from './depacketized.js'

const KEYFRAME = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]

it('is what is behind the descriptors, whatever they have', () => {
  expect(depacketized('VP8', [0x10, ...KEYFRAME])).toEqual(KEYFRAME)
  expect(
    depacketized('VP8', [0x90, 0xe0, 0x80, 0x11, 0x07, 0x00, ...KEYFRAME], [0x80, 0xe0, 0x80, 0x11, 0x07, 0x00, 1, 2]),
  ).toEqual([...KEYFRAME, 1, 2])
  expect(depacketized('VP8', [0x90, 0x80, 0x11, 0x11, 5], [0x00, 6])).toEqual([0x11, 5, 6])
})

it('goes on over the starts of further partitions', () => {
  expect(depacketized('VP8', [0x10, 0x11, 1], [0x11, 2], [0x01, 3], [0x12, 4])).toEqual([0x11, 1, 2, 3, 4])
})

it('is malformed without its beginning, with two of them, or where a descriptor is cut off', () => {
  expect(depacketized('VP8', [0x00, 1])).toBeUndefined()
  expect(depacketized('VP8', [0x11, 1])).toBeUndefined()
  expect(depacketized('VP8', [0x10, 1], [0x10, 2])).toBeUndefined()
  expect(depacketized('VP8', [0x10, 1], [0x80, 0xe0, 0x80])).toBeUndefined()
  expect(depacketized('VP8', [0x10])).toBeUndefined()
  expect(depacketized('VP8', [0x10, 1], [])).toBeUndefined()
  expect(depacketized('VP8')).toBeUndefined()
})

it('has no more bytes than it may', () => {
  const depacketizer = createDepacketizer(codecOf('VP8'), 4)
  expect(depacketized(depacketizer, [0x10, 1, 2], [0x00, 3, 4])).toEqual([1, 2, 3, 4])
  expect(depacketized(depacketizer, [0x10, 1, 2], [0x00, 3, 4, 5])).toBeUndefined()
})
