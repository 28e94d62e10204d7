import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isH265KeyframeStart } from '../../../../src/media/codecs/h265.js'
import { guarded, truncations } from '../../rtp/guarded-bytes.js'

const AGGREGATE = 48
const FRAGMENT = 49

function unit(type: number, ...data: number[]): number[] {
  return [type << 1, 1, ...data]
}
function sized(bytes: readonly number[]): number[] {
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes]
}
function starts(payload: readonly number[]): boolean {
  const { buffer, start, end } = guarded(Buffer.from(payload))
  return isH265KeyframeStart(buffer, start, end)
}
const isStart = (type: number): boolean => (type >= 16 && type <= 21) || type === 32 || type === 33

describe('H.265 keyframes', () => {
  it('begin at IRAP slices and at video and sequence parameter sets, in single units', () => {
    for (let type = 0; type < 48; type++) expect(starts(unit(type, 0xff)), `type ${type}`).toBe(isStart(type))
  })

  it('begin in aggregates that hold one', () => {
    for (let type = 0; type < 48; type++) {
      expect(starts([...unit(AGGREGATE), ...sized(unit(39, 5)), ...sized(unit(type, 1, 2))])).toBe(isStart(type))
    }
  })

  it('begin at the first fragment of one only', () => {
    for (let type = 0; type < 48; type++) {
      expect(starts(unit(FRAGMENT, 0x80 | type, 7))).toBe(isStart(type))
      expect(starts(unit(FRAGMENT, type, 7))).toBe(false)
      expect(starts(unit(FRAGMENT, 0x40 | type, 7))).toBe(false)
    }
  })

  it('do not begin in a payload that is cut off', () => {
    expect(starts([19 << 1])).toBe(false)
    expect(starts(unit(FRAGMENT))).toBe(false)
    const packet = [...unit(AGGREGATE), ...sized(unit(39, 5)), ...sized(unit(19, 1, 2))]
    for (const { buffer, start, end } of truncations(Buffer.from(packet))) {
      expect(isH265KeyframeStart(buffer, start, end), `${end - start} bytes`).toBe(false)
    }
    expect(starts(packet)).toBe(true)
  })

  it('do not begin behind a unit without a whole header', () => {
    expect(starts([...unit(AGGREGATE), 0, 0, ...sized(unit(19, 1))])).toBe(false)
    expect(starts([...unit(AGGREGATE), 0, 1, 38, ...sized(unit(19, 1))])).toBe(false)
  })

  it('read nothing outside of random bytes', () => {
    const bytes = fc.array(fc.oneof(fc.nat(8), fc.nat(255)), { maxLength: 40 })
    fc.assert(
      fc.property(fc.constantFrom(AGGREGATE, FRAGMENT, 50, 1), bytes, (type, rest) => {
        expect(typeof starts([type << 1, ...rest])).toBe('boolean')
      }),
      { numRuns: 1000 },
    )
  })
})
