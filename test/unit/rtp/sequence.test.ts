import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SequenceUnwrapper, seqDelta, TimestampUnwrapper, timestampDelta } from '../../../src/rtp/sequence.js'

describe('seqDelta', () => {
  it.each([
    [5, 3, 2],
    [3, 5, -2],
    [0, 65535, 1],
    [65535, 0, -1],
    [32767, 0, 32767],
    [32768, 0, -32768],
    [0, 32768, -32768],
  ])('of %i and %i is %i', (a, b, delta) => {
    expect(seqDelta(a, b)).toBe(delta)
  })

  it('leads from b to a', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xffff), (a, b) => {
        expect((b + seqDelta(a, b)) & 0xffff).toBe(a)
      }),
    )
  })
})

describe('timestampDelta', () => {
  it.each([
    [0, 0xffff_ffff, 1],
    [0xffff_ffff, 0, -1],
    [0x7fff_ffff, 0, 0x7fff_ffff],
    [0x8000_0000, 0, -0x8000_0000],
  ])('of %i and %i is %i', (a, b, delta) => {
    expect(timestampDelta(a, b)).toBe(delta)
  })
})

describe('SequenceUnwrapper', () => {
  it('knows no newest before the first packet', () => {
    const unwrapper = new SequenceUnwrapper()
    expect(unwrapper.newest).toBe(-1)
    expect(unwrapper.peek(7)).toBe(65543)
    expect(unwrapper.newest).toBe(-1)
  })

  it('leaves room below the first packet for those it overtook', () => {
    const unwrapper = new SequenceUnwrapper()
    expect(unwrapper.unwrap(0)).toBe(65536)
    expect(unwrapper.unwrap(65535)).toBe(65535)
    expect(unwrapper.newest).toBe(65536)
  })

  it('counts on across the wrap, and takes late packets back to the cycle they belong to', () => {
    const unwrapper = new SequenceUnwrapper()
    unwrapper.unwrap(65534)
    expect(unwrapper.unwrap(1)).toBe(2 * 65536 + 1)
    expect(unwrapper.unwrap(65535)).toBe(65536 + 65535)
    expect(unwrapper.newest).toBe(2 * 65536 + 1)
  })

  it('follows any stream whose reordering stays below half a cycle', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffff),
        fc.array(fc.integer({ min: -32768, max: 32767 }), { maxLength: 200 }),
        (first, steps) => {
          const unwrapper = new SequenceUnwrapper()
          let newest = unwrapper.unwrap(first)
          for (const step of steps) {
            const sent = newest + step
            expect(unwrapper.peek(sent & 0xffff)).toBe(sent)
            expect(unwrapper.unwrap(sent & 0xffff)).toBe(sent)
            newest = Math.max(newest, sent)
            expect(unwrapper.newest).toBe(newest)
          }
        },
      ),
    )
  })

  it('stays exact beyond 32 bits', () => {
    const unwrapper = new SequenceUnwrapper()
    let expected = unwrapper.unwrap(0)
    for (let i = 0; i < 140_000; i++) {
      expected += 32767
      unwrapper.unwrap(expected % 65536)
    }
    expect(expected).toBeGreaterThan(2 ** 32)
    expect(unwrapper.newest).toBe(expected)
  })
})

describe('TimestampUnwrapper', () => {
  it('leaves room below the first timestamp', () => {
    const unwrapper = new TimestampUnwrapper()
    expect(unwrapper.newest).toBe(-1)
    expect(unwrapper.unwrap(0)).toBe(2 ** 32)
    expect(unwrapper.unwrap(0xffff_ffff)).toBe(2 ** 32 - 1)
  })

  it('follows any stream whose steps stay below half a cycle', () => {
    const step = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.array(step, { maxLength: 100 }), (first, steps) => {
        const unwrapper = new TimestampUnwrapper()
        let newest = unwrapper.unwrap(first)
        for (const delta of steps) {
          const sent = newest + delta
          expect(unwrapper.peek(sent % 2 ** 32)).toBe(sent)
          expect(unwrapper.unwrap(sent % 2 ** 32)).toBe(sent)
          newest = Math.max(newest, sent)
        }
        expect(unwrapper.newest).toBe(newest)
      }),
    )
  })
})
