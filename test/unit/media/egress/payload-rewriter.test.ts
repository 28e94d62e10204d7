import { expect, test } from 'vitest'
import { PayloadRewriter } from '../../../../src/media/egress/payload-rewriter.js'
import { PacketReading } from '../../../../src/media/packet-reading.js'
import type { StoredPacket } from '../../../../src/media/types.js'
import type { Codec, CodecName } from '../../../../src/rtp/types.js'

const HEADER = Buffer.from([0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1])
let extSeq = 0

function stored(name: CodecName, payload: number[]): StoredPacket {
  const codec: Codec = { name, kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
  // Away from the beginning, as in a history.
  const bytes = Buffer.concat([Buffer.alloc(5), HEADER, Buffer.from(payload)])
  const where = { bytes, start: 5, length: bytes.length - 5, headerLength: 12 }
  return { ...where, extSeq: extSeq++, timestamp: 0, marker: false, codec, keyframe: true, arrivalMs: 0 }
}

function rewrite(rewriter: PayloadRewriter, packet: StoredPacket, begin = false, newest = true): string {
  const reading = new PacketReading()
  reading.read(packet)
  if (begin) rewriter.begin(reading)
  const out = Buffer.concat([Buffer.alloc(40), reading.payload])
  rewriter.rewrite(reading, out, 40 - packet.start - packet.headerLength, newest)
  return out.toString('hex', 40)
}

const vp8 = (pictureId: number, tl0: number): number[] => [
  0x90,
  0xe0,
  0x80 | (pictureId >> 8),
  pictureId & 0xff,
  tl0,
  0,
  0x10,
]
const vp8Short = (pictureId: number): number[] => [0x90, 0x80, pictureId, 0x10]
const vp9 = (pictureId: number, tl0: number): number[] => [
  0xa8,
  0x80 | (pictureId >> 8),
  pictureId & 0xff,
  0,
  tl0,
  0x82,
]

test('VP8: picture id and TL0PICIDX go on through a change', () => {
  const rewriter = new PayloadRewriter()
  expect(rewrite(rewriter, stored('VP8', vp8(0x7ffe, 254)), true)).toBe('90e0fffefe0010')
  expect(rewrite(rewriter, stored('VP8', vp8(0x7fff, 255)))).toBe('90e0ffffff0010')
  expect(rewrite(rewriter, stored('VP8', vp8(1000, 9)), true)).toBe('90e08000000010')
  expect(rewrite(rewriter, stored('VP8', vp8(1001, 10)))).toBe('90e08001010010')
})

test('VP8: a straggler gets the number it would have had, and does not move the count', () => {
  const rewriter = new PayloadRewriter()
  rewrite(rewriter, stored('VP8', vp8(10, 1)), true)
  rewrite(rewriter, stored('VP8', vp8(12, 3)))
  expect(rewrite(rewriter, stored('VP8', vp8(11, 2)), false, false)).toBe('90e0800b020010')
  expect(rewrite(rewriter, stored('VP8', vp8(500, 0)), true)).toBe('90e0800d040010')
})

test('VP8: short picture ids wrap at 128', () => {
  const rewriter = new PayloadRewriter()
  expect(rewrite(rewriter, stored('VP8', vp8Short(127)), true)).toBe('90807f10')
  expect(rewrite(rewriter, stored('VP8', vp8Short(5)), true)).toBe('90800010')
  expect(rewrite(rewriter, stored('VP8', vp8Short(6)))).toBe('90800110')
})

test('VP9: picture id and TL0PICIDX go on through a change', () => {
  const rewriter = new PayloadRewriter()
  expect(rewrite(rewriter, stored('VP9', vp9(77, 3)), true)).toBe('a8804d000382')
  expect(rewrite(rewriter, stored('VP9', vp9(9, 200)), true)).toBe('a8804e000482')
})

test('VP9: each counter wraps by itself', () => {
  const rewriter = new PayloadRewriter()
  expect(rewrite(rewriter, stored('VP9', vp9(0x7fff, 255)), true)).toContain('ffff00ff')
  expect(rewrite(rewriter, stored('VP9', vp9(9, 200)), true)).toContain('80000000')
  expect(rewrite(rewriter, stored('VP9', vp9(10, 201)))).toContain('80010001')
})

test('other codecs, and descriptors that cannot be read, are left alone', () => {
  const rewriter = new PayloadRewriter()
  expect(rewrite(rewriter, stored('H264', [0x65, 1, 2]), true)).toBe('650102')
  expect(rewrite(rewriter, stored('VP8', [0x90, 0xe0, 0xff]), true)).toBe('90e0ff')
})
