import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compressBlock, initialState } from '../../../../src/transport/srtp/sha1-block.js'

/** SHA-1 of whole words, with the padding of FIPS 180-4, section 5.1.1. */
function sha1(message: Buffer): string {
  const padded = Buffer.alloc(Math.ceil((message.length + 9) / 64) * 64)
  message.copy(padded)
  padded[message.length] = 0x80
  padded.writeUInt32BE(message.length * 8, padded.length - 4)
  const state = initialState()
  for (let at = 0; at < padded.length; at += 64) {
    compressBlock(
      Int32Array.from({ length: 16 }, (_, i) => padded.readInt32BE(at + 4 * i)),
      state,
      state,
    )
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

test('the example of FIPS 180-4: one block', () => {
  expect(sha1(Buffer.from('abc'))).toBe('a9993e364706816aba3e25717850c26c9cd0d89d')
})

test('hashes of any message agree with node:crypto', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
      expect(sha1(Buffer.from(message))).toBe(createHash('sha1').update(message).digest('hex'))
    }),
  )
})
