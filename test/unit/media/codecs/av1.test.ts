import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAv1KeyframeStart } from '../../../../src/media/codecs/av1.js'
import { guarded, truncations } from '../../rtp/guarded-bytes.js'

const SEQUENCE_HEADER = [1 << 3, 0, 0, 0]
const TEMPORAL_DELIMITER = [2 << 3]
const FRAME = [6 << 3, 0x10, 0xff]
const Z = 0x80
const Y = 0x40
const N = 0x08

/** A payload whose elements all have a length (W = 0). */
function allSized(flags: number, ...elements: number[][]): number[] {
  return [flags, ...elements.flatMap((element) => [element.length, ...element])]
}
/** A payload that says how many elements there are, the last of them without a length. */
function counted(flags: number, ...elements: number[][]): number[] {
  const last = elements.length - 1
  return [flags | (elements.length << 4), ...elements.flatMap((e, i) => (i === last ? e : [e.length, ...e]))]
}
function starts(payload: readonly number[]): boolean {
  const { buffer, start, end } = guarded(Buffer.from(payload))
  return isAv1KeyframeStart(buffer, start, end)
}

describe('AV1 keyframes', () => {
  it('begin where the aggregation header says so', () => {
    expect(starts(counted(N, FRAME))).toBe(true)
    expect(starts(counted(N | Y, FRAME))).toBe(true)
    expect(starts(counted(0, FRAME))).toBe(false)
    expect(starts([N])).toBe(false)
    expect(starts([])).toBe(false)
  })

  it('never begin at the continuation of a fragment', () => {
    expect(starts(counted(Z | N, FRAME))).toBe(false)
    expect(starts(counted(Z, SEQUENCE_HEADER, FRAME))).toBe(false)
  })

  it.each([
    ['a sequence header', [SEQUENCE_HEADER], true],
    ['a sequence header and a frame', [SEQUENCE_HEADER, FRAME], true],
    ['a temporal delimiter before it', [TEMPORAL_DELIMITER, SEQUENCE_HEADER, FRAME], true],
    ['an empty element before it', [[], SEQUENCE_HEADER], true],
    ['a frame before it', [FRAME, SEQUENCE_HEADER], false],
    ['a temporal delimiter alone', [TEMPORAL_DELIMITER], false],
    ['a frame', [FRAME], false],
  ])('without that, begin with a sequence header: %s', (_, elements, expected) => {
    expect(starts(counted(0, ...elements))).toBe(expected)
    expect(starts(allSized(0, ...elements))).toBe(expected)
  })

  it('read lengths of several bytes, and none that is too long', () => {
    const delimiter = [2 << 3, ...new Array<number>(199).fill(0)]
    expect(starts([0x20, 0xc8, 0x01, ...delimiter, ...SEQUENCE_HEADER])).toBe(true)
    expect(starts([0x20, 0x81, 0x80, 0x80, 0x00, 2 << 3, ...SEQUENCE_HEADER])).toBe(true)
    expect(starts([0x20, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 2 << 3, ...SEQUENCE_HEADER])).toBe(false)
    expect(starts([0x20, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, ...SEQUENCE_HEADER])).toBe(false)
  })

  it('do not begin in a payload that is cut off before its sequence header', () => {
    const packet = Buffer.from(allSized(0, TEMPORAL_DELIMITER, SEQUENCE_HEADER))
    for (const { buffer, start, end } of truncations(packet)) {
      expect(isAv1KeyframeStart(buffer, start, end), `${end - start} bytes`).toBe(false)
    }
    expect(starts([...packet])).toBe(true)
  })

  it('read nothing outside of random bytes', () => {
    const bytes = fc.array(fc.oneof(fc.nat(16), fc.nat(255)), { maxLength: 40 })
    fc.assert(
      fc.property(fc.constantFrom(0x00, 0x10, 0x20, 0x30), bytes, (header, rest) => {
        expect(typeof starts([header, ...rest])).toBe('boolean')
      }),
      { numRuns: 1000 },
    )
  })
})
