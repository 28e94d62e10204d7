import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HmacSha1Tag, TAG_BYTES } from '../../../../src/transport/srtp/hmac-sha1-tag.js'
import { pattern } from './srtp-fixtures.js'

const KEY = pattern(20, 4)

describe('HMAC-SHA1-80', () => {
  it('agrees with node:crypto for any key, range and rollover counter', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 0, maxLength: 64 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 0, max: 7 }),
        fc.option(fc.integer({ min: 0, max: 0xffff_ffff }), { nil: -1 }),
        (key, data, offset, roc) => {
          const buffer = Buffer.concat([Buffer.alloc(offset), data, Buffer.alloc(TAG_BYTES)])
          const end = offset + data.length
          const tag = new HmacSha1Tag(Buffer.from(key))
          tag.write(buffer, offset, end, roc, end)
          const hmac = createHmac('sha1', key).update(data)
          if (roc >= 0) hmac.update(Uint8Array.of(roc >>> 24, roc >>> 16, roc >>> 8, roc))
          expect(buffer.subarray(end)).toEqual(hmac.digest().subarray(0, TAG_BYTES))
          expect(tag.matches(buffer, offset, end, roc, end)).toBe(true)
        },
      ),
    )
  })

  it('covers the largest packet', () => {
    const data = pattern(0xffff, 1)
    const buffer = Buffer.concat([data, Buffer.alloc(TAG_BYTES)])
    new HmacSha1Tag(KEY).write(buffer, 0, data.length, 5, data.length)
    const expected = createHmac('sha1', KEY)
      .update(data)
      .update(Uint8Array.of(0, 0, 0, 5))
      .digest()
    expect(buffer.subarray(data.length)).toEqual(expected.subarray(0, TAG_BYTES))
  })

  it('does not match when any bit of the tag is wrong', () => {
    const buffer = Buffer.concat([pattern(40, 1), Buffer.alloc(TAG_BYTES)])
    const tag = new HmacSha1Tag(KEY)
    tag.write(buffer, 0, 40, 1, 40)
    for (let bit = 0; bit < 8 * TAG_BYTES; bit++) {
      const changed = Buffer.from(buffer)
      changed[40 + (bit >>> 3)] = (changed[40 + (bit >>> 3)] as number) ^ (1 << (bit & 7))
      expect(tag.matches(changed, 0, 40, 1, 40)).toBe(false)
    }
    expect(tag.matches(buffer, 0, 40, 2, 40)).toBe(false)
  })
})
