/** What is said about audio and video follows from samples of a viewer's statistics. */
import { expect, it } from 'vitest'
import { skewFigures } from '../../bench/quality/skew-figures.mjs'

/** Ten samples a second over ten seconds; undefined where a statistic is missing. */
function samples(skewMs: (atMs: number) => number | undefined) {
  return Array.from({ length: 100 }, (_, i) => {
    const atMs = 1000 + i * 100
    const ms = skewMs(atMs - 1000)
    const video = { estimatedPlayoutTimestamp: 5000 + atMs }
    return { atMs, video, audio: ms === undefined ? {} : { estimatedPlayoutTimestamp: 5000 + atMs + ms } }
  })
}

it('says when they have come together, and how close they are then', () => {
  const figures = skewFigures(
    samples((atMs) => (atMs < 3000 ? -100 : 15)),
    1000,
    11_000,
  )
  expect(figures).toMatchObject({ samples: 100, convergedMs: 3000, p50Ms: 15, worstMs: 15, peakMs: -100, within: 1 })
})

it('does not call it together before the last time that they are apart', () => {
  const figures = skewFigures(
    samples((atMs) => (atMs === 8000 ? 41 : 40)),
    1000,
    11_000,
  )
  expect(figures.convergedMs).toBe(8100)
  expect(figures.within).toBeCloseTo(0.98)
})

it('knows nothing without sender reports, and says so', () => {
  const figures = skewFigures(
    samples((atMs) => (atMs < 2000 ? undefined : 0)),
    1000,
    11_000,
  )
  expect(figures).toMatchObject({ samples: 80, of: 100, firstMs: 2000, convergedMs: 2000 })
  expect(skewFigures([], 0, 1000)).toMatchObject({ samples: 0, convergedMs: undefined, worstMs: undefined })
})
