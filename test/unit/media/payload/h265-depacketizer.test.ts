import { describe, expect, it } from 'vitest'
import { createDepacketizer } from '../../../../src/media/payload/create-depacketizer.js'
import { writeH265 } from '../codecs/written-headers.js'
import { type Bytes, codecOf, depacketized } from './depacketized.js'

/** The header of a unit of the base layer. */
const head = (type: number): number[] => [type << 1, 1]
const VPS = [...head(32), 0x0c, 0x01]
const SPS = writeH265({ sublayers: [[true, true]], chroma: 1, width: 640, height: 360, window: null })
const OTHER_SPS = writeH265({ sublayers: [], chroma: 1, width: 1280, height: 720, window: null })
const PPS = [...head(34), 0xc1]
const IDR = [...head(19), 0xaf, 0x08]
const CRA = [...head(21), 0xaf, 0x08]
const SLICE = [...head(1), 0xd0, 0x10]
const SEI = [...head(39), 0x01]
const DELIMITER = [...head(35), 0x50]

const sized = (unit: Bytes): number[] => [unit.length >> 8, unit.length & 0xff, ...unit]
const aggregate = (...units: Bytes[]): number[] => [...head(48), ...units.flatMap(sized)]
const fragment = (flags: number, type: number, ...rest: number[]): number[] => [...head(49), flags | type, ...rest]
const annexB = (...units: Bytes[]): number[] => units.flatMap((unit) => [0, 0, 0, 1, ...unit])
const create = (parameters = {}) => createDepacketizer(codecOf('H265', parameters))

describe('H.265 access units', () => {
  it('are single units behind start codes', () => {
    expect(depacketized('H265', VPS, SPS, PPS, SEI, IDR)).toEqual(annexB(VPS, SPS, PPS, SEI, IDR))
    expect(depacketized('H265', SLICE, SLICE)).toEqual(annexB(SLICE, SLICE))
  })

  it('are the units of aggregates', () => {
    expect(depacketized('H265', aggregate(VPS, SPS, PPS), IDR)).toEqual(annexB(VPS, SPS, PPS, IDR))
  })

  it('are the units of fragments', () => {
    expect(depacketized('H265', fragment(0x80, 1, 1, 2), fragment(0, 1, 3), fragment(0x40, 1, 4))).toEqual(
      annexB([...head(1), 1, 2, 3, 4]),
    )
    // Layer and temporal id stay.
    expect(depacketized('H265', [0x63, 0x0a, 0x81, 7], [0x63, 0x0a, 0x41, 8])).toEqual(annexB([0x03, 0x0a, 7, 8]))
  })

  it('show nothing without a slice', () => {
    expect(depacketized('H265', VPS, SPS, PPS)).toEqual([])
  })

  it.each([
    ['no payload', []],
    ['a payload of one byte', [[0x26]]],
    ['a fragment without a beginning', [fragment(0, 19, 1)]],
    ['a fragment of another unit', [fragment(0x80, 19, 1), fragment(0, 1, 2)]],
    ['a fragment that is cut off', [head(49)]],
    ['a fragment of an aggregate', [fragment(0x80, 48, 1)]],
    ['an aggregate that is cut off', [[...head(48), 0, 9, ...IDR]]],
    ['an empty aggregate', [head(48)]],
    ['an aggregate of aggregates', [aggregate(aggregate(IDR))]],
    ['PACI', [[...head(50), 1, 2]]],
  ])('are malformed with %s', (_, payloads) => {
    expect(depacketized('H265', ...payloads)).toBeUndefined()
  })
})

describe('H.265 parameter sets', () => {
  it.each([
    ['an IDR', IDR],
    ['a CRA', CRA],
  ])('are put before %s picture without them', (_, picture) => {
    const depacketizer = create()
    depacketized(depacketizer, VPS, SPS, PPS, IDR)
    expect(depacketized(depacketizer, SLICE)).toEqual(annexB(SLICE))
    expect(depacketized(depacketizer, picture)).toEqual(annexB(VPS, SPS, PPS, picture))
    expect(depacketized(depacketizer, DELIMITER, SEI, picture)).toEqual(annexB(DELIMITER, VPS, SPS, PPS, SEI, picture))
  })

  it('have to have come before an IDR picture is anything', () => {
    const depacketizer = create()
    expect(depacketized(depacketizer, SPS, PPS, IDR)).toBeUndefined()
    expect(depacketized(depacketizer, VPS, IDR)).toEqual(annexB(VPS, SPS, PPS, IDR))
  })

  it('are the newest of each id, and are added by kind', () => {
    const depacketizer = create()
    depacketized(depacketizer, VPS, SPS, PPS, IDR)
    expect(depacketized(depacketizer, OTHER_SPS, IDR)).toEqual(annexB(VPS, OTHER_SPS, PPS, IDR))
    expect(depacketized(depacketizer, VPS, PPS, IDR)).toEqual(annexB(VPS, OTHER_SPS, PPS, IDR))
  })

  it('are those of the SDP until others come', () => {
    const base64 = (unit: Bytes): string => Buffer.from(unit).toString('base64')
    const depacketizer = create({ 'sprop-vps': base64(VPS), 'sprop-sps': base64(SPS), 'sprop-pps': base64(PPS) })
    expect(depacketized(depacketizer, IDR)).toEqual(annexB(VPS, SPS, PPS, IDR))
    depacketized(depacketizer, OTHER_SPS)
    expect(depacketized(depacketizer, IDR)).toEqual(annexB(VPS, OTHER_SPS, PPS, IDR))
  })
})
