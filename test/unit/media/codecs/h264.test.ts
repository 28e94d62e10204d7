import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isH264KeyframeStart } from '../../../../src/media/codecs/h264.js'
import { guarded, truncations } from '../../rtp/guarded-bytes.js'

const SPS = [0x67, 0x42, 0xe0, 0x1f]
const PPS = [0x68, 0xce]
const IDR = [0x65, 0x88, 0x84]
const SLICE = [0x41, 0x9a]
const SEI = [0x06, 0x05]
const AUD = [0x09, 0xf0]

function sized(unit: readonly number[], extra: readonly number[] = []): number[] {
  return [unit.length >> 8, unit.length & 0xff, ...extra, ...unit]
}
function starts(payload: readonly number[]): boolean {
  const { buffer, start, end } = guarded(Buffer.from(payload))
  return isH264KeyframeStart(buffer, start, end)
}

describe('H.264 keyframes', () => {
  it.each([
    ['an SPS', SPS, true],
    ['an IDR slice', IDR, true],
    ['a PPS', PPS, false],
    ['another slice', SLICE, false],
    ['SEI', SEI, false],
    ['an access unit delimiter', AUD, false],
    ['nothing', [], false],
  ])('a single unit: %s', (_, payload, expected) => {
    expect(starts(payload)).toBe(expected)
  })

  it('looks at the type alone, whatever the reference bits', () => {
    for (let byte = 0; byte < 24; byte++) {
      for (const reference of [0x00, 0x20, 0x60]) expect(starts([reference | byte, 0])).toBe(byte === 5 || byte === 7)
    }
  })

  it.each([
    ['SPS, PPS', [SPS, PPS], true],
    ['SPS, PPS, IDR', [SPS, PPS, IDR], true],
    ['AUD, SEI, IDR', [AUD, SEI, IDR], true],
    ['SEI, PPS', [SEI, PPS], false],
    ['two other slices', [SLICE, SLICE], false],
  ])('an aggregate of %s, in each of the four packets for it', (_, units, expected) => {
    expect(starts([0x78, ...units.flatMap((unit) => sized(unit))])).toBe(expected)
    expect(starts([0x79, 0, 1, ...units.flatMap((unit) => sized(unit))])).toBe(expected)
    expect(starts([0x7a, 0, 1, ...units.flatMap((unit) => sized(unit, [0, 0, 0]))])).toBe(expected)
    expect(starts([0x7b, 0, 1, ...units.flatMap((unit) => sized(unit, [0, 0, 0, 0]))])).toBe(expected)
  })

  it('takes only the first fragment', () => {
    for (const indicator of [0x7c, 0x7d]) {
      expect(starts([indicator, 0x85, 0, 1])).toBe(true)
      expect(starts([indicator, 0x87, 0, 1])).toBe(true)
      expect(starts([indicator, 0x05, 0, 1])).toBe(false)
      expect(starts([indicator, 0x45, 0, 1])).toBe(false)
      expect(starts([indicator, 0x81, 0, 1])).toBe(false)
      expect(starts([indicator])).toBe(false)
    }
  })

  it('ends an aggregate at a unit that is empty or cut off', () => {
    expect(starts([0x78, 0, 0, ...sized(IDR)])).toBe(false)
    expect(starts([0x78, 0, 200, ...IDR])).toBe(false)
    const packet = [0x78, ...sized(SEI), ...sized(IDR)]
    for (const { buffer, start, end } of truncations(Buffer.from(packet))) {
      expect(isH264KeyframeStart(buffer, start, end), `${end - start} bytes`).toBe(false)
    }
    expect(starts(packet)).toBe(true)
  })

  it('reads nothing outside of random bytes', () => {
    const type = fc.constantFrom(0x78, 0x79, 0x7a, 0x7b, 0x7c, 0x7d, 0x61)
    fc.assert(
      fc.property(type, fc.array(fc.oneof(fc.nat(8), fc.nat(255)), { maxLength: 40 }), (first, rest) => {
        expect(typeof starts([first, ...rest])).toBe('boolean')
      }),
      { numRuns: 1000 },
    )
  })
})
