import { expect, test } from 'vitest'
import type { LayerEvent } from '../../src/media/egress/layer-event.js'
import { SimulcastSource } from './support/simulcast-source.js'
import { Stage } from './support/stage.js'

/** A viewer of a simulcast publisher of three layers, who gets the best one. */
function setUp() {
  const stage = new Stage()
  const simulcast = new SimulcastSource(stage.clock, stage.config)
  simulcast.start()
  const viewer = stage.viewer()
  const events: LayerEvent[] = []
  viewer.egress.onLayer = (event) => events.push(event)
  const layers = simulcast.layers.map(({ layer }) => layer)
  const tracks = [{ id: '1', kind: 'video' as const, extensions: [], layers }]
  viewer.egress.setSource('camera', { id: 'p1', tracks }, stage.nowMs)
  viewer.egress.start(stage.nowMs)
  stage.run(8000)
  const rids = () => events.splice(0).map(({ rid, reason }) => `${rid} ${reason}`)
  const lower = (loweredLayers: number) => {
    viewer.egress.configure({ loweredLayers }, stage.nowMs)
    stage.run(3000)
    return rids()
  }
  return { stage, viewer, rids, lower }
}

test('the server takes one layer after the other and gives them back; the least stays', () => {
  const { viewer, rids, lower } = setUp()
  expect(rids().at(-1)).toBe('h layer-started')
  expect(lower(1)).toEqual(['m overload'])
  expect(lower(2)).toEqual(['l overload'])
  expect(lower(9)).toEqual([])
  expect(lower(1)).toEqual(['m overload'])
  expect(lower(0)).toEqual(['h overload'])
  expect(viewer.video.gaps()).toBe(0)
})

test('what the viewer prefers is kept, and counts from below it', () => {
  const { stage, viewer, rids, lower } = setUp()
  viewer.egress.configure({ layer: { maxRid: 'm' } }, stage.nowMs)
  stage.run(3000)
  expect(rids().at(-1)).toBe('m preference')
  expect(lower(1)).toEqual(['l overload'])
  expect(lower(0)).toEqual(['m overload'])
  viewer.egress.configure({ layer: null }, stage.nowMs)
  stage.run(3000)
  expect(rids()).toEqual(['h preference'])
})
