import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReplayWindow } from '../../../../src/transport/srtp/replay-window.js'

describe('replay window', () => {
  it('takes every index once', () => {
    const window = new ReplayWindow(128)
    for (const index of [0, 1, 5, 3, 200, 199, 100]) {
      expect(window.isFresh(index)).toBe(true)
      window.record(index)
      expect(window.isFresh(index)).toBe(false)
    }
    expect(window.highest).toBe(200)
  })

  it('looks back exactly its size', () => {
    const window = new ReplayWindow(128)
    window.record(1000)
    expect(window.isFresh(1000 - 127)).toBe(true)
    expect(window.isFresh(1000 - 128)).toBe(false)
  })

  it('is not changed by a check', () => {
    const window = new ReplayWindow(64)
    window.record(10)
    window.isFresh(5000)
    expect(window.highest).toBe(10)
    expect(window.isFresh(9)).toBe(true)
  })

  it('forgets the bits of a cycle before when it slides by less, exactly or more than its size', () => {
    for (const step of [1, 63, 64, 65, 1000]) {
      const window = new ReplayWindow(64)
      for (let index = 0; index < 64; index++) window.record(index)
      window.record(63 + step)
      for (let index = Math.max(64, step); index < 63 + step; index++) expect(window.isFresh(index)).toBe(true)
    }
  })

  it('behaves as a set of all indexes with a horizon, up to 48 bits', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(32, 128, 1024),
        fc.integer({ min: 0, max: 2 ** 48 - 1_000_000 }),
        fc.array(fc.oneof(fc.integer({ min: -1100, max: 50 }), fc.integer({ min: 0, max: 3000 })), { maxLength: 200 }),
        (size, first, steps) => {
          const window = new ReplayWindow(size)
          const seen = new Set<number>()
          let highest = -1
          for (const step of steps) {
            const index = Math.max(0, (highest < 0 ? first : highest) + step)
            const fresh = index > highest || (highest - index < size && !seen.has(index))
            expect(window.isFresh(index)).toBe(fresh)
            if (!fresh) continue
            window.record(index)
            seen.add(index)
            highest = Math.max(highest, index)
            expect(window.highest).toBe(highest)
          }
        },
      ),
    )
  })
})
