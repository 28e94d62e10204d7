import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BitReader } from '../../../../src/media/codecs/bit-reader.js'
import { parseH264ParameterSet } from '../../../../src/media/codecs/h264-parameter-set.js'
import { readH264Usability } from '../../../../src/media/codecs/h264-usability.js'
import { parseH265ParameterSet } from '../../../../src/media/codecs/h265-parameter-set.js'
import { readH265Usability } from '../../../../src/media/codecs/h265-usability.js'
import { readRawBytes } from '../../../../src/media/codecs/raw-bytes.js'

const bits = new BitReader()

function h264(unit: Uint8Array) {
  readRawBytes(bits, unit, 1, unit.length)
  const size = parseH264ParameterSet(bits)
  return { size, ...readH264Usability(bits) }
}

function h265(unit: Uint8Array) {
  readRawBytes(bits, unit, 2, unit.length)
  const { size, sublayers } = parseH265ParameterSet(bits)
  return { size, ...readH265Usability(bits, sublayers) }
}

const NTSC = 30_000 / 1001

/** Written by libx264 and libx265. */
const H264: readonly [string, string, object][] = [
  ['without B-frames', '6764000aacb20508fcb80880000003008000000f07891324', { frameRate: 15, maxReorderFrames: 0 }],
  ['with B-frames', '6764000aacd942847e5c0440000003004000000783c4896580', { frameRate: 15, maxReorderFrames: 2 }],
  ['Baseline', '6742c00dd901419f9f011000003e90000ea600f142a480', { frameRate: NTSC, maxReorderFrames: 0 }],
  [
    'with colours, an aspect ratio and a model of the decoder',
    '6764000dacb202833f3e02d404040500000303e90000ea60602001e840007a13930c01e28549',
    { frameRate: NTSC, maxReorderFrames: 0 },
  ],
]

const H265: readonly [string, string, object][] = [
  [
    'without B-frames',
    '42010101600000030090000003000003001ea01420796592a4932bc05a020000030002000003001e10',
    { frameRate: 15, maxReorderFrames: 0 },
  ],
  [
    'with B-frames',
    '42010101600000030090000003000003001ea014207965959a4932bc05a020000003002000000301e1',
    { frameRate: 15, maxReorderFrames: 2 },
  ],
  [
    'with a pyramid of B-frames',
    '42010101600000030090000003000003003ca00a080b9f796566924caf01680800001f480003a98040',
    { frameRate: NTSC, maxReorderFrames: 2 },
  ],
  [
    'with scaling lists, colours and a model of the decoder',
    '42010101600000030090000003000003003ca00a080b9f7964a924e5780b50101010400000fa40001d4c180325978007a10001e84c80',
    { frameRate: NTSC, maxReorderFrames: 0 },
  ],
]

describe.each([
  ['H264', H264, h264],
  ['H265', H265, h265],
] as const)('usability information of %s', (_name, sets, read) => {
  it.each(sets)('%s', (_what, hex, said) => {
    const found = read(Buffer.from(hex, 'hex'))
    expect(found).toMatchObject(said)
    expect(found.size?.width).toBeGreaterThan(100)
  })

  it('is never made up of what is cut off', () => {
    for (const [, hex, said] of sets) {
      const unit = Buffer.from(hex, 'hex')
      for (let length = 0; length < unit.length; length++) {
        const { frameRate, maxReorderFrames } = read(unit.subarray(0, length))
        expect([undefined, (said as { frameRate: number }).frameRate]).toContain(frameRate)
        expect([undefined, (said as { maxReorderFrames: number }).maxReorderFrames]).toContain(maxReorderFrames)
      }
    }
  })

  it('ends, whatever the bytes are', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => void read(bytes)))
  })
})
