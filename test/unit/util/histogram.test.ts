import { expect, it } from 'vitest'
import { Histogram } from '../../../src/util/histogram.js'

it('a histogram counts by upper bounds, which belong to their buckets', () => {
  const histogram = new Histogram([1, 2])
  for (const value of [0, 1, 1.5, 2, 2.1, 100]) histogram.observe(value)
  expect(histogram.snapshot()).toEqual({ bounds: [1, 2], counts: [2, 2, 2], sum: 106.6 })
  histogram.observe(0)
  expect(histogram.snapshot().counts).toEqual([3, 2, 2])
})
