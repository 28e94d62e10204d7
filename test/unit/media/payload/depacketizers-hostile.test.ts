import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDepacketizer } from '../../../../src/media/payload/create-depacketizer.js'
import { codecOf } from './depacketized.js'

const MAX_FRAME_BYTES = 200

/** First bytes that lead somewhere. */
const heads: Readonly<Record<string, readonly number[]>> = {
  VP8: [0x10, 0x90, 0x00, 0x80],
  VP9: [0x08, 0x0c, 0x04, 0x28, 0x20, 0xae],
  H264: [0x67, 0x65, 0x41, 0x78, 0x79, 0x7c, 0x7d],
  H265: [0x40, 0x42, 0x44, 0x26, 0x60, 0x62, 0x64],
  AV1: [0x00, 0x10, 0x20, 0x40, 0x50, 0x80, 0x90, 0xc0],
  opus: [0xf8],
  PCMU: [0],
  red: [111, 0x80 | 111],
}

describe.each(['VP8', 'VP9', 'H264', 'H265', 'AV1', 'opus', 'PCMU', 'red'] as const)('%s of random bytes', (name) => {
  const byte = fc.oneof(fc.nat(8), fc.nat(255))
  const payload = fc
    .tuple(fc.oneof(fc.constantFrom(...(heads[name] ?? [])), fc.nat(255)), fc.array(byte, { maxLength: 40 }))
    .map(([first, rest]) => Uint8Array.of(first, ...rest))
  const frames = fc.array(
    fc.array(fc.oneof({ weight: 20, arbitrary: payload }, { weight: 1, arbitrary: fc.constant(new Uint8Array(0)) }), {
      maxLength: 6,
    }),
    { maxLength: 4 },
  )

  it('never throws, is bounded, and depends on the bytes alone', () => {
    fc.assert(
      fc.property(frames, (input) => {
        const depacketizers = [0, 1].map(() => createDepacketizer(codecOf(name), MAX_FRAME_BYTES))
        for (const payloads of input) {
          const [frame, again] = depacketizers.map((depacketizer, index) =>
            // In the midst of other bytes, which must not matter.
            depacketizer.depacketize(payloads.map((bytes) => embedded(bytes, index * 0xff))),
          )
          expect(frame).toEqual(again)
          expect(frame?.length ?? 0).toBeLessThanOrEqual(MAX_FRAME_BYTES)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

function embedded(bytes: Uint8Array, fill: number): Uint8Array {
  const around = new Uint8Array(bytes.length + 20).fill(fill)
  around.set(bytes, 10)
  return around.subarray(10, 10 + bytes.length)
}
