import { expect, it } from 'vitest'
import type { NativeLibrary } from '../../../../src/transport/native/koffi-library.js'
import { NativeMemory } from '../../../../src/transport/native/native-memory.js'

const library = { addressOf: () => 1_000_000 } as unknown as NativeLibrary

it('tells addresses of what lies within, to the last byte', () => {
  const memory = new NativeMemory(library, 100)
  expect(memory.at(0, 100)).toBe(1_000_000)
  expect(memory.at(40, 60)).toBe(1_000_040)
  expect(memory.at(100, 0)).toBe(1_000_100)
  expect(memory.buffer.equals(Buffer.alloc(100))).toBe(true)
})

it.each([
  [-1, 1],
  [0, 101],
  [99, 2],
  [0, -1],
  [Number.NaN, 1],
  [1, Number.NaN],
  [0.5, 1],
  [Number.POSITIVE_INFINITY, 1],
  [101, 0],
])('%d and %d bytes are refused', (offset, length) => {
  expect(() => new NativeMemory(library, 100).at(offset, length)).toThrow(
    expect.objectContaining({ code: 'internal-error' }),
  )
})

it('writes addresses beyond 32 bits as the machine has them', () => {
  const memory = new NativeMemory(library, 8)
  memory.writeAddress(0, 0x7fff_1234_5678)
  expect(memory.buffer.readBigUInt64LE()).toBe(0x7fff_1234_5678n)
})
