import fc from 'fast-check'
import { expect, it } from 'vitest'
import { annexBUnits } from '../../../../src/media/payload/annex-b.js'

function units(...bytes: readonly number[]): number[][] {
  return annexBUnits(Uint8Array.from(bytes)).map((unit) => [...unit])
}

it.each([
  ['start codes of four bytes', [0, 0, 0, 1, 7, 8, 0, 0, 0, 1, 9], [[7, 8], [9]]],
  ['start codes of three bytes', [0, 0, 1, 7, 8, 0, 0, 1, 9], [[7, 8], [9]]],
  ['zeros around them', [0, 0, 0, 0, 0, 1, 7, 0, 0, 0, 0, 0, 1, 9, 0, 0], [[7], [9]]],
  ['what is before the first one', [5, 6, 0, 0, 1, 7], [[7]]],
  ['empty units', [0, 0, 1, 0, 0, 1, 0, 0, 1, 7, 0, 0, 1], [[7]]],
  ['escaped bytes', [0, 0, 1, 7, 0, 0, 3, 1, 0, 1], [[7, 0, 0, 3, 1, 0, 1]]],
  ['ones within', [0, 0, 1, 1, 0, 1, 1, 0, 0, 2, 1], [[1, 0, 1, 1, 0, 0, 2, 1]]],
  ['no start code', [1, 2, 3, 0, 0], []],
  ['half a start code', [0, 0], []],
  ['nothing', [], []],
] as const)('knows %s', (_, bytes, expected) => {
  expect(units(...bytes)).toEqual(expected)
})

it('finds every unit of any length', () => {
  const unit = fc.array(fc.oneof(fc.nat(3), fc.nat(255)), { minLength: 1, maxLength: 12 }).map((bytes) => {
    // Neither a start code within, nor a zero at the end.
    const escaped: number[] = []
    for (const byte of bytes) {
      if (byte <= 3 && escaped.at(-1) === 0 && escaped.at(-2) === 0) escaped.push(3)
      escaped.push(byte)
    }
    return [...escaped, 0x80]
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 2, max: 6 }), unit)), (list) => {
      const bytes = list.flatMap(([zeros, content]) => [...new Array<number>(zeros).fill(0), 1, ...content])
      expect(units(...bytes)).toEqual(list.map(([, content]) => content))
    }),
    { numRuns: 500 },
  )
})

it('copies nothing', () => {
  const frame = Uint8Array.of(0, 0, 1, 7, 8)
  expect(annexBUnits(frame)[0]?.buffer).toBe(frame.buffer)
})

it('is through with a megabyte of start codes at once', () => {
  const frame = new Uint8Array(1_000_000).map((_, i) => (i % 4 === 2 ? 1 : i % 4 === 3 ? 0x65 : 0))
  expect(annexBUnits(frame)).toHaveLength(250_000)
})
