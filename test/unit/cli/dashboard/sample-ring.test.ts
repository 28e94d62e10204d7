import { expect, it } from 'vitest'
import { SampleRing } from '../../../../src/cli/dashboard/sample-ring.js'

it('keeps the newest samples, oldest first, and forgets the others', () => {
  const ring = new SampleRing(['a', 'b'], 3)
  for (let i = 1; i <= 5; i++) ring.push(i * 1000, { a: i, b: -i })
  expect(ring.rows()).toEqual([
    [3000, 3, -3],
    [4000, 4, -4],
    [5000, 5, -5],
  ])
})

it('gives what is later than a time', () => {
  const ring = new SampleRing(['a'], 3)
  expect(ring.rows()).toEqual([])
  ring.push(1000, { a: 1 })
  ring.push(2000, { a: 2 })
  expect(ring.rows(1000)).toEqual([[2000, 2]])
  expect(ring.rows(2000)).toEqual([])
})

it('has null for what is not known, and four digits for what is', () => {
  const ring = new SampleRing(['a', 'b', 'c'], 2)
  ring.push(0, { a: 1 / 3, b: undefined })
  ring.push(1, { a: 1_234_567, c: Number.POSITIVE_INFINITY })
  expect(ring.rows()).toEqual([
    [0, 0.3333, null, null],
    [1, 1_235_000, null, null],
  ])
})
