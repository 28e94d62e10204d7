import { expect, test } from 'vitest'
import { defaultBweConfig } from '../../../../src/media/bwe/bwe-config.js'
import { LossBasedLimit } from '../../../../src/media/bwe/loss-based.js'
import { LossOrigin } from '../../../../src/media/bwe/loss-origin.js'

/** Sends at the limit through a link that loses `lossOf(rate)`; returns the rates. */
function run(
  limit: LossBasedLimit,
  wantedBps: number,
  seconds: number,
  fromMs: number,
  lossOf: (bps: number) => number,
) {
  const rates: number[] = []
  for (let i = 0; i < seconds * 2; i++) {
    const bps = Math.min(wantedBps, limit.limitBps)
    rates.push(bps)
    limit.report(lossOf(bps), 150, wantedBps, bps, 50, fromMs + i * 500)
  }
  return rates
}

test('up to 2 % is nothing, more than 10 % takes off half of it', () => {
  const limit = new LossBasedLimit(defaultBweConfig())
  limit.report(0.02, 100, 1_000_000, 1_000_000, 50, 0)
  expect(limit.limitBps).toBe(Number.POSITIVE_INFINITY)
  limit.report(0.2, 100, 1_000_000, 1_000_000, 50, 1000)
  expect(limit.limitBps).toBeCloseTo(900_000)
  limit.report(0.2, 10, 1_000_000, 900_000, 50, 1100)
  expect(limit.limitBps).toBeCloseTo(900_000)
})

test('a limit grows by 8 % a second without loss, and is gone when it is not needed', () => {
  const limit = new LossBasedLimit(defaultBweConfig())
  limit.report(0.5, 10, 1_000_000, 1_000_000, 50, 0)
  expect(limit.limitBps).toBeCloseTo(750_000)
  const rates = run(limit, 1_000_000, 12, 500, () => 0)
  expect(rates.at(-1)).toBe(1_000_000)
  expect(limit.limitBps).toBe(Number.POSITIVE_INFINITY)
})

test('loss at a rate that has been lowered meanwhile lowers it no further', () => {
  const limit = new LossBasedLimit(defaultBweConfig())
  limit.report(0.3, 100, 600_000, 1_000_000, 50, 0)
  expect(limit.limitBps).toBe(Number.POSITIVE_INFINITY)
})

test.each([0.05, 0.1, 0.15, 0.2])('loss of %d, whatever is sent, is found to be the link', (loss) => {
  const limit = new LossBasedLimit(defaultBweConfig())
  const rates = run(limit, 2_000_000, 60, 0, () => loss + 0.001)
  expect(limit.inherentLoss).toBeGreaterThan(0.8 * loss)
  expect(Math.min(...rates)).toBeGreaterThan(0.6 * 2_000_000)
  expect(rates.at(-1)).toBeGreaterThan(0.95 * 2_000_000)
})

test.each([1_200_000, 2_000_000, 6_000_000])('loss of what is too much, %d bps for 1 Mbps, is not', (wantedBps) => {
  const limit = new LossBasedLimit(defaultBweConfig())
  const lossOf = (bps: number) => Math.max(0, 1 - 1_000_000 / bps)
  const rates = run(limit, wantedBps, 120, 0, lossOf)
  expect(limit.inherentLoss).toBe(0)
  const settled = rates.slice(-100)
  expect(Math.max(...settled)).toBeLessThan(1_150_000)
  expect(settled.reduce((sum, bps) => sum + lossOf(bps), 0) / settled.length).toBeLessThan(0.06)
})

test("the link's own loss is forgotten when it ends", () => {
  const limit = new LossBasedLimit(defaultBweConfig())
  run(limit, 2_000_000, 20, 0, () => 0.12)
  expect(limit.inherentLoss).toBeGreaterThan(0.05)
  run(limit, 2_000_000, 60, 20_000, () => 0)
  expect(limit.inherentLoss).toBe(0)
})

test('a comparison that cannot tell gives no verdict', () => {
  const origin = new LossOrigin()
  expect(origin.judge(0.1, 1000, 500_000, 0)).toBe('open')
  origin.begin(0.1, 1_000_000, 0)
  expect(origin.judge(0.1, 1000, 990_000, 1000)).toBe('open')
  expect(origin.compares).toBe(true)
  expect(origin.judge(0.1, 1000, 500_000, 5000)).toBe('open')
  expect(origin.compares).toBe(false)
})

test('without any other estimate, the limit begins at what is sent', () => {
  const limit = new LossBasedLimit(defaultBweConfig())
  limit.report(0.4, 100, Number.POSITIVE_INFINITY, 1_000_000, 50, 0)
  expect(limit.limitBps).toBeCloseTo(800_000)
})
