import fc from 'fast-check'
import { expect, test } from 'vitest'
import { primaryBlockOffset, setBlockPayloadTypes } from '../../../src/rtp/red.js'

/** A payload as RFC 2198 has it: redundant blocks with their age in clock ticks, the primary block last. */
function red(
  payloadType: number,
  redundant: readonly { age: number; data: Uint8Array }[],
  primary: Uint8Array,
): Buffer {
  const headers = redundant.map(({ age, data: { length } }) => [
    0x80 | payloadType,
    age >> 6,
    ((age & 0x3f) << 2) | (length >> 8),
    length & 0xff,
  ])
  return Buffer.concat([Buffer.from([...headers.flat(), payloadType]), ...redundant.map(({ data }) => data), primary])
}

test('the primary block is what follows all others', () => {
  const primary = Buffer.from([7, 8, 9])
  const payload = red(
    111,
    [
      { age: 960, data: Buffer.alloc(300, 1) },
      { age: 480, data: Buffer.alloc(0) },
    ],
    primary,
  )
  const offset = primaryBlockOffset(payload, 0, payload.length, 111)
  expect(payload.subarray(offset)).toEqual(primary)
  const alone = red(111, [], primary)
  expect(primaryBlockOffset(alone, 0, alone.length, 111)).toBe(1)
})

test('an empty primary block is none, and neither is one of another payload type', () => {
  const data = Buffer.from([1, 2])
  const empty = red(111, [{ age: 960, data }], Buffer.alloc(0))
  expect(primaryBlockOffset(empty, 0, empty.length, 111)).toBe(-1)
  const other = red(110, [{ age: 960, data }], data)
  expect(primaryBlockOffset(other, 0, other.length, 111)).toBe(-1)
  const mixed = red(111, [{ age: 960, data }], data)
  mixed[4] = 13
  expect(primaryBlockOffset(mixed, 0, mixed.length, 111)).toBe(-1)
})

const bytes = (maxLength: number) => fc.uint8Array({ maxLength })

test('whatever is in it, what goes in comes out, wherever the payload lies, and payload types are exchanged', () => {
  const blocks = fc.array(fc.record({ age: fc.nat(0x3fff), data: bytes(0x3ff) }), { maxLength: 5 })
  fc.assert(
    fc.property(blocks, fc.uint8Array({ minLength: 1, maxLength: 500 }), fc.nat(20), (redundant, primary, at) => {
      const buffer = Buffer.concat([Buffer.alloc(at, 0xff), red(111, redundant, primary), Buffer.alloc(9, 0xff)])
      const end = buffer.length - 9
      const offset = primaryBlockOffset(buffer, at, end, 111)
      expect([...buffer.subarray(offset, end)]).toEqual([...primary])
      setBlockPayloadTypes(buffer, at, end, 96)
      expect(buffer.subarray(at, end)).toEqual(red(96, redundant, primary))
      expect(primaryBlockOffset(buffer, at, end, 96)).toBe(offset)
    }),
  )
})

test('whatever comes, nothing outside of the payload is read as part of it, or written', () => {
  fc.assert(
    fc.property(bytes(40), fc.nat(127), (payload, payloadType) => {
      const buffer = Buffer.concat([Buffer.alloc(8, 0xff), payload, Buffer.alloc(8, payloadType)])
      const end = 8 + payload.length
      const offset = primaryBlockOffset(buffer, 8, end, payloadType)
      expect(offset === -1 || (offset > 8 && offset < end)).toBe(true)
      setBlockPayloadTypes(buffer, 8, end, 0)
      expect(buffer.subarray(0, 8)).toEqual(Buffer.alloc(8, 0xff))
      expect(buffer.subarray(end)).toEqual(Buffer.alloc(8, payloadType))
    }),
    { numRuns: 2000 },
  )
})
