import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BitReader } from '../../../../src/media/codecs/bit-reader.js'
import { guarded } from '../../rtp/guarded-bytes.js'
import { BitWriter } from './bit-writer.js'

function reader(...bytes: number[]): BitReader {
  const { buffer, start, end } = guarded(Buffer.from(bytes))
  const bits = new BitReader()
  bits.reset(buffer, start, end)
  return bits
}

describe('exponential Golomb codes', () => {
  it('are the ones of the standard', () => {
    // ITU-T H.264, tables 9-2 and 9-3.
    const bits = reader(0b1_010_011_0, 0b0100_0010, 0b1_00110_00, 0b111_0001_0, 0b00_000000)
    expect(Array.from({ length: 8 }, () => bits.unsignedExpGolomb())).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    const signed = reader(0b1_010_011_0, 0b0100_0010, 0b1_00000_00)
    expect(Array.from({ length: 5 }, () => signed.signedExpGolomb())).toEqual([0, 1, -1, 2, -2])
  })

  it('are read as they were written, up to the longest', () => {
    const numbers = fc.array(fc.oneof(fc.nat(20), fc.integer({ min: 0, max: 2 ** 31 - 2 })), { maxLength: 20 })
    fc.assert(
      fc.property(numbers, (values) => {
        const out = new BitWriter()
        for (const value of values) {
          out.unsignedExpGolomb(value)
          out.signedExpGolomb(value)
          out.signedExpGolomb(-value)
        }
        const bits = reader(...out.bytes())
        for (const value of values) {
          expect(bits.unsignedExpGolomb()).toBe(value)
          expect(bits.signedExpGolomb()).toBe(value)
          expect(bits.signedExpGolomb()).toBe(0 - value)
        }
        expect(bits.failed).toBe(false)
      }),
    )
    expect(reader(0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe).unsignedExpGolomb()).toBe(2 ** 32 - 2)
  })

  it('fail where they are cut off or too long', () => {
    for (const bytes of [[], [0], [0, 0, 0, 1, 0xff, 0xff, 0xff], [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff]]) {
      const bits = reader(...bytes)
      expect(bits.unsignedExpGolomb()).toBe(0)
      expect(bits.failed).toBe(true)
    }
  })
})

describe('skip', () => {
  it('passes over bits, and fails beyond the end', () => {
    const bits = reader(0x00, 0x3c)
    bits.skip(10)
    expect(bits.bits(6)).toBe(0x3c)
    expect(bits.failed).toBe(false)
    bits.skip(0)
    expect(bits.failed).toBe(false)
    bits.skip(1)
    expect(bits.failed).toBe(true)
    expect(bits.bits(3)).toBe(0)
  })
})
