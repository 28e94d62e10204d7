import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { applyKeystream, KeystreamBytes } from '../../../../src/transport/srtp/apply-keystream.js'

it('gives the same wherever packet and keystream lie, and touches nothing else', () => {
  const bytes = randomBytes(512)
  const memory = new ArrayBuffer(1024)
  for (const keystreamAt of [0, 1, 2]) {
    const keystream = new KeystreamBytes(Buffer.from(memory, keystreamAt, 300))
    keystream.bytes.set(bytes.subarray(0, 300))
    for (const byteOffset of [0, 3, 512]) {
      for (let start = 0; start < 8; start++) {
        for (const length of [0, 1, 3, 4, 15, 16, 17, 64, 67, 200]) {
          for (const offset of [0, 16, 96]) {
            const buffer = Buffer.from(new ArrayBuffer(1025), byteOffset, 300)
            bytes.copy(buffer)
            applyKeystream(keystream, offset, buffer, start, length)
            const expected = Buffer.from(bytes.subarray(0, 300))
            for (let i = 0; i < length; i++) expected[start + i]! ^= bytes[offset + i] as number
            expect(buffer.equals(expected)).toBe(true)
          }
        }
      }
    }
  }
})
