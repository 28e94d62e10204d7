import { expect, it } from 'vitest'
import type { SessionStats } from '../../../../src/cli/dashboard/dashboard-target.js'
import { mediaFigures } from '../../../../src/cli/dashboard/media-figures.js'

const LAYERS = [
  { rid: 'h', live: true, bitrateBps: 1_000_000 },
  { rid: 'q', live: true, bitrateBps: 100_000 },
  { rid: 'f', live: true, bitrateBps: 3_000_000 },
]

function viewer(rid: string | undefined, rttMs?: number, live = true, layers: object[] = LAYERS): SessionStats {
  const track = { kind: 'video', live, layers, ...(rid && { rid }) }
  return { egress: { tracks: [track, { kind: 'audio', live: true }], ...(rttMs && { rttMs }) } } as never
}

it('says who gets which layer, by what layers cost and not by their names', () => {
  const asked = [viewer('f'), viewer('f'), viewer('h'), viewer('q'), viewer('h', undefined, false)]
  expect(mediaFigures(asked, 5)).toMatchObject({ layersBest: 2, layersMiddle: 1, layersLowest: 1, layersNone: 1 })
})

it('takes a single layer for the best, and the only one that is live, too', () => {
  const dying = LAYERS.map((layer) => ({ ...layer, live: layer.rid === 'q' }))
  const asked = [
    viewer(undefined, undefined, true, [{ live: true, bitrateBps: 1 }]),
    viewer('q', undefined, true, dying),
  ]
  expect(mediaFigures(asked, 2)).toMatchObject({ layersBest: 2, layersLowest: 0 })
})

it('lets those that were asked stand for the others', () => {
  expect(mediaFigures([viewer('f'), viewer('q')], 100)).toMatchObject({ layersBest: 50, layersLowest: 50 })
  // More may have been asked than are left.
  expect(mediaFigures([viewer('f'), viewer('q')], 1)).toMatchObject({ layersBest: 1, layersLowest: 1 })
})

it('gives the round trip of the middle one and of the worst five percent', () => {
  const asked = Array.from({ length: 100 }, (_, i) => viewer('f', i + 1))
  expect(mediaFigures(asked, 100)).toMatchObject({ rttMs: 51, rtt95Ms: 96 })
  expect(mediaFigures([viewer('f'), viewer('f', 7)], 2)).toMatchObject({ rttMs: 7, rtt95Ms: 7 })
  expect(mediaFigures([], 0)).toEqual({
    rttMs: undefined,
    rtt95Ms: undefined,
    layersBest: 0,
    layersMiddle: 0,
    layersLowest: 0,
    layersNone: 0,
  })
})
