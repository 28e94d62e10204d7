import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Vp8Descriptor } from '../../../../src/media/codecs/vp8.js'
import { Vp8Packetizer } from '../../../../src/media/payload/vp8-packetizer.js'
import { vp8Data } from './reassembly.js'

function packetize(bytes: readonly number[], limit: number, packetizer = new Vp8Packetizer()): number[][] {
  return packetizer.packetize(Uint8Array.from(bytes), true, limit).map((payload) => [...payload])
}

it.each([
  ['a frame that fits', [1, 2, 3], 7, [[0x90, 0x80, 0x80, 0, 1, 2, 3]]],
  [
    'a frame in two halves rather than with a stub',
    [1, 2, 3, 4],
    7,
    [
      [0x90, 0x80, 0x80, 0, 1, 2],
      [0x80, 0x80, 0x80, 0, 3, 4],
    ],
  ],
  [
    'room for a byte',
    [1, 2],
    5,
    [
      [0x90, 0x80, 0x80, 0, 1],
      [0x80, 0x80, 0x80, 0, 2],
    ],
  ],
  ['no room', [1, 2], 4, []],
  ['nothing', [], 1200, []],
] as const)('packetizes %s', (_, frame, limit, expected) => {
  expect(packetize(frame, limit)).toEqual(expected)
})

it('numbers its frames in 15 bits, but none that cannot be sent', () => {
  const packetizer = new Vp8Packetizer()
  const descriptor = new Vp8Descriptor()
  for (let i = 0; i < 0x8003; i++) {
    if (i % 1000 === 0) expect(packetize([1, 2], 4, packetizer)).toEqual([])
    for (const payload of packetizer.packetize(Uint8Array.of(1, 2), false, 5)) {
      descriptor.parse(payload, 0, payload.length)
      if (descriptor.pictureId !== i % 0x8000) expect(descriptor.pictureId).toBe(i % 0x8000)
    }
  }
  expect(descriptor).toMatchObject({ hasPictureId: true, pictureIdBits: 15, pictureId: 2, hasTl0PicIdx: false })
})

it('keeps any frame within the limit, and whole', () => {
  const packetizer = new Vp8Packetizer()
  let id = 0
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 5, max: 200 }), (frame, limit) => {
      const payloads = packetizer.packetize(frame, false, limit)
      const parts = payloads.map(vp8Data)
      expect(Buffer.concat(parts.map(({ data }) => data))).toEqual(Buffer.from(frame))
      expect(parts.map(({ start }) => start)).toEqual(parts.map((_, i) => i === 0))
      expect(new Set(parts.map((part) => part.id))).toEqual(new Set([id++ % 0x8000]))
      const lengths = payloads.map(({ length }) => length)
      expect(Math.max(...lengths)).toBeLessThanOrEqual(limit)
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
      expect(payloads).toHaveLength(Math.ceil(frame.length / (limit - 4)))
    }),
  )
})
