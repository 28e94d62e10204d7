import { expect, it } from 'vitest'
import { linear, timeMarks, valueAxis } from '../../../../src/cli/pages/plot-scale.js'

it.each([
  [0, {}, [0, 0.5, 1]],
  [3, { minTop: 3 }, [0, 1, 2, 3]],
  [4, {}, [0, 2, 4]],
  [7, {}, [0, 2.5, 5, 7.5]],
  [11, {}, [0, 5, 10, 15]],
  [2_100_000, {}, [0, 1e6, 2e6, 3e6]],
  [0.004, { minTop: 0.01, maxTop: 1 }, [0, 0.005, 0.01]],
  [5, { minTop: 0.01, maxTop: 1 }, [0, 0.5, 1]],
])('marks round numbers up to %d with %j', (max, options, marks) => {
  const axis = valueAxis(max, options)
  expect(axis.marks.map((mark: number) => Number(mark.toPrecision(6)))).toEqual(marks)
  expect(axis.top).toBeCloseTo(marks.at(-1) as number)
})

it('has room for every value, and few marks', () => {
  for (let value = 0.0013; value < 1e12; value *= 1.37) {
    const { top, marks } = valueAxis(value, { minTop: 0.001 })
    expect(top).toBeGreaterThanOrEqual(value * (1 - 1e-9))
    expect(top).toBeLessThanOrEqual(value * 2.5)
    expect(marks.length).toBeGreaterThanOrEqual(2)
    expect(marks.length).toBeLessThanOrEqual(5)
  }
})

it('marks whole minutes before now', () => {
  expect(timeMarks(120_000)).toEqual([0, 60_000, 120_000])
  expect(timeMarks(600_000)).toEqual([0, 120_000, 240_000, 360_000, 480_000, 600_000])
})

it('turns values into pixels', () => {
  const x = linear(100, 200, 10, 20)
  expect([x(100), x(150), x(200)]).toEqual([10, 15, 20])
})
