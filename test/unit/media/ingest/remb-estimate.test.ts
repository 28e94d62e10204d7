import { expect, test } from 'vitest'
import { RembEstimate } from '../../../../src/media/ingest/remb-estimate.js'

test('begins above what encoders begin with, and rises with them', () => {
  const estimate = new RembEstimate()
  expect(estimate.bps).toBe(2_500_000)
  estimate.update(300_000, 0)
  expect(estimate.bps).toBe(2_500_000)
  estimate.update(4_000_000, 0.01)
  expect(estimate.bps).toBe(6_000_000)
})

test('falls with heavy loss, below what came, and stays where loss is moderate', () => {
  const estimate = new RembEstimate()
  estimate.update(4_000_000, 0)
  estimate.update(3_000_000, 0.2)
  expect(estimate.bps).toBe(2_700_000)
  estimate.update(5_000_000, 0.05)
  expect(estimate.bps).toBe(2_700_000)
  estimate.update(4_000_000, 0.5)
  expect(estimate.bps, 'never up by loss').toBe(2_700_000)
})

test('has a floor', () => {
  const estimate = new RembEstimate()
  estimate.update(1000, 0.9)
  expect(estimate.bps).toBe(150_000)
})
