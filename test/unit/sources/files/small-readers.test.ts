import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { opusDurationUs } from '../../../../src/media/codecs/opus-duration.js'
import { ByteWindow } from '../../../../src/sources/files/byte-window.js'
import {
  lengthPrefixedUnits,
  readAvcConfiguration,
  readHevcConfiguration,
} from '../../../../src/sources/files/decoder-configuration.js'
import { SteadyAudio } from '../../../../src/sources/files/steady-audio.js'
import { MemoryFile } from './file-bytes.js'

const hex = (units: readonly Uint8Array[] | undefined) => units?.map((unit) => Buffer.from(unit).toString('hex'))

describe('opusDurationUs', () => {
  it.each([
    // RFC 6716, table 2 and section 3.2: configuration, and how many frames.
    [[0 << 3], 10_000],
    [[3 << 3], 60_000],
    [[11 << 3], 60_000],
    [[12 << 3], 10_000],
    [[15 << 3], 20_000],
    [[16 << 3], 2500],
    [[31 << 3], 20_000],
    [[(31 << 3) | 1], 40_000],
    [[(31 << 3) | 2], 40_000],
    [[(31 << 3) | 3, 3], 60_000],
    [[(16 << 3) | 3, 48], 120_000],
    [[(31 << 3) | 3, 7], 0],
    [[(31 << 3) | 3], 0],
    [[], 0],
  ])('of %j is %d us', (bytes, durationUs) => {
    expect(opusDurationUs(Uint8Array.from(bytes))).toBe(durationUs)
  })
})

describe('SteadyAudio', () => {
  it('takes rounding out of times', () => {
    const steady = new SteadyAudio()
    const placed = [0, 21, 41, 61, 80, 101].map((ms) => steady.place(ms * 1000, 20_000))
    expect(placed).toEqual([0, 20_000, 40_000, 60_000, 80_000, 100_000])
  })

  it('leaves gaps that are meant, and never overlaps', () => {
    const steady = new SteadyAudio()
    expect([0, 200, 210, 130, 240].map((ms) => steady.place(ms * 1000, 20_000))).toEqual([
      0, 200_000, 220_000, 240_000, 260_000,
    ])
  })

  it('does not run away from the container', () => {
    const steady = new SteadyAudio()
    // The packets are 20 ms, the container places them 21 ms apart.
    let placed = 0
    for (let i = 0; i < 10_000; i++) {
      placed = steady.place(i * 21_000, 20_000)
      expect(Math.abs(placed - i * 21_000)).toBeLessThanOrEqual(20_000)
    }
  })
})

describe('decoder configurations', () => {
  // Version, profile, constraints, level, length size 4, one SPS, one PPS.
  const avc = Buffer.from('0164000aff e10004 6764000a 010003 68ebc0'.replaceAll(' ', ''), 'hex')
  const hevc = Buffer.concat([
    Buffer.from([1, ...Array.from({ length: 20 }, () => 0), 0x0f, 4]),
    Buffer.from('a0 0001 0003 400101'.replaceAll(' ', ''), 'hex'),
    Buffer.from('a1 0001 0003 420101'.replaceAll(' ', ''), 'hex'),
    Buffer.from('a2 0001 0003 440101'.replaceAll(' ', ''), 'hex'),
    Buffer.from('a7 0001 0004 4e010500'.replaceAll(' ', ''), 'hex'),
  ])

  it('of H.264 have parameter sets and a length size', () => {
    const read = readAvcConfiguration(avc)
    expect([read?.lengthSize, hex(read?.parameterSets)]).toEqual([4, ['6764000a', '68ebc0']])
  })

  it('of H.265 have parameter sets; SEI is left out', () => {
    const read = readHevcConfiguration(hevc)
    expect([read?.lengthSize, hex(read?.parameterSets)]).toEqual([4, ['400101', '420101', '440101']])
  })

  it('are refused wherever they are cut off', () => {
    for (let length = 0; length < avc.length; length++) {
      expect(readAvcConfiguration(avc.subarray(0, length))).toBeUndefined()
    }
    for (let length = 0; length < hevc.length; length++) {
      expect(readHevcConfiguration(hevc.subarray(0, length))).toBeUndefined()
    }
  })

  it('never throw, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 4 }), (bytes, lengthSize) => {
        readAvcConfiguration(bytes)
        readHevcConfiguration(bytes)
        const units = lengthPrefixedUnits(bytes, lengthSize)
        const total = units?.reduce((sum, unit) => sum + unit.length, 0) ?? 0
        expect(total).toBeLessThanOrEqual(bytes.length)
      }),
    )
  })
})

describe('lengthPrefixedUnits', () => {
  it('splits samples, and refuses lengths that do not add up', () => {
    expect(hex(lengthPrefixedUnits(Buffer.from('0002 6501 0000 0001 09'.replaceAll(' ', ''), 'hex'), 2))).toEqual([
      '6501',
      '09',
    ])
    expect(lengthPrefixedUnits(Buffer.from('000365ff', 'hex'), 2)).toBeUndefined()
  })
})

describe('ByteWindow', () => {
  it('gives the bytes of any place, as many as there are', async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(1100), fc.nat(300)), { maxLength: 20 }),
        fc.integer({ min: 1, max: 400 }),
        async (peeks, chunkBytes) => {
          const window = new ByteWindow(new MemoryFile(bytes), chunkBytes)
          for (const [position, length] of peeks) {
            const found = await window.peek(position, length)
            const wanted = bytes.subarray(position, position + length)
            expect(found.length).toBeGreaterThanOrEqual(wanted.length)
            expect(Buffer.from(found.subarray(0, wanted.length))).toEqual(Buffer.from(wanted))
          }
        },
      ),
    )
  })
})
