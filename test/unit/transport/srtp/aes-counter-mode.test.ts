import { createCipheriv } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AesCounterMode } from '../../../../src/transport/srtp/aes-counter-mode.js'
import { hex, pattern } from './srtp-fixtures.js'

const KEY = hex('2B7E151628AED2A6ABF7158809CF4F3C')
const SALT = hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD')

/** What RFC 3711, section 4.1.1 asks for, by another way: node's own counter mode. */
function reference(key: Buffer, salt: Buffer, ssrc: number, index: number, data: Buffer): Buffer {
  let iv = BigInt(`0x${salt.toString('hex')}`) << 16n
  iv ^= BigInt(ssrc) << 64n
  iv ^= BigInt(index) << 16n
  return createCipheriv('aes-128-ctr', key, hex(iv.toString(16).padStart(32, '0'))).update(data)
}

describe('AES counter mode', () => {
  it('makes the keystream of RFC 3711, appendix B.2', () => {
    const keystream = Buffer.alloc(48)
    new AesCounterMode(KEY, SALT, true).apply(keystream, 0, 48, 0, 0)
    expect(keystream).toEqual(
      hex('E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0'),
    )
  })

  it('agrees with the counter mode of node:crypto for any SSRC, index, length and offset, and touches nothing else', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 14, maxLength: 14 }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.integer({ min: 0, max: 2 ** 48 - 1 }),
        fc.integer({ min: 0, max: 2000 }),
        fc.integer({ min: 0, max: 9 }),
        (keyBytes, saltBytes, ssrc, index, length, offset) => {
          const key = Buffer.from(keyBytes)
          const salt = Buffer.from(saltBytes)
          const before = pattern(offset + length + 5, length)
          const after = Buffer.from(before)
          new AesCounterMode(key, salt, true).apply(after, offset, offset + length, ssrc, index)
          const expected = reference(key, salt, ssrc, index, before.subarray(offset, offset + length))
          expect(after.subarray(offset, offset + length).equals(expected)).toBe(true)
          expect(after.subarray(0, offset)).toEqual(before.subarray(0, offset))
          expect(after.subarray(offset + length)).toEqual(before.subarray(offset + length))
        },
      ),
    )
  })

  it('reaches block counters above 255, up to the largest packet', () => {
    const data = pattern(0xffff, 3)
    const expected = reference(KEY, SALT, 77, 88, data)
    new AesCounterMode(KEY, SALT, true).apply(data, 0, data.length, 77, 88)
    expect(data.equals(expected)).toBe(true)
  })

  it('keeps two keys apart that take turns', () => {
    const one = new AesCounterMode(KEY, SALT, true)
    const two = new AesCounterMode(pattern(16, 9), pattern(14, 9), true)
    const data = pattern(200, 1)
    const first = Buffer.from(data)
    one.apply(first, 0, 200, 1, 1)
    two.apply(Buffer.from(data), 0, 100, 2, 2)
    one.apply(first, 0, 200, 1, 1)
    expect(first).toEqual(data)
  })

  it('is right for streams that go on, change size, skip, repeat and take turns', () => {
    const step = fc.record({
      ssrc: fc.integer({ min: 1, max: 6 }),
      // Mostly the next one; else a gap, a late packet, or one that is sent again.
      move: fc.oneof(
        { weight: 8, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.integer({ min: -20, max: 20 }) },
      ),
      length: fc.oneof(fc.constant(1100), fc.integer({ min: 0, max: 1300 }), fc.integer({ min: 1, max: 9000 })),
      offset: fc.integer({ min: 0, max: 9 }),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), fc.boolean(), (steps, isDense) => {
        const mode = new AesCounterMode(KEY, SALT, isDense)
        const indexes = new Map<number, number>()
        for (const { ssrc, move, length, offset } of steps) {
          const index = Math.max(0, (indexes.get(ssrc) ?? 0xfffa) + move)
          indexes.set(ssrc, index)
          const data = pattern(offset + length, index & 0xff)
          const expected = reference(KEY, SALT, ssrc, index, data.subarray(offset))
          mode.apply(data, offset, offset + length, ssrc, index)
          expect(data.subarray(offset).equals(expected), `SSRC ${ssrc}, index ${index}, ${length} bytes`).toBe(true)
        }
      }),
    )
  })
})
