import { expect, test } from 'vitest'
import { RoundTrip } from '../../../../src/media/bwe/round-trip.js'

test('before anything is known it is a common one', () => {
  const rtt = new RoundTrip()
  expect(rtt.ms).toBeNaN()
  expect(rtt.msOrDefault).toBe(100)
  for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) rtt.report(ms)
  expect(rtt.ms).toBeNaN()
})

test('feedback shows the least of what it took, and reports outweigh it', () => {
  const rtt = new RoundTrip()
  rtt.measure(150)
  expect(rtt.msOrDefault).toBe(150)
  for (let i = 0; i < 10; i++) rtt.measure(50)
  expect(rtt.ms).toBeLessThan(51)
  rtt.measure(150)
  expect(rtt.ms).toBeLessThan(56)
  rtt.report(40)
  expect(rtt.ms).toBe(40)
  rtt.report(80)
  expect(rtt.ms).toBeCloseTo(48)
  rtt.measure(10)
  expect(rtt.ms).toBeCloseTo(48)
})
