import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { FrameSize } from '../../../../src/media/codecs/frame-size.js'
import { isKeyframeStart } from '../../../../src/media/codecs/keyframe.js'
import { readFrameSize } from '../../../../src/media/codecs/read-frame-size.js'
import type { CodecName } from '../../../../src/rtp/types.js'
import { guarded, truncations } from '../../rtp/guarded-bytes.js'
import {
  AV1_SEQUENCE_HEADERS,
  type Encoded,
  H264_PARAMETER_SETS,
  H265_PARAMETER_SETS,
  H265_PICTURE_PARAMETER_SET,
  H265_VIDEO_PARAMETER_SET,
  VP8_KEYFRAMES,
  VP9_KEYFRAMES,
} from './encoded-sizes.js'
import { type Cropping, type WrittenPoint, writeAv1, writeH264, writeH265 } from './written-headers.js'

type Payload = readonly number[]

const VIDEO: readonly CodecName[] = ['VP8', 'VP9', 'H264', 'H265', 'AV1']

function sizeOf(name: CodecName, payload: Payload): FrameSize | undefined {
  const { buffer, start, end } = guarded(Buffer.from(payload))
  return readFrameSize({ name, kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }, buffer, start, end)
}

function startsKeyframe(name: CodecName, payload: Payload): boolean {
  const codec = { name, kind: 'video', clockRate: 90_000, channels: 1, parameters: {} } as const
  return isKeyframeStart(codec, Buffer.from(payload), 0, payload.length)
}

const bytes = (hex: string): number[] => [...Buffer.from(hex, 'hex')]
const sized = (unit: Payload, ...between: number[]): number[] => [
  unit.length >> 8,
  unit.length & 0xff,
  ...between,
  ...unit,
]

const AUD = [0x09, 0xf0]
const SEI = [0x06, 0x05, 0x01, 0x00, 0x80]
const PPS = [0x68, 0xce, 0x0f, 0xc8]
const IDR = [0x65, 0x88, 0x84, 0x00]

/** The packets that a parameter set of H.264 can come in (RFC 6184, section 5). */
const H264_PACKETS: Record<string, (set: Payload) => Payload> = {
  'a single unit': (set) => set,
  'STAP-A': (set) => [0x78, ...sized(set), ...sized(PPS)],
  'STAP-A behind others': (set) => [0x78, ...sized(AUD), ...sized(SEI), ...sized(set), ...sized(PPS), ...sized(IDR)],
  'STAP-A behind an IDR slice': (set) => [0x78, ...sized(IDR), ...sized(set)],
  'STAP-B': (set) => [0x79, 0, 1, ...sized(set), ...sized(PPS)],
  MTAP16: (set) => [0x7a, 0, 1, ...sized(AUD, 0, 0, 0), ...sized(set, 1, 0, 0)],
  MTAP24: (set) => [0x7b, 0, 1, ...sized(AUD, 0, 0, 0, 0), ...sized(set, 1, 0, 0, 0)],
  'FU-A': (set) => [0x7c, 0x87, ...set.slice(1)],
  'FU-B': (set) => [0x7d, 0x87, 0, 1, ...set.slice(1)],
}

/** The packets that a parameter set of H.265 can come in (RFC 7798, section 4.4). */
const H265_PACKETS: Record<string, (set: Payload) => Payload> = {
  'a single unit': (set) => set,
  'an aggregation packet': (set) => [0x60, 0x01, ...sized(bytes(H265_VIDEO_PARAMETER_SET)), ...sized(set)],
  'an aggregation packet behind a slice': (set) => [0x60, 0x01, ...sized([0x26, 0x01, 0xaf]), ...sized(set)],
  'a fragmentation unit': (set) => [0x62, 0x01, 0xa1, ...set.slice(2)],
}

const DELIMITER = [0x10]
const FRAME = [0x30, 0x10, 0x00, 0x85]
const header = (data: Payload): Payload => [0x08, ...data]

/** The packets that an AV1 sequence header can come in (RTP Payload Format For AV1, section 4.4). */
const AV1_PACKETS: Record<string, (data: Payload) => Payload> = {
  alone: (data) => [0x18, ...header(data)],
  'with a frame': (data) => [0x28, data.length + 1, ...header(data), ...FRAME],
  'behind a temporal delimiter': (data) => [0x38, 1, ...DELIMITER, data.length + 1, ...header(data), ...FRAME],
  'all elements with lengths': (data) => [0x08, data.length + 1, ...header(data), FRAME.length, ...FRAME],
  'with a size of its own': (data) => [0x18, 0x0a, data.length, ...data],
  'with an extension': (data) => [0x18, 0x0c, 0x00, ...data],
  'with an extension and a size': (data) => [0x28, data.length + 3, 0x0e, 0x00, data.length, ...data, ...FRAME],
  'without N': (data) => [0x20, data.length + 1, ...header(data), ...FRAME],
  'with a frame that goes on': (data) => [0x68, data.length + 1, ...header(data), ...FRAME],
}

const VP9_PACKETS: Record<string, (frame: Payload) => Payload> = {
  'no more than a descriptor': (frame) => [0x08, ...frame],
  'a picture id and layers': (frame) => [0xa8, 0x92, 0x34, 0x00, 0x05, ...frame],
  'a structure without sizes': (frame) => [0x0a, 0x00, ...frame],
}

const VP8_PACKETS: Record<string, (frame: Payload) => Payload> = { 'one partition': (frame) => [0x10, ...frame] }

const CODECS = [
  ['H264', H264_PARAMETER_SETS, H264_PACKETS],
  ['H265', H265_PARAMETER_SETS, H265_PACKETS],
  ['AV1', AV1_SEQUENCE_HEADERS, AV1_PACKETS],
  ['VP9', VP9_KEYFRAMES, VP9_PACKETS],
  ['VP8', VP8_KEYFRAMES, VP8_PACKETS],
] as const

describe.each(CODECS)('%s', (name, encoded, packets) => {
  const each = Object.entries<(data: Payload) => Payload>(packets).flatMap(([packet, wrap]) =>
    encoded.map(([what, width, height, hex]) => ({ packet, what, width, height, payload: wrap(bytes(hex)) })),
  )

  it.each(each)('$what, $width x $height, $packet', ({ width, height, payload }) => {
    expect(startsKeyframe(name, payload)).toBe(true)
    expect(sizeOf(name, payload)).toEqual({ width, height })
  })

  it('is not read from what is cut off before it, and never wrongly', () => {
    for (const { width, height, payload } of each) {
      let known = false
      for (const { buffer, start, end } of truncations(Buffer.from(payload))) {
        const codec = { name, kind: 'video', clockRate: 90_000, channels: 1, parameters: {} } as const
        const size = readFrameSize(codec, buffer, start, end)
        if (size === undefined) expect(known, `${end - start} of ${payload.length} bytes`).toBe(false)
        else expect(size).toEqual({ width, height })
        known = size !== undefined
      }
    }
  })
})

test('a keyframe that comes without parameter sets states no size, and neither do other frames', () => {
  for (const payload of [
    IDR,
    PPS,
    [0x78, ...sized(PPS), ...sized(IDR)],
    [0x7c, 0x85, 0, 0],
    [0x7c, 0x07, ...IDR],
    [],
  ]) {
    expect(sizeOf('H264', payload)).toBeUndefined()
  }
  for (const hex of [H265_VIDEO_PARAMETER_SET, H265_PICTURE_PARAMETER_SET, '2601afae9800', '620113afae98', '62', '']) {
    expect(sizeOf('H265', bytes(hex))).toBeUndefined()
  }
  for (const payload of [[0x18, ...FRAME], [0x10, ...FRAME], [0x28, 1, ...DELIMITER, ...FRAME], []]) {
    expect(sizeOf('AV1', payload)).toBeUndefined()
  }
  const [, , , hex] = VP9_KEYFRAMES[0] as Encoded
  // Inter-picture prediction, not the start of a frame, no sync code, a frame that is shown again, a frame between keyframes.
  for (const payload of [
    [0x48, ...bytes(hex)],
    [0x00, ...bytes(hex)],
    [0x08, 0x82, 0x49, 0x83, 0x43, 0x00, 0x0a, 0xf0, 0x08, 0xf6],
    [0x08, 0x8a, 0x49, 0x83, 0x42, 0x00, 0x0a, 0xf0, 0x08, 0xf6],
    [0x08, 0x86, 0x49, 0x83, 0x42, 0x00, 0x0a, 0xf0, 0x08, 0xf6],
  ])
    expect(sizeOf('VP9', payload)).toBeUndefined()
})

test('audio has none', () => {
  const codec = { name: 'opus', kind: 'audio', clockRate: 48_000, channels: 2, parameters: {} } as const
  expect(readFrameSize(codec, Buffer.alloc(20, 1), 0, 20)).toBeUndefined()
})

test('VP9 goes by the structure where that has sizes: the frame is the smallest layer', () => {
  const [, , , hex] = VP9_KEYFRAMES[1] as Encoded
  const structure = [0x38, 0x01, 0x40, 0x00, 0xb4, 0x02, 0x80, 0x01, 0x68, 0x00]
  expect(sizeOf('VP9', [0x0a, ...structure, ...bytes(hex)])).toEqual({ width: 640, height: 360 })
})

test('an enhancement layer of H265 does not speak for the base layer', () => {
  const [, , , hex] = H265_PARAMETER_SETS[0] as Encoded
  const [, , , base] = H265_PARAMETER_SETS[2] as Encoded
  const upper = [0x42, 0x09, ...bytes(hex).slice(2)]
  expect(sizeOf('H265', upper)).toBeUndefined()
  expect(sizeOf('H265', [0x60, 0x01, ...sized(upper), ...sized(bytes(base))])).toEqual({ width: 854, height: 480 })
})

test('AV1 cannot tell what the first element is where that continues a fragment', () => {
  const [, , , hex] = AV1_SEQUENCE_HEADERS[0] as Encoded
  expect(sizeOf('AV1', [0x98, ...header(bytes(hex))])).toBeUndefined()
})

const length = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 512 }))
const croppingOf = fc.option(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)))

function total([left, right, top, bottom]: Cropping): { x: number; y: number } {
  return { x: left + right, y: top + bottom }
}

/** A list of deltas as it is sent: 0 ends it early when the value is 0 then. */
function scalingList(size: number): fc.Arbitrary<number[]> {
  const whole = fc.array(fc.constantFrom(0, 1, 2, -1), { minLength: size, maxLength: size })
  return fc.oneof(
    whole.filter((deltas) => {
      let scale = 8
      return deltas.every((delta) => {
        scale = (scale + delta) & 0xff
        return scale !== 0
      })
    }),
    fc.constant<number[]>([-8]),
    fc.constant<number[]>([4, -12]),
  )
}

test('H264: every way to write a parameter set', () => {
  const set = fc.record({
    profile: fc.constantFrom(66, 77, 88, 100, 110, 122, 244),
    id: fc.nat(31),
    chroma: fc.nat(3),
    separatePlanes: fc.boolean(),
    orderType: fc.constantFrom(0 as const, 1 as const, 2 as const),
    cycle: fc.oneof(
      fc.array(fc.integer({ min: -300, max: 300 }), { maxLength: 4 }),
      fc.constant(new Array<number>(255).fill(0)),
    ),
    macroblocks: length,
    mapUnits: length,
    framesOnly: fc.boolean(),
    cropping: croppingOf,
  })
  const lists = fc.option(
    fc.tuple(
      ...Array.from({ length: 6 }, () => fc.option(scalingList(16))),
      ...Array.from({ length: 6 }, () => fc.option(scalingList(64))),
    ),
  )
  fc.assert(
    fc.property(set, lists, (fields, scalingLists) => {
      const isHigh = fields.profile >= 100
      const count = fields.chroma === 3 ? 12 : 8
      const unit = writeH264({ ...fields, scalingLists: scalingLists?.slice(0, count) ?? null })
      const chroma = isHigh ? (fields.chroma === 3 && fields.separatePlanes ? 0 : fields.chroma) : 1
      const fieldsPerFrame = fields.framesOnly ? 1 : 2
      const { x, y } = total(fields.cropping ?? [0, 0, 0, 0])
      const width = fields.macroblocks * 16 - x * (chroma === 1 || chroma === 2 ? 2 : 1)
      const height = (fields.mapUnits * 16 - y * (chroma === 1 ? 2 : 1)) * fieldsPerFrame
      expect(sizeOf('H264', unit)).toEqual(width > 0 && height > 0 ? { width, height } : undefined)
    }),
    { numRuns: 500 },
  )
})

test('H265: every way to write a parameter set', () => {
  const set = fc.record({
    sublayers: fc.array(fc.tuple(fc.boolean(), fc.boolean()), { maxLength: 6 }),
    chroma: fc.nat(3),
    width: fc.integer({ min: 8, max: 8192 }),
    height: fc.integer({ min: 8, max: 8192 }),
    window: croppingOf,
  })
  fc.assert(
    fc.property(set, (fields) => {
      const { x, y } = total(fields.window ?? [0, 0, 0, 0])
      const width = fields.width - x * (fields.chroma === 1 || fields.chroma === 2 ? 2 : 1)
      const height = fields.height - y * (fields.chroma === 1 ? 2 : 1)
      expect(sizeOf('H265', writeH265(fields))).toEqual(width > 0 && height > 0 ? { width, height } : undefined)
    }),
    { numRuns: 500 },
  )
})

test('AV1: every way to write a sequence header', () => {
  const point: fc.Arbitrary<WrittenPoint> = fc.record({
    level: fc.nat(31),
    delays: fc.option(fc.tuple(fc.nat(), fc.nat())),
    displayDelay: fc.option(fc.nat(15)),
  })
  const written = fc.record({
    reduced: fc.boolean(),
    timing: fc.option(
      fc.record({ ticks: fc.option(fc.nat(70_000)), delayBits: fc.option(fc.integer({ min: 1, max: 32 })) }),
    ),
    hasDisplayDelay: fc.boolean(),
    points: fc.array(point, { minLength: 1, maxLength: 32 }),
    width: fc.integer({ min: 1, max: 65_536 }),
    height: fc.integer({ min: 1, max: 65_536 }),
    spareBits: fc.nat(3),
  })
  fc.assert(
    fc.property(written, (fields) => {
      const { width, height } = fields
      expect(sizeOf('AV1', [0x18, ...header(writeAv1(fields))])).toEqual({ width, height })
    }),
    { numRuns: 500 },
  )
})

describe('garbage', () => {
  const some = fc.array(fc.oneof(fc.nat(8), fc.nat(255)), { maxLength: 300 })
  const isSize = (size: FrameSize | undefined): boolean =>
    size === undefined ||
    [size.width, size.height].every((value) => Number.isInteger(value) && value >= 1 && value <= 65_536)

  it('is read to no more than a size or nothing, and to nothing outside of it', () => {
    const heads = [
      [],
      [0x67],
      [0x67, 0x64, 0, 0],
      [0x78, 0, 50, 0x67],
      [0x7c, 0x87],
      [0x42, 0x01],
      [0x60, 0x01],
      [0x18, 8],
    ]
    fc.assert(
      fc.property(fc.constantFrom(...VIDEO), fc.constantFrom(...heads), some, (name, head, rest) => {
        expect(isSize(sizeOf(name, [...head, ...rest]))).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('among what encoders wrote does no harm either', () => {
    for (const [name, encoded, packets] of CODECS) {
      const wraps = Object.values<(data: Payload) => Payload>(packets)
      const flips = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 })
      fc.assert(
        fc.property(fc.constantFrom(...encoded), fc.constantFrom(...wraps), flips, ([, , , hex], wrap, changes) => {
          const payload = [...wrap(bytes(hex))]
          for (const [at, byte] of changes) payload[at % payload.length] = byte
          expect(isSize(sizeOf(name, payload))).toBe(true)
        }),
        { numRuns: 500 },
      )
    }
  })

  it('takes bounded work, however long it is', () => {
    const long = (byte: number): number[] => new Array<number>(60_000).fill(byte)
    for (const byte of [0x00, 0xff, 0x55, 0x01]) {
      for (const head of [
        [0x67, 0xf4],
        [0x78, 0xea, 0x60, 0x67],
        [0x42, 0x01],
        [0x60, 0x01],
        [0x00, 0x08],
        [0x18, 0x08],
      ]) {
        for (const name of VIDEO) expect(isSize(sizeOf(name, [...head, ...long(byte)]))).toBe(true)
      }
    }
  })
})
