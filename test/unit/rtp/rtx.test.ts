import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RtpPacket, unwrapRtx, wrapRtx } from 'werift'
import { RtpHeader } from '../../../src/rtp/rtp-header.js'
import { readOriginalSeq, restoreOriginal, writeOriginalSeq } from '../../../src/rtp/rtx.js'
import { SyntheticStream } from '../../../src/testing/synthetic-video.js'

const header = new RtpHeader()

const original = fc.record({
  seq: fc.nat(0xffff),
  marker: fc.boolean(),
  payload: fc.uint8Array({ minLength: 1, maxLength: 50 }),
  padding: fc.nat(8),
  elements: fc.array(
    fc.record({ id: fc.integer({ min: 1, max: 14 }), data: fc.uint8Array({ minLength: 1, maxLength: 16 }) }),
    { maxLength: 3 },
  ),
})

test('a packet that werift has wrapped is restored in place, byte by byte', () => {
  fc.assert(
    fc.property(original, ({ seq, marker, payload, padding, elements }) => {
      const made = new SyntheticStream({ ssrc: 0x1234_5678, payloadType: 96, seq, timestamp: 99, elements }, 90_000)
      const plain = made.packet(payload, marker)
      const wrapped = wrapRtx(RtpPacket.deSerialize(plain), 97, 4321, 0xabcd_ef01).serialize()
      const padded = Buffer.concat([wrapped, Buffer.alloc(padding, padding)])
      if (padding > 0) padded[0] = (padded[0] as number) | 0x20
      const buffer = Buffer.concat([Buffer.alloc(3, 0xa5), padded])
      expect(header.parse(buffer, 3, buffer.length)).toBe(true)
      const end = buffer.length - header.parsePadding(buffer, 3, buffer.length)
      expect(readOriginalSeq(buffer, 3 + header.headerLength, end)).toBe(seq)
      const start = restoreOriginal(buffer, 3, header.headerLength, 96, 0x1234_5678)
      const restored = Buffer.from(buffer.subarray(start, end))
      if (padding > 0) restored[0] = (restored[0] as number) & ~0x20
      expect(restored).toEqual(plain)
    }),
  )
})

test('there is no original number in less than two bytes of payload', () => {
  const buffer = Buffer.from([1, 2, 3, 4])
  expect(readOriginalSeq(buffer, 4, 4)).toBe(-1)
  expect(readOriginalSeq(buffer, 3, 4)).toBe(-1)
  expect(readOriginalSeq(buffer, 2, 4)).toBe(0x0304)
})

test('the number that is written is the one that werift reads', () => {
  const made = new SyntheticStream({ ssrc: 5, payloadType: 97, seq: 1 }, 90_000)
  const payload = Buffer.from([0, 0, 7, 8, 9])
  expect(writeOriginalSeq(payload, 0, 0x1_fffe)).toBe(2)
  const read = unwrapRtx(RtpPacket.deSerialize(made.packet(payload, true)), 96, 6)
  expect([read.header.sequenceNumber, read.header.payloadType, read.header.ssrc]).toEqual([0xfffe, 96, 6])
  expect([...read.payload]).toEqual([7, 8, 9])
})
