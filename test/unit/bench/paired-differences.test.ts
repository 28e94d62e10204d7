import { expect, test } from 'vitest'
import { SeededRandom } from '../../../src/testing/seeded-random.js'
import { pairedDifference } from '../../bench/quality/paired-differences.mjs'

test('the median of the differences, and the values that leave 2.5 % outside at each end', () => {
  const ones = Array.from({ length: 10 }, (_, i) => 100 + i)
  const others = ones.map((_, i) => 100 + ((i * 7) % 10) - i)
  const differences = ones.map((one, i) => one - others[i]!).sort((a, b) => a - b)
  // Of ten throws of a coin, 0 or 1 are heads with a chance of 1.07 %, up to 2 with 5.5 %.
  const expected = {
    rounds: 10,
    median: (differences[4]! + differences[5]!) / 2,
    low: differences[1],
    high: differences[8],
  }
  expect(pairedDifference(ones, others)).toEqual(expected)
  expect(pairedDifference([5, 1, 3], [0, 0, 0])).toEqual({ rounds: 3, median: 3, low: -Infinity, high: Infinity })
  // Five in a row happen in 3 %, six in 1.6 %.
  expect(pairedDifference([1, 2, 3, 4, 5], [0, 0, 0, 0, 0]).high).toBe(Infinity)
  expect(pairedDifference([1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0])).toMatchObject({ low: 1, high: 6 })
})

test('the interval holds the true median in 95 % of the cases or more, whatever else varies', () => {
  const random = new SeededRandom(7)
  let held = 0
  for (let run = 0; run < 1000; run++) {
    const shared = Array.from({ length: 15 }, () => 50 * random.next() ** 4)
    const noise = (): number => (random.next() - 0.5) * (random.next() < 0.2 ? 20 : 1)
    const { low, high } = pairedDifference(
      shared.map((value) => value + 2 + noise()),
      shared,
    )
    if (low <= 2 && high >= 2) held++
  }
  expect(held).toBeGreaterThanOrEqual(950)
})
