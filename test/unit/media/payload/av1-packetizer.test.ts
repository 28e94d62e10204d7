import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Av1Packetizer } from '../../../../src/media/payload/av1-packetizer.js'
import { av1Units, av1UnitsOf } from './reassembly.js'

const Z = 0x80
const Y = 0x40
const N = 0x08
const W1 = 0x10
const W2 = 0x20
const W3 = 0x30

const SEQUENCE = 1 << 3
const DELIMITER = 2 << 3
const METADATA = 5 << 3
const FRAME = 6 << 3
const TILE_LIST = 8 << 3
const PADDING = 15 << 3

/** An OBU with its size. */
function obu(header: number, ...data: readonly number[]): number[] {
  return [header | 2, data.length, ...data]
}
/** One that belongs to a layer. */
function layered(header: number, layer: number, ...data: readonly number[]): number[] {
  return [header | 6, layer << 3, data.length, ...data]
}
function packetize(unit: readonly number[], limit: number, keyframe = false): number[][] {
  return new Av1Packetizer().packetize(Uint8Array.from(unit), keyframe, limit).map((payload) => [...payload])
}

const twenty = Array.from({ length: 20 }, (_, i) => i + 1)

it.each([
  ['one OBU', [obu(FRAME, 1, 2)], 100, [[W1, FRAME, 1, 2]]],
  ['an OBU without data', [obu(FRAME)], 100, [[W1, FRAME]]],
  [
    'an OBU without size, which is the last',
    [obu(SEQUENCE, 7), [FRAME, 1, 2]],
    100,
    [[W2, 2, SEQUENCE, 7, FRAME, 1, 2]],
  ],
  ['OBUs that share a payload', [obu(SEQUENCE, 7), obu(FRAME, 1, 2)], 100, [[W2, 2, SEQUENCE, 7, FRAME, 1, 2]]],
  [
    'three of them at most',
    [obu(SEQUENCE, 7), obu(METADATA, 8), obu(METADATA, 9), obu(FRAME, 1)],
    100,
    [
      [W3, 2, SEQUENCE, 7, 2, METADATA, 8, METADATA, 9],
      [W1, FRAME, 1],
    ],
  ],
  [
    'what RTP does not carry',
    [obu(DELIMITER), obu(FRAME, 1), obu(TILE_LIST, 2), obu(PADDING, 0)],
    100,
    [[W1, FRAME, 1]],
  ],
  ['an OBU that just fits', [obu(FRAME, ...twenty)], 22, [[W1, FRAME, ...twenty]]],
  [
    'one that does not',
    [obu(FRAME, ...twenty)],
    21,
    [
      [W1 | Y, FRAME, ...twenty.slice(0, 19)],
      [Z | W1, 20],
    ],
  ],
  [
    'a long one',
    [obu(FRAME, ...twenty)],
    9,
    [
      [W1 | Y, FRAME, ...twenty.slice(0, 7)],
      [Z | W1 | Y, ...twenty.slice(7, 15)],
      [Z | W1, ...twenty.slice(15)],
    ],
  ],
  [
    'one that is begun behind another',
    [obu(SEQUENCE, 7), obu(FRAME, ...twenty)],
    13,
    [
      [W2 | Y, 2, SEQUENCE, 7, FRAME, ...twenty.slice(0, 8)],
      [Z | W1, ...twenty.slice(8)],
    ],
  ],
  [
    'one that there is too little room for behind another',
    [obu(SEQUENCE, 7), obu(FRAME, ...twenty)],
    11,
    [
      [W1, SEQUENCE, 7],
      [W1 | Y, FRAME, ...twenty.slice(0, 9)],
      [Z | W1 | Y, ...twenty.slice(9, 19)],
      [Z | W1, 20],
    ],
  ],
  [
    'one behind the end of another',
    [obu(FRAME, ...twenty), obu(METADATA, 7)],
    16,
    [
      [W1 | Y, FRAME, ...twenty.slice(0, 14)],
      [Z | W2, 6, ...twenty.slice(14), METADATA, 7],
    ],
  ],
  [
    'layers in payloads of their own',
    [obu(SEQUENCE, 7), layered(FRAME, 1, 8), layered(METADATA, 1), layered(FRAME, 2, 9)],
    100,
    [
      [W3, 2, SEQUENCE, 7, 3, FRAME | 4, 8, 8, METADATA | 4, 8],
      [W1, FRAME | 4, 16, 9],
    ],
  ],
  [
    'a header that is longer than the room',
    [layered(FRAME, 1, 9)],
    2,
    [
      [W1 | Y, FRAME | 4],
      [Z | W1 | Y, 8],
      [Z | W1, 9],
    ],
  ],
  ['no room', [obu(FRAME, 1)], 1, []],
  ['nothing', [], 100, []],
  ['nothing but a delimiter', [obu(DELIMITER)], 100, []],
  ['nothing behind an OBU that is cut off', [obu(FRAME, 1), obu(FRAME, 1, 2).slice(0, 3)], 100, [[W1, FRAME, 1]]],
  [
    'nothing behind a size that is none',
    [obu(FRAME, 1), [FRAME | 2, ...new Array<number>(9).fill(0x80), 0]],
    100,
    [[W1, FRAME, 1]],
  ],
  ['nothing behind a forbidden bit', [obu(FRAME, 1), obu(0x80 | FRAME, 1)], 100, [[W1, FRAME, 1]]],
] as const)('packetizes %s', (_, obus, limit, expected) => {
  expect(packetize(obus.flat(), limit)).toEqual(expected)
})

it('says at the first payload of a keyframe, and only there, that it begins a sequence', () => {
  const heads = packetize([...obu(SEQUENCE, 7), ...obu(FRAME, ...twenty)], 11, true).map((payload) => payload[0])
  expect(heads).toEqual([W1 | N, W1 | Y, Z | W1 | Y, Z | W1])
})

it('keeps any OBUs within the limit, whole and in order', () => {
  const anyObu = fc.tuple(fc.nat(15), fc.option(fc.nat(3)), fc.nat(300)).map(([type, layer, length]) => {
    const size = length < 128 ? [length] : [0x80 | (length & 0x7f), length >> 7]
    const header = layer === null ? [(type << 3) | 2] : [(type << 3) | 6, layer << 3]
    return [...header, ...size, ...new Array<number>(length).fill(type)]
  })
  fc.assert(
    fc.property(fc.array(anyObu, { maxLength: 10 }), fc.integer({ min: 2, max: 400 }), (obus, limit) => {
      const unit = Uint8Array.from(obus.flat())
      const payloads = new Av1Packetizer().packetize(unit, true, limit)
      for (const { length } of payloads) expect(length).toBeLessThanOrEqual(limit)
      expect(av1Units(payloads)).toEqual(av1UnitsOf(unit))
      expect(payloads.map((payload) => (payload[0]! & N) !== 0)).toEqual(payloads.map((_, i) => i === 0))
      for (const payload of payloads) expect(layersIn(payload)).toBeLessThanOrEqual(1)
    }),
    { numRuns: 500 },
  )
})

/** How many layers the OBUs that begin in a payload belong to. */
function layersIn(payload: Uint8Array): number {
  const header = payload[0]!
  const begun = Buffer.concat([Buffer.of(header & ~(Z | Y)), payload.subarray(1)])
  const units = av1Units([begun]).slice((header & Z) === 0 ? 0 : 1)
  return new Set(units.flatMap((unit) => ((unit[0]! & 4) !== 0 && unit.length > 1 ? [unit[1]! >> 3] : []))).size
}

it('keeps within the limit what it sends of any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 60 }), (unit, limit) => {
      const payloads = new Av1Packetizer().packetize(unit, false, limit)
      for (const { length } of payloads) expect(length).toBeLessThanOrEqual(limit)
      av1Units(payloads)
    }),
    { numRuns: 500 },
  )
})
