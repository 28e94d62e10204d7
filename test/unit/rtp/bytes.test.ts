import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readUint16, readUint24, readUint32, writeUint16, writeUint24, writeUint32 } from '../../../src/rtp/bytes.js'

describe('network byte order', () => {
  it('reads what Buffer writes', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xff_ffff), fc.integer({ min: 0, max: 0xffff_ffff }), (a, b, c) => {
        const buffer = Buffer.alloc(9)
        buffer.writeUInt16BE(a, 0)
        buffer.writeUIntBE(b, 2, 3)
        buffer.writeUInt32BE(c, 5)
        expect([readUint16(buffer, 0), readUint24(buffer, 2), readUint32(buffer, 5)]).toEqual([a, b, c])
      }),
    )
  })

  it('writes what Buffer reads, and returns the offset behind it', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xff_ffff), fc.integer({ min: 0, max: 0xffff_ffff }), (a, b, c) => {
        const buffer = Buffer.alloc(9)
        expect(writeUint32(buffer, writeUint24(buffer, writeUint16(buffer, 0, a), b), c)).toBe(9)
        expect([buffer.readUInt16BE(0), buffer.readUIntBE(2, 3), buffer.readUInt32BE(5)]).toEqual([a, b, c])
      }),
    )
  })

  it('keeps the low bits of numbers that are too large', () => {
    const buffer = Buffer.alloc(9)
    writeUint16(buffer, 0, 0x5_1234)
    writeUint24(buffer, 2, -1)
    writeUint32(buffer, 5, 0x7_8765_4321)
    expect(buffer.toString('hex')).toBe('1234ffffff87654321')
  })
})
