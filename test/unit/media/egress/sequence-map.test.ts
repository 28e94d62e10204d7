import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SequenceMap } from '../../../../src/media/egress/sequence-map.js'

test('without anything left out every number is itself', () => {
  const map = new SequenceMap(99)
  expect([100, 101, 105, 103].map((n) => map.map(n))).toEqual([100, 101, 105, 103])
  expect([99, 100, 103, 104, 105, 106].map((n) => map.source(n))).toEqual([99, 100, 103, 104, 105, -1])
  expect(map.newestOut).toBe(105)
  expect(map.droppedCount).toBe(0)
})

test('what is left out closes up, in both directions', () => {
  const map = new SequenceMap(9)
  map.map(10)
  expect(map.drop(11)).toBe(-1)
  expect(map.drop(12)).toBe(-1)
  expect(map.map(13)).toBe(11)
  expect(map.map(12)).toBe(-1)
  expect(map.source(10)).toBe(10)
  expect(map.source(11)).toBe(13)
  expect(map.source(12)).toBe(-1)
  expect(map.droppedCount).toBe(2)
})

test('what was lost keeps its number for when it comes', () => {
  const map = new SequenceMap(9)
  map.map(10)
  map.drop(11)
  expect(map.map(14)).toBe(13)
  expect(map.source(11)).toBe(12)
  expect(map.map(12)).toBe(11)
  expect(map.map(13)).toBe(12)
})

test('what is left out too late leaves its number empty', () => {
  const map = new SequenceMap(9)
  map.map(10)
  map.map(12)
  expect(map.drop(11)).toBe(11)
  expect(map.map(11)).toBe(-1)
  expect([10, 11, 12].map((n) => map.isWithheld(n))).toEqual([false, true, false])
  expect(map.source(11)).toBe(11)
  expect(map.map(13)).toBe(13)
  expect(map.source(12)).toBe(12)
  // Said once.
  expect(map.drop(11)).toBe(-1)
})

test('what was overtaken by others that are left out closes up too', () => {
  const map = new SequenceMap(63)
  map.map(64)
  map.drop(200)
  map.drop(65)
  map.drop(120)
  expect(map.map(201)).toBe(198)
  expect(map.map(66)).toBe(65)
  expect(map.map(130)).toBe(128)
  expect(map.source(198)).toBe(201)
  expect(map.source(128)).toBe(130)
})

test('a mark stays with its packet as long as the packet is known', () => {
  const map = new SequenceMap(0, 64)
  map.map(5)
  map.mark(5)
  map.map(6)
  expect(map.isMarked(5)).toBe(true)
  expect(map.isMarked(6)).toBe(false)
  map.map(5 + 200)
  expect(map.isMarked(5)).toBe(false)
})

test('what has left the window is not known, but still counted', () => {
  const map = new SequenceMap(0, 64)
  for (let n = 1; n <= 1000; n++)
    if (n % 2 === 0) map.drop(n)
    else map.map(n)
  expect(map.droppedCount).toBe(500)
  expect(map.map(1001)).toBe(501)
  expect(map.map(1)).toBe(-1)
  expect(map.source(1)).toBe(-1)
  expect(map.drop(3)).toBe(-1)
  expect(map.source(501)).toBe(1001)
  expect(map.source(500)).toBe(999)
})

test('a jump further than the window starts afresh with the count it had', () => {
  const map = new SequenceMap(0, 64)
  map.map(1)
  map.drop(2)
  map.drop(3)
  expect(map.map(2 ** 40)).toBe(2 ** 40 - 2)
  expect(map.source(2 ** 40 - 2)).toBe(2 ** 40)
  expect(map.source(2 ** 40 - 3)).toBe(2 ** 40 - 1)
  expect(map.source(1)).toBe(-1)
})

test('the first number may be zero', () => {
  const map = new SequenceMap(-1)
  expect(map.newestOut).toBe(-1)
  expect(map.source(0)).toBe(-1)
  expect(map.drop(0)).toBe(-1)
  expect(map.map(1)).toBe(0)
  expect(map.source(0)).toBe(1)
})

test('it remembers as many numbers as the largest history keeps packets', () => {
  const map = new SequenceMap(-1)
  const last = 2 * 16_384
  for (let n = 0; n <= last; n++)
    if (n % 3 === 0) map.drop(n)
    else map.map(n)
  const oldest = last - 16_384 + 1
  const out = map.map(oldest % 3 === 0 ? oldest + 1 : oldest)
  expect(map.source(out)).toBe(oldest % 3 === 0 ? oldest + 1 : oldest)
})

/** The same with a plain list of what has happened. */
class Model {
  readonly dropped = new Set<number>()
  readonly withheld = new Set<number>()
  newestMapped: number

  constructor(newestPassed: number) {
    this.newestMapped = newestPassed
  }

  out(n: number): number {
    let count = 0
    for (const one of this.dropped) if (one < n) count++
    return n - count
  }

  map(n: number): number {
    if (this.dropped.has(n) || this.withheld.has(n)) return -1
    this.newestMapped = Math.max(this.newestMapped, n)
    return this.out(n)
  }

  drop(n: number): number {
    if (this.dropped.has(n) || this.withheld.has(n)) return -1
    if (n > this.newestMapped) {
      this.dropped.add(n)
      return -1
    }
    this.withheld.add(n)
    return this.out(n)
  }

  source(out: number, from: number): number {
    for (let n = from; n <= this.newestMapped; n++) {
      if (!this.dropped.has(n) && this.out(n) === out) return n
    }
    return -1
  }
}

const start = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 2 ** 31 - 50, max: 2 ** 31 + 50 }))
const step = fc.record({
  delta: fc.oneof(
    { weight: 6, arbitrary: fc.constant(1) },
    { weight: 2, arbitrary: fc.integer({ min: -30, max: 40 }) },
  ),
  drop: fc.boolean(),
})

test('any order of packets and losses gives what a list of them gives', () => {
  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 200 }), (first, steps) => {
      const map = new SequenceMap(first - 1, 16_384)
      const model = new Model(first - 1)
      let newest = first - 1
      const seen: number[] = []
      for (const { delta, drop } of steps) {
        const n = Math.max(first, newest + delta)
        newest = Math.max(newest, n)
        expect(drop ? map.drop(n) : map.map(n)).toBe(drop ? model.drop(n) : model.map(n))
        seen.push(n)
      }
      for (const n of seen) expect(map.map(n)).toBe(model.map(n))
      for (let out = first; out <= model.out(model.newestMapped) + 2; out++) {
        expect(map.source(out)).toBe(model.source(out, first))
      }
    }),
  )
})

test('a number once given is never taken back and never given twice', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const map = new SequenceMap(999, 256)
      const given = new Map<number, number>()
      let newest = 1000
      for (const { delta, drop } of steps) {
        const n = Math.max(1000, newest + delta)
        newest = Math.max(newest, n)
        if (drop) map.drop(n)
        const out = map.map(n)
        if (out < 0 || n <= newest - 200) continue
        const before = given.get(n)
        if (before !== undefined) expect(out).toBe(before)
        given.set(n, out)
        expect(map.source(out)).toBe(n)
      }
      expect(new Set(given.values()).size).toBe(given.size)
    }),
  )
})
