import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TokenBucket } from '../../../src/util/token-bucket.js'

test('begins full, and gives nothing that it has not', () => {
  const bucket = new TokenBucket(10)
  expect(bucket.take(11)).toBe(false)
  expect(bucket.take(10)).toBe(true)
  expect(bucket.take(1)).toBe(false)
})

test('fills at its rate up to its capacity, whatever time it begins at', () => {
  const bucket = new TokenBucket(10)
  bucket.refill(1000, 123_456)
  bucket.take(10)
  bucket.refill(1000, 123_461)
  expect([bucket.take(5), bucket.take(1)]).toEqual([true, false])
  bucket.refill(1000, 200_000)
  expect([bucket.take(10), bucket.take(1)]).toEqual([true, false])
})

test('a step back in time takes nothing away', () => {
  const bucket = new TokenBucket(10)
  bucket.refill(1000, 100)
  bucket.refill(1000, 50)
  expect(bucket.take(10)).toBe(true)
})

test('over any time, no more goes through than capacity and rate allow', () => {
  const step = fc.record({ elapsedMs: fc.nat(50), wanted: fc.nat(20) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const bucket = new TokenBucket(15)
      let nowMs = 1000
      let taken = 0
      bucket.refill(200, nowMs)
      for (const { elapsedMs, wanted } of steps) {
        nowMs += elapsedMs
        bucket.refill(200, nowMs)
        if (bucket.take(wanted)) taken += wanted
        expect(taken).toBeLessThanOrEqual(15 + ((nowMs - 1000) * 200) / 1000 + 1e-6)
      }
    }),
  )
})
