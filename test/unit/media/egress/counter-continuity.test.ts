import { expect, test } from 'vitest'
import { CounterContinuity } from '../../../../src/media/egress/counter-continuity.js'

test('the first source keeps its values', () => {
  const counter = new CounterContinuity(8)
  counter.begin(200)
  expect(counter.map(200)).toBe(200)
  expect(counter.map(300 & 0xff)).toBe(44)
})

test('a change goes on at the next value, across the wrap', () => {
  const counter = new CounterContinuity(15)
  counter.begin(0x7ffe)
  counter.sent(counter.map(0x7fff))
  counter.begin(1234)
  expect([1234, 1235].map((value) => counter.map(value))).toEqual([0, 1])
  counter.sent(1)
  counter.begin(0x7fff)
  expect([0x7fff, 0].map((value) => counter.map(value))).toEqual([2, 3])
})
