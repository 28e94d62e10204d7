import { describe, expect, it } from 'vitest'
import { createDepacketizer } from '../../../../src/media/payload/create-depacketizer.js'
import { type Bytes, codecOf, depacketized } from './depacketized.js'

// Parameter sets 0 in two versions, and 1.
const SPS = [0x67, 0x42, 0xe0, 0x1f, 0x80]
const OTHER_SPS = [0x67, 0x42, 0xe0, 0x28, 0x81]
const SPS_1 = [0x67, 0x42, 0xe0, 0x1f, 0x40]
const PPS = [0x68, 0xce]
const IDR = [0x65, 0x88, 0x84]
const SLICE = [0x41, 0x9a, 0x01]
const SEI = [0x06, 0x05]
const DELIMITER = [0x09, 0xf0]

const sized = (unit: Bytes): number[] => [unit.length >> 8, unit.length & 0xff, ...unit]
const stapA = (...units: Bytes[]): number[] => [0x78, ...units.flatMap(sized)]
const annexB = (...units: Bytes[]): number[] => units.flatMap((unit) => [0, 0, 0, 1, ...unit])
const create = (parameters = {}) => createDepacketizer(codecOf('H264', parameters))

describe('H.264 access units', () => {
  it('are single units behind start codes', () => {
    expect(depacketized('H264', SPS, PPS, SEI, IDR)).toEqual(annexB(SPS, PPS, SEI, IDR))
    expect(depacketized('H264', SLICE, SLICE)).toEqual(annexB(SLICE, SLICE))
  })

  it('are the units of aggregates', () => {
    expect(depacketized('H264', stapA(SPS, PPS), IDR)).toEqual(annexB(SPS, PPS, IDR))
    expect(depacketized('H264', [0x79, 0x12, 0x34, ...sized(SEI), ...sized(SLICE)])).toEqual(annexB(SEI, SLICE))
  })

  it('are the units of fragments', () => {
    expect(depacketized('H264', [0x7c, 0x81, 1, 2], [0x7c, 0x01, 3], [0x7c, 0x41, 4])).toEqual(
      annexB([0x61, 1, 2, 3, 4]),
    )
    expect(depacketized('H264', SEI, [0x5c, 0x81, 1], [0x5c, 0x41, 2], SLICE)).toEqual(annexB(SEI, [0x41, 1, 2], SLICE))
    // Some senders do not set the end.
    expect(depacketized('H264', [0x5c, 0x81, 1], [0x5c, 0x01, 2], [0x5c, 0x81, 3])).toEqual(
      annexB([0x41, 1, 2], [0x41, 3]),
    )
  })

  it('show nothing without a slice', () => {
    expect(depacketized('H264', SPS, PPS)).toEqual([])
    expect(depacketized('H264', SEI)).toEqual([])
  })

  it.each([
    ['no payload', []],
    ['an empty payload', [[]]],
    ['a fragment without a beginning', [[0x7c, 0x05, 1]]],
    [
      'a fragment behind the end',
      [
        [0x7c, 0x85, 1],
        [0x7c, 0x45, 2],
        [0x7c, 0x05, 3],
      ],
    ],
    [
      'a fragment of another unit',
      [
        [0x7c, 0x85, 1],
        [0x7c, 0x01, 2],
      ],
    ],
    ['a fragment behind another unit', [[0x7c, 0x85, 1], SEI, [0x7c, 0x05, 3]]],
    ['a fragment that is cut off', [[0x7c]]],
    ['a fragment of an aggregate', [[0x7c, 0x98, 1]]],
    ['an aggregate that is cut off', [[0x78, 0, 9, ...IDR]]],
    ['an empty aggregate', [[0x78]]],
    ['an aggregate with an empty unit', [[0x78, 0, 0, ...sized(IDR)]]],
    ['an aggregate of aggregates', [stapA(stapA(IDR))]],
    ['a packet of the interleaved mode', [[0x7a, 0, 1, 0, 3, 0, 0, 0, ...IDR]]],
    ['an unknown type', [[0x60, 1], IDR]],
  ])('are malformed with %s', (_, payloads) => {
    expect(depacketized('H264', ...payloads)).toBeUndefined()
  })

  it('have no more bytes, and no more units, than they may', () => {
    const depacketizer = createDepacketizer(codecOf('H264'), 7)
    expect(depacketized(depacketizer, SLICE)).toHaveLength(7)
    expect(depacketized(depacketizer, [...SLICE, 1])).toBeUndefined()
    const tiny = stapA(...new Array<Bytes>(400).fill([0x41]))
    expect(depacketized('H264', ...new Array<Bytes>(10).fill(tiny))).toHaveLength(20_000)
    expect(depacketized('H264', ...new Array<Bytes>(11).fill(tiny))).toBeUndefined()
  })
})

describe('H.264 parameter sets', () => {
  it('are put before an IDR picture without them', () => {
    const depacketizer = create()
    expect(depacketized(depacketizer, SPS, PPS, IDR)).toEqual(annexB(SPS, PPS, IDR))
    expect(depacketized(depacketizer, SLICE)).toEqual(annexB(SLICE))
    expect(depacketized(depacketizer, IDR)).toEqual(annexB(SPS, PPS, IDR))
    expect(depacketized(depacketizer, DELIMITER, SEI, IDR)).toEqual(annexB(DELIMITER, SPS, PPS, SEI, IDR))
  })

  it('are remembered from a frame of their own, and from fragments', () => {
    const depacketizer = create()
    expect(depacketized(depacketizer, SPS)).toEqual([])
    expect(depacketized(depacketizer, [0x7c, 0x88, 0xce], [0x7c, 0x48, 0x01])).toEqual([])
    expect(depacketized(depacketizer, IDR)).toEqual(annexB(SPS, [0x68, 0xce, 0x01], IDR))
  })

  it('have to have come before an IDR picture is anything', () => {
    const depacketizer = create()
    expect(depacketized(depacketizer, IDR)).toBeUndefined()
    expect(depacketized(depacketizer, PPS, IDR)).toBeUndefined()
    expect(depacketized(depacketizer, SLICE)).toEqual(annexB(SLICE))
    expect(depacketized(depacketizer, SPS, IDR)).toEqual(annexB(SPS, PPS, IDR))
  })

  it('of one kind are added to those of the other', () => {
    const depacketizer = create()
    depacketized(depacketizer, SPS, PPS, IDR)
    expect(depacketized(depacketizer, PPS, IDR)).toEqual(annexB(SPS, PPS, IDR))
    expect(depacketized(depacketizer, OTHER_SPS, IDR)).toEqual(annexB(OTHER_SPS, PPS, IDR))
  })

  it('are the newest of each id', () => {
    const depacketizer = create()
    depacketized(depacketizer, SPS, SPS_1, PPS, IDR)
    depacketized(depacketizer, OTHER_SPS, IDR)
    expect(depacketized(depacketizer, IDR)).toEqual(annexB(OTHER_SPS, SPS_1, PPS, IDR))
  })

  it('are those of the SDP until others come', () => {
    const sprop = [SPS, PPS].map((unit) => Buffer.from(unit).toString('base64')).join(',')
    const depacketizer = create({ 'sprop-parameter-sets': sprop })
    expect(depacketized(depacketizer, IDR)).toEqual(annexB(SPS, PPS, IDR))
    expect(depacketized(depacketizer, OTHER_SPS, IDR)).toEqual(annexB(OTHER_SPS, PPS, IDR))
    expect(depacketized(depacketizer, IDR)).toEqual(annexB(OTHER_SPS, PPS, IDR))
  })

  it('are nothing where the SDP says something else', () => {
    for (const sprop of ['', ',', '!!!', 'ZQ==,Z0I=', ',,,']) {
      expect(depacketized(create({ 'sprop-parameter-sets': sprop }), SPS, PPS, IDR)).toEqual(annexB(SPS, PPS, IDR))
      expect(depacketized(create({ 'sprop-parameter-sets': sprop }), PPS, IDR)).toBeUndefined()
    }
  })

  it('are bounded: in number and in length', () => {
    const depacketizer = create()
    // Picture parameter sets with ids of 0, 1 and so on, as exponential Golomb codes of 15 bits.
    const pps = (id: number): number[] => [0x68, (id + 0x80) >> 7, ((id + 0x80) << 1) & 0xff, 0x80]
    for (let id = 0; id < 100; id++) depacketized(depacketizer, pps(id))
    depacketized(depacketizer, [...SPS, ...new Array<number>(5000).fill(1)])
    expect(depacketized(depacketizer, IDR)).toBeUndefined()
    depacketized(depacketizer, SPS)
    const frame = depacketized(depacketizer, IDR)
    expect(frame).toEqual(annexB(SPS, ...Array.from({ length: 32 }, (_, id) => pps(id)), IDR))
  })
})
