import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { coresOfControlGroup, usableCores } from '../../../src/engine/usable-cores.js'

describe('cores of a control group', () => {
  it.each([
    ['150000 100000\n', 1.5],
    ['max 100000\n', undefined],
    ['-1 100000', undefined],
    ['undefined undefined', undefined],
    ['', undefined],
  ])('of %j are %s', (text, cores) => {
    expect(coresOfControlGroup(text)).toBe(cores)
  })
})

it('the cores that a process may use are some, and no more than its threads may run on', () => {
  expect(usableCores()).toBeGreaterThan(0)
  expect(usableCores()).toBeLessThanOrEqual(availableParallelism())
})
