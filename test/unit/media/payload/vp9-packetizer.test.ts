import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Vp9Descriptor } from '../../../../src/media/codecs/vp9.js'
import { readVp9FrameSize } from '../../../../src/media/codecs/vp9-frame-size.js'
import { Vp9Packetizer } from '../../../../src/media/payload/vp9-packetizer.js'
import { vp9Data } from './reassembly.js'
import { superframe, vp9Interframe, vp9Keyframe } from './vp9-frames.js'

const I = 0x80
const P = 0x40
const B = 0x08
const E = 0x04
const V = 0x02
const Z = 0x01

function packetize(bytes: readonly number[], keyframe: boolean, limit: number): number[][] {
  return new Vp9Packetizer().packetize(Uint8Array.from(bytes), keyframe, limit).map((payload) => [...payload])
}

it.each([
  ['a frame that fits', [0x86, 1, 2], false, 6, [[I | P | B | E | Z, 0x80, 0, 0x86, 1, 2]]],
  [
    'a frame in three',
    [0x86, 1, 2, 3, 4],
    false,
    5,
    [
      [I | P | B | Z, 0x80, 0, 0x86],
      [I | P | Z, 0x80, 0, 1, 2],
      [I | P | E | Z, 0x80, 0, 3, 4],
    ],
  ],
  ['a keyframe that does not say its size', [0x86, 1], true, 5, [[I | B | E | Z, 0x80, 0, 0x86, 1]]],
  ['no room', [0x86], false, 3, []],
  ['nothing', [], false, 1200, []],
] as const)('packetizes %s', (_, frame, keyframe, limit, expected) => {
  expect(packetize(frame, keyframe, limit)).toEqual(expected)
})

it('states the size of a keyframe in its first packet', () => {
  const frame = vp9Keyframe(640, 360)
  const half = frame.length / 2
  const structure = [0x10, 0x02, 0x80, 0x01, 0x68]
  expect(packetize(frame, true, half + 8)).toEqual([
    [I | B | V | Z, 0x80, 0, ...structure, ...frame.slice(0, half)],
    [I | E | Z, 0x80, 0, ...frame.slice(half)],
  ])
})

it('states no size that its structure has no room for', () => {
  const frame = vp9Keyframe(65_536, 360)
  expect(packetize(frame, true, 100)).toEqual([[I | B | E | Z, 0x80, 0, ...frame]])
})

it('takes a superframe for one picture, of the size of its largest frame', () => {
  const frame = superframe([vp9Keyframe(320, 180), vp9Interframe(640, 360)])
  const [payload, ...others] = packetize(frame, true, 100)
  expect(others).toEqual([])
  expect(readVp9FrameSize(Uint8Array.from(payload!), 0, payload!.length)).toEqual({ width: 640, height: 360 })
  expect([...vp9Data(Uint8Array.from(payload!)).data]).toEqual(frame)
})

it('numbers its pictures in 15 bits', () => {
  const packetizer = new Vp9Packetizer()
  const descriptor = new Vp9Descriptor()
  for (let i = 0; i < 0x8002; i++) {
    for (const payload of packetizer.packetize(Uint8Array.of(0x86, 2), false, 4)) {
      descriptor.parse(payload, 0, payload.length)
      if (descriptor.pictureId !== i % 0x8000) expect(descriptor.pictureId).toBe(i % 0x8000)
    }
  }
  expect(descriptor).toMatchObject({ hasPictureId: true, pictureIdBits: 15, pictureId: 1, hasLayerIds: false })
})

it('keeps any frame within the limit, and whole', () => {
  const anyFrame = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
    fc.tuple(fc.integer({ min: 1, max: 65_536 }), fc.nat(200)).map(([side, rest]) => {
      return Uint8Array.from([...vp9Keyframe(side, 65_537 - side), ...new Array<number>(rest).fill(7)])
    }),
  )
  fc.assert(
    fc.property(anyFrame, fc.boolean(), fc.integer({ min: 9, max: 200 }), (frame, keyframe, limit) => {
      const payloads = new Vp9Packetizer().packetize(frame, keyframe, limit)
      expect(Math.max(...payloads.map(({ length }) => length))).toBeLessThanOrEqual(limit)
      const parts = payloads.map(vp9Data)
      expect(Buffer.concat(parts.map(({ data }) => data))).toEqual(Buffer.from(frame))
      for (const [i, { flags, size }] of parts.entries()) {
        const isFirst = i === 0
        expect(flags & (P | B | E)).toBe((keyframe ? 0 : P) | (isFirst ? B : 0) | (i === parts.length - 1 ? E : 0))
        if (!isFirst || !keyframe) expect(size).toBeUndefined()
      }
    }),
  )
})
