import { expect, test } from 'vitest'
import { ReportTimer } from '../../../src/media/report-timer.js'

test('reports are an interval apart, give or take a quarter, and on average exactly', () => {
  const timer = new ReportTimer(1000, 12_345)
  expect(timer.dueMs).toBe(Number.POSITIVE_INFINITY)
  timer.arm(5000)
  expect(timer.dueMs).toBeGreaterThanOrEqual(5500)
  expect(timer.dueMs).toBeLessThan(6000)
  const armed = timer.dueMs
  timer.arm(5100)
  expect(timer.dueMs).toBe(armed)
  let sum = 0
  for (let i = 0; i < 1000; i++) {
    timer.restart(0)
    expect(timer.dueMs).toBeGreaterThanOrEqual(750)
    expect(timer.dueMs).toBeLessThan(1250)
    sum += timer.dueMs
  }
  expect(sum / 1000).toBeGreaterThan(980)
  expect(sum / 1000).toBeLessThan(1020)
  timer.disarm()
  expect(timer.dueMs).toBe(Number.POSITIVE_INFINITY)
})
