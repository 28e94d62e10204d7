/** How long Opus packets sound (RFC 6716, section 3.1). */
import { expect, it } from 'vitest'
import { OPUS_SILENCE, OPUS_SILENCE_MS, opusDurationMs, opusHead } from '../../../src/recording/opus-frame.js'

/** Configuration, frame count code, and for code 3 the count. */
const packet = (config: number, code: number, count = 0): Uint8Array => Uint8Array.of((config << 3) | code, count)

it.each([
  [packet(0, 0), 10],
  [packet(3, 0), 60],
  [packet(12, 0), 10],
  [packet(15, 0), 20],
  [packet(16, 0), 2.5],
  [packet(31, 0), 20],
  [packet(31, 1), 40],
  [packet(30, 2), 20],
  [packet(31, 3, 3), 60],
  [packet(31, 3, 6), 120],
  // Longer than any packet may be.
  [packet(31, 3, 63), 20],
  [packet(31, 3, 0), 20],
  [new Uint8Array(0), 20],
])('%s lasts %d ms', (bytes, ms) => {
  expect(opusDurationMs(bytes)).toBe(ms)
})

it('has silence of its length, and a header of two channels', () => {
  expect(opusDurationMs(OPUS_SILENCE)).toBe(OPUS_SILENCE_MS)
  const head = Buffer.from(opusHead())
  expect([head.toString('latin1', 0, 8), head[8], head[9], head.readUInt32LE(12)]).toEqual(['OpusHead', 1, 2, 48_000])
})
