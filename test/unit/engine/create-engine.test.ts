import { expect, it } from 'vitest'
import { autoWorkers } from '../../../src/engine/create-engine.js'

it.each([
  [0.5, 1],
  [1, 1],
  [2, 1],
  [2.9, 1],
  [3, 2],
  [64, 63],
  [1000, 256],
])('of %d cores all but one carry media, but at least one does: %d threads', (cores, workers) => {
  expect(autoWorkers(cores)).toBe(workers)
})
