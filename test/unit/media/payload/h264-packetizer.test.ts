import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { H264Packetizer } from '../../../../src/media/payload/h264-packetizer.js'
import { codecOf, H264 } from './encoded-files.js'
import { nalUnits, nalUnitsOf } from './reassembly.js'

const SPS = [0x67, 0x42, 0xc0, 0x1f]
const PPS = [0x68, 0xce]
const IDR = [0x65, 1, 2, 3, 4, 5, 6, 7]
const SLICE = [0x41, 1, 2]
const DISPOSABLE_SLICE = [0x01, 9]

function stream(...units: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(units.flatMap((unit) => [0, 0, 0, 1, ...unit]))
}
function packetize(frame: Uint8Array, limit: number, codec = H264): number[][] {
  return new H264Packetizer(codec).packetize(frame, true, limit).map((payload) => [...payload])
}

describe('H264 in non-interleaved mode', () => {
  it.each([
    ['one unit', [SLICE], 100, [SLICE]],
    ['several units as an aggregate', [SPS, PPS, SLICE], 100, [[0x78, 0, 4, ...SPS, 0, 2, ...PPS, 0, 3, ...SLICE]]],
    [
      'an aggregate as important as its most important unit',
      [DISPOSABLE_SLICE, SLICE],
      100,
      [[0x58, 0, 2, ...DISPOSABLE_SLICE, 0, 3, ...SLICE]],
    ],
    ['an aggregate with a forbidden bit', [[0x81, 9], SLICE], 100, [[0xd8, 0, 2, 0x81, 9, 0, 3, ...SLICE]]],
    ['aggregates that just fit', [SPS, PPS, SLICE], 11, [[0x78, 0, 4, ...SPS, 0, 2, ...PPS], SLICE]],
    ['units of which no two fit', [SPS, PPS, SLICE], 7, [SPS, PPS, SLICE]],
    ['a unit that just fits', [IDR], 8, [IDR]],
    [
      'a unit that does not',
      [IDR],
      7,
      [
        [0x7c, 0x85, 1, 2, 3],
        [0x7c, 0x45, 4, 5, 6, 7],
      ],
    ],
    [
      'a unit in three',
      [IDR],
      5,
      [
        [0x7c, 0x85, 1, 2],
        [0x7c, 0x05, 3, 4],
        [0x7c, 0x45, 5, 6, 7],
      ],
    ],
    [
      'a long unit between short ones',
      [SPS, PPS, IDR, SLICE],
      7,
      [SPS, PPS, [0x7c, 0x85, 1, 2, 3], [0x7c, 0x45, 4, 5, 6, 7], SLICE],
    ],
    ['no picture of which a part has no room', [[0x68, 0xce], SLICE], 2, []],
    ['no room for fragments', [SLICE], 2, []],
    ['delimiters and filler data', [[0x09, 0xf0], SLICE, [0x0c, 0xff, 0x80]], 100, [SLICE]],
    ['types that mean something else in RTP', [[0x78, 0, 1, 7], [0x7c, 0x85], [0x60, 1], SLICE], 100, [SLICE]],
    ['nothing', [], 100, []],
  ] as const)('packetizes %s', (_, units, limit, expected) => {
    expect(packetize(stream(...units), limit)).toEqual(expected)
  })

  it('keeps any units within the limit, whole and in order', () => {
    const unit = fc
      .tuple(
        fc.integer({ min: 1, max: 23 }).filter((type) => type !== 9 && type !== 12),
        fc.nat(3),
        fc.nat(80),
      )
      .map(([type, importance, length]) => [(importance << 5) | type, ...new Array<number>(length).fill(length + 1)])
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 12 }), fc.integer({ min: 3, max: 120 }), (units, limit) => {
        const payloads = new H264Packetizer(H264).packetize(stream(...units), false, limit)
        expect(nalUnits('H264', payloads).map((bytes) => [...bytes])).toEqual(units)
        for (const { length } of payloads) expect(length).toBeLessThanOrEqual(limit)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps within the limit what it sends of any bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((frame) => frame.map((byte) => (byte < 128 ? byte & 1 : byte)))
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 60 }), (frame, limit) => {
        const payloads = new H264Packetizer(H264).packetize(frame, false, limit)
        for (const { length } of payloads) expect(length).toBeLessThanOrEqual(limit)
        if (limit < 3) return
        const isSent = (unit: Buffer): boolean => (unit[0]! & 31) > 0 && (unit[0]! & 31) < 24
        expect(nalUnits('H264', payloads)).toEqual(nalUnitsOf('H264', frame).filter(isSent))
      }),
      { numRuns: 500 },
    )
  })
})

describe('H264 in single NAL unit mode', () => {
  it.each([
    ['said', codecOf('H264', { 'packetization-mode': '0' })],
    ['not said otherwise', codecOf('H264')],
  ])('packetizes every unit alone: %s', (_, codec) => {
    expect(packetize(stream(SPS, PPS, IDR), 8, codec)).toEqual([SPS, PPS, IDR])
  })

  it('leaves out a picture with a unit that is too long', () => {
    expect(packetize(stream(SPS, PPS, IDR, SLICE), 7, codecOf('H264'))).toEqual([])
  })
})

it('copies no unit that goes alone', () => {
  const frame = stream(IDR)
  expect(new H264Packetizer(H264).packetize(frame, true, 100)[0]?.buffer).toBe(frame.buffer)
})

it('cuts a unit into very many payloads', () => {
  const frame = stream([0x65, ...new Array<number>(300_000).fill(1)])
  expect(new H264Packetizer(H264).packetize(frame, true, 3)).toHaveLength(300_000)
})
