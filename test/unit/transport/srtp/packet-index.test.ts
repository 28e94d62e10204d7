import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateIndex, RTP_INDEX_LIMIT } from '../../../../src/transport/srtp/packet-index.js'

describe('packet index estimation', () => {
  it('starts with rollover counter 0', () => {
    expect(estimateIndex(-1, 0)).toBe(0)
    expect(estimateIndex(-1, 65535)).toBe(65535)
  })

  it.each([
    { highest: 65535, seq: 0, index: 65536 },
    { highest: 65530, seq: 100, index: 65636 },
    { highest: 65536, seq: 65535, index: 65535 },
    { highest: 65536 + 100, seq: 65000, index: 65000 },
    { highest: 2 * 65536 + 5, seq: 65535, index: 2 * 65536 - 1 },
    { highest: 40000, seq: 39999, index: 39999 },
    { highest: 32768, seq: 0, index: 0 },
    { highest: 32769, seq: 0, index: 65536 },
  ])('takes sequence number $seq after index $highest for index $index', ({ highest, seq, index }) => {
    expect(estimateIndex(highest, seq)).toBe(index)
  })

  it('never goes below rollover counter 0', () => {
    expect(estimateIndex(5, 60000)).toBe(60000)
  })

  it('says when the last index is passed', () => {
    expect(estimateIndex(RTP_INDEX_LIMIT - 1, 65535)).toBe(RTP_INDEX_LIMIT - 1)
    expect(estimateIndex(RTP_INDEX_LIMIT - 1, 0)).toBe(RTP_INDEX_LIMIT)
  })

  it('finds every index less than half a cycle away, in either direction', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: RTP_INDEX_LIMIT - 40000 }),
        fc.integer({ min: -32767, max: 32767 }),
        (highest, distance) => {
          fc.pre(highest + distance >= 0)
          expect(estimateIndex(highest, (highest + distance) % 65536)).toBe(highest + distance)
        },
      ),
    )
  })
})
