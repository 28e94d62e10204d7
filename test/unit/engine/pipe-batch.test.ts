import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PipeBatchReader, PipeBatchWriter } from '../../../src/engine/pipe-batch.js'

const entry = fc.record({
  track: fc.nat(255),
  layer: fc.nat(255),
  codecIndex: fc.nat(65_535),
  extSeq: fc.nat(Number.MAX_SAFE_INTEGER),
  ageMs: fc.nat(65_535),
  packet: fc.uint8Array({ maxLength: 1500 }),
})

describe('a batch of packets', () => {
  it('is read as it was written, and the writer begins anew', () => {
    const writer = new PipeBatchWriter()
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
        expect(writer.empty).toBe(true)
        for (const { track, layer, codecIndex, extSeq, ageMs, packet } of entries) {
          // A packet is anywhere in a larger buffer.
          const source = Buffer.concat([Buffer.from('xx'), packet, Buffer.from('yyy')])
          writer.add(track, layer, codecIndex, extSeq, source, 2, packet.length, ageMs)
        }
        const reader = new PipeBatchReader(writer.take())
        for (const expected of entries) {
          expect(reader.next()).toBe(true)
          const { track, layer, codecIndex, extSeq, ageMs } = reader
          expect({ track, layer, codecIndex, extSeq, ageMs, packet: expected.packet }).toEqual(expected)
          expect(reader.buffer.subarray(reader.start, reader.end).equals(Buffer.from(expected.packet))).toBe(true)
        }
        expect(reader.next()).toBe(false)
      }),
    )
  })

  it('is harmless when it is cut anywhere', () => {
    const writer = new PipeBatchWriter()
    writer.add(0, 0, 0, 1, Buffer.alloc(100), 0, 100)
    writer.add(0, 0, 0, 2, Buffer.alloc(50), 0, 50)
    const whole = writer.take()
    for (let length = 0; length <= whole.byteLength; length++) {
      const reader = new PipeBatchReader(whole.slice(0, length))
      while (reader.next()) expect(reader.end).toBeLessThanOrEqual(length)
    }
  })
})
