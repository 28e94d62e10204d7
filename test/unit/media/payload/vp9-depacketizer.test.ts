import { expect, it } from 'vitest'
import { depacketized } from './depacketized.js'

// Flags of the descriptor.
const P = 0x40
const L = 0x20
const B = 0x08
const E = 0x04

/** Layer ids in the non-flexible mode: SID, D, and a TL0PICIDX. */
const layer = (spatialId: number): number[] => [(spatialId << 1) | (spatialId > 0 ? 1 : 0), 0x55]

it('of one layer stays as it is', () => {
  expect(depacketized('VP9', [B | E, 0x82, 0x49])).toEqual([0x82, 0x49])
  expect(
    depacketized('VP9', [0x80 | P | B, 0x81, 0x23, 0x86, 1], [0x80 | P, 0x81, 0x23, 2], [0x80 | P | E, 0x81, 0x23, 3]),
  ).toEqual([0x86, 1, 2, 3])
})

it('of several layers is a superframe with its index', () => {
  expect(
    depacketized(
      'VP9',
      [L | B, ...layer(0), 0x82, 1],
      [L | E, ...layer(0), 2],
      [L | B | E, ...layer(1), 0x86, 3],
      [L | B | E, ...layer(2), 0x86],
    ),
  ).toEqual([0x82, 1, 2, 0x86, 3, 0x86, 0xc2, 3, 2, 1, 0xc2])
})

it('has sizes in the index that are as wide as the largest needs', () => {
  const big = new Array<number>(0x1234).fill(7)
  const frame = depacketized('VP9', [L | B, ...layer(0), ...big], [L | E, ...layer(0), 1], [L | B | E, ...layer(1), 9])
  expect(frame?.slice(0x1235)).toEqual([9, 0xc9, 0x35, 0x12, 1, 0, 0xc9])
  const bigger = new Array<number>(0x1_0000).fill(7)
  expect(
    depacketized('VP9', [L | B | E, ...layer(0), ...bigger], [L | B | E, ...layer(1), 9])?.slice(0x1_0000),
  ).toEqual([9, 0xd1, 0, 0, 1, 1, 0, 0, 0xd1])
})

it('is put together without E, which some senders do not set', () => {
  expect(depacketized('VP9', [B, 1], [0, 2])).toEqual([1, 2])
  expect(depacketized('VP9', [L | B, ...layer(0), 1], [L | B, ...layer(1), 2])).toEqual([1, 2, 0xc1, 1, 1, 0xc1])
})

it('is malformed where a layer lacks its beginning, and where a descriptor is cut off', () => {
  expect(depacketized('VP9', [0, 1])).toBeUndefined()
  expect(depacketized('VP9', [B | E, 1], [0, 2])).toBeUndefined()
  expect(depacketized('VP9', [L | B | E, ...layer(0), 1], [L, ...layer(1), 2])).toBeUndefined()
  expect(depacketized('VP9', [B | E])).toBeUndefined()
  expect(depacketized('VP9', [B, 1], [])).toBeUndefined()
  expect(depacketized('VP9')).toBeUndefined()
})

it('has at most eight layers', () => {
  const layers = Array.from({ length: 9 }, () => [B | E, 1])
  expect(depacketized('VP9', ...layers.slice(1))?.length).toBe(8 + 10)
  expect(depacketized('VP9', ...layers)).toBeUndefined()
})
