import fc from 'fast-check'
import { expect, it } from 'vitest'
import { H265Packetizer } from '../../../../src/media/payload/h265-packetizer.js'
import { nalUnits, nalUnitsOf } from './reassembly.js'

const VPS = [0x40, 0x01, 7]
const SPS = [0x42, 0x01, 8, 8]
const PPS = [0x44, 0x01, 9]
const IDR = [0x26, 0x01, 1, 2, 3, 4, 5, 6, 7]
const TRAIL = [0x02, 0x01, 5]
/** Temporal id 1, and a layer that needs both bytes. */
const ABOVE = [0x03, 0x0a, 6]

function stream(...units: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(units.flatMap((unit) => [0, 0, 1, ...unit]))
}
function packetize(frame: Uint8Array, limit: number): number[][] {
  return new H265Packetizer().packetize(frame, true, limit).map((payload) => [...payload])
}

it.each([
  ['one unit', [TRAIL], 100, [TRAIL]],
  ['several units as an aggregate', [VPS, SPS, PPS], 100, [[0x60, 0x01, 0, 3, ...VPS, 0, 4, ...SPS, 0, 3, ...PPS]]],
  ['an aggregate of its lowest layers', [ABOVE, TRAIL], 100, [[0x60, 0x01, 0, 3, ...ABOVE, 0, 3, ...TRAIL]]],
  ['an aggregate of higher ones', [ABOVE, ABOVE], 100, [[0x61, 0x0a, 0, 3, ...ABOVE, 0, 3, ...ABOVE]]],
  ['an aggregate with a forbidden bit', [[0x82, 0x01], TRAIL], 100, [[0xe0, 0x01, 0, 2, 0x82, 0x01, 0, 3, ...TRAIL]]],
  ['aggregates that just fit', [VPS, SPS, PPS], 13, [[0x60, 0x01, 0, 3, ...VPS, 0, 4, ...SPS], PPS]],
  ['a unit that just fits', [IDR], 9, [IDR]],
  [
    'a unit that does not',
    [IDR],
    8,
    [
      [0x62, 0x01, 0x93, 1, 2, 3],
      [0x62, 0x01, 0x53, 4, 5, 6, 7],
    ],
  ],
  [
    'a unit in three',
    [IDR],
    6,
    [
      [0x62, 0x01, 0x93, 1, 2],
      [0x62, 0x01, 0x13, 3, 4],
      [0x62, 0x01, 0x53, 5, 6, 7],
    ],
  ],
  [
    'a unit of a higher layer',
    [[...ABOVE, 7, 8]],
    4,
    [
      [0x63, 0x0a, 0x81, 6],
      [0x63, 0x0a, 0x01, 7],
      [0x63, 0x0a, 0x41, 8],
    ],
  ],
  [
    'no picture of which a part has no room',
    [
      [0x44, 0x01],
      [...TRAIL, 1],
    ],
    3,
    [],
  ],
  ['no room for fragments', [[...TRAIL, 1]], 3, []],
  [
    'delimiters, filler data, and half a header',
    [[0x46, 0x01, 0x50], TRAIL, [0x4c, 0x01, 0xff, 0x80], [0x02]],
    100,
    [TRAIL],
  ],
  ['types that mean something else in RTP', [[0x60, 0x01, 0], [0x62, 0x01, 0x93], TRAIL], 100, [TRAIL]],
  ['nothing', [], 100, []],
] as const)('packetizes %s', (_, units, limit, expected) => {
  expect(packetize(stream(...units), limit)).toEqual(expected)
})

it('keeps any units within the limit, whole and in order', () => {
  const unit = fc
    .tuple(
      fc.nat(47).filter((type) => type !== 35 && type !== 38),
      fc.nat(63),
      fc.integer({ min: 1, max: 7 }),
      fc.nat(80),
    )
    .map(([type, layer, temporal, length]) => {
      const header = [(type << 1) | (layer >> 5), ((layer & 31) << 3) | temporal]
      return [...header, ...new Array<number>(length).fill(length + 1)]
    })
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 12 }), fc.integer({ min: 4, max: 120 }), (units, limit) => {
      const payloads = new H265Packetizer().packetize(stream(...units), false, limit)
      expect(nalUnits('H265', payloads).map((bytes) => [...bytes])).toEqual(units)
      for (const { length } of payloads) expect(length).toBeLessThanOrEqual(limit)
    }),
    { numRuns: 500 },
  )
})

it('keeps within the limit what it sends of any bytes', () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((frame) => frame.map((byte) => (byte < 128 ? byte & 1 : byte)))
  fc.assert(
    fc.property(bytes, fc.integer({ min: 0, max: 60 }), (frame, limit) => {
      const payloads = new H265Packetizer().packetize(frame, false, limit)
      for (const { length } of payloads) expect(length).toBeLessThanOrEqual(limit)
      if (limit < 4) return
      const isSent = (unit: Buffer): boolean => unit.length > 1 && ((unit[0]! >> 1) & 63) < 48
      expect(nalUnits('H265', payloads)).toEqual(nalUnitsOf('H265', frame).filter(isSent))
    }),
    { numRuns: 500 },
  )
})
