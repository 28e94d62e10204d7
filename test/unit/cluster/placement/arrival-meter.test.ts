import { expect, it } from 'vitest'
import { ArrivalMeter } from '../../../../src/cluster/placement/arrival-meter.js'

it('counts who else has come to the same broadcast in the last seconds', () => {
  const meter = new ArrivalMeter(1000)
  expect(['a', 'b', 'a', 'a'].map((name) => meter.add(name, 0))).toEqual([0, 0, 1, 2])
  expect(meter.add('a', 1000)).toBe(3)
  expect(meter.add('a', 1999)).toBe(4)
  // What came at first is forgotten by now.
  expect(meter.add('a', 2000)).toBe(2)
  expect(meter.add('b', 2000)).toBe(0)
  expect(meter.add('a', 9000)).toBe(0)
})

it('remembers so many broadcasts and no more', () => {
  const meter = new ArrivalMeter(1000, 2)
  expect(['a', 'b', 'c', 'c', 'a'].map((name) => meter.add(name, 0))).toEqual([0, 0, 0, 0, 1])
})
