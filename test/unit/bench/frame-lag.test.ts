/** How far behind a viewer is follows from the numbers of the frames that it shows. */
import { expect, it } from 'vitest'
import { lagMs } from '../../bench/quality/frame-lag.mjs'

/** Thirty frames a second from 0 on, numbered modulo sixty, `lateMs` late. */
function frames(lateMs: number) {
  return Array.from({ length: 300 }, (_, i) => ({ atMs: (i * 1000) / 30 + lateMs, index: i % 60 }))
}

it('is the time between the same frames', () => {
  expect(lagMs(frames(120), frames(0), 2000, 4000)).toBeCloseTo(120)
  expect(lagMs(frames(0), frames(250), 2000, 4000)).toBeCloseTo(-250)
})

it('puts up with frames that one of them has not shown', () => {
  const some = frames(0).filter((_, i) => i % 3 === 0)
  expect(lagMs(frames(-40), some, 2000, 4000)).toBeCloseTo(-40)
})

it('knows nothing where they have nothing in common', () => {
  expect(lagMs(frames(0), [], 2000, 4000)).toBeUndefined()
  expect(lagMs(frames(0), frames(0), 20_000, 30_000)).toBeUndefined()
})
