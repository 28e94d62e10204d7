import { expect, test } from 'vitest'
import type { LayerEvent } from '../../src/media/egress/layer-event.js'
import type { MediaSource } from '../../src/media/types.js'
import { writeRemb } from '../../src/rtp/rtcp/feedback.js'
import type { SimulatedViewer } from './support/simulated-viewer.js'
import { SimulcastSource } from './support/simulcast-source.js'
import { Stage } from './support/stage.js'

interface Scene {
  readonly stage: Stage
  readonly simulcast: SimulcastSource
  readonly viewer: SimulatedViewer
  readonly events: (LayerEvent & { readonly atMs: number })[]
  /** What the viewer's network carries, by its own estimate; nothing is known if undefined. */
  rembBps: number | undefined
}

/** A viewer that has been watching a simulcast publisher for a while. */
function setUp(): Scene {
  const stage = new Stage()
  const simulcast = new SimulcastSource(stage.clock, stage.config)
  simulcast.start()
  const viewer = stage.viewer()
  const events: Scene['events'] = []
  viewer.egress.onLayer = (event) => events.push({ ...event, atMs: stage.nowMs })
  const scene: Scene = { stage, simulcast, viewer, events, rembBps: undefined }
  const report = (): void => {
    if (scene.rembBps !== undefined) sendRemb(viewer, scene.rembBps)
    stage.clock.setTimer(200, report)
  }
  report()
  viewer.egress.setSource('camera', sourceOf(simulcast), stage.nowMs)
  viewer.egress.start(stage.nowMs)
  stage.run(8000)
  return scene
}

function sourceOf(simulcast: SimulcastSource, id = 'p1'): MediaSource {
  const layers = simulcast.layers.map(({ layer }) => layer)
  return { id, tracks: [{ id: '1', kind: 'video', extensions: [], layers }] }
}

function sendRemb(viewer: SimulatedViewer, bitrateBps: number): void {
  const packet = Buffer.alloc(64)
  const length = writeRemb(packet, 0, 1, bitrateBps, [viewer.video.ssrc])
  viewer.uplink.send(packet, 0, length)
}

function summary(events: readonly LayerEvent[]): string[] {
  return events.map(({ live, rid, reason }) => `${live ? rid : '-'} ${reason}`)
}

test('a publisher comes, is replaced and leaves', () => {
  const { stage, viewer, events } = setUp()
  expect(summary(events)).toEqual(['l source', 'h layer-started'])
  expect(events[0]).toMatchObject({ publisher: 'camera', mid: 'v', live: true })
  events.length = 0
  const another = new SimulcastSource(stage.clock, stage.config)
  another.start()
  viewer.egress.setSource('camera', sourceOf(another, 'p2'), stage.nowMs)
  stage.run(300)
  expect(summary(events)).toEqual(['l source'])
  stage.run(5000)
  events.length = 0
  viewer.egress.setSource('camera', undefined, stage.nowMs)
  stage.run(1000)
  expect(events).toMatchObject([{ publisher: 'camera', mid: 'v', live: false, rid: undefined, reason: 'source' }])
})

test('another publisher is chosen', () => {
  const { stage, viewer, events } = setUp()
  const slides = new SimulcastSource(stage.clock, stage.config)
  slides.start()
  viewer.egress.setSource('slides', sourceOf(slides, 'p2'), stage.nowMs)
  stage.run(1000)
  events.length = 0
  viewer.egress.configure({ publishers: ['slides'] }, stage.nowMs)
  stage.run(300)
  expect(events).toMatchObject([{ publisher: 'slides', mid: 'v', live: true, reason: 'source' }])
})

test('a change is told when its keyframe has been sent, not when it is decided', () => {
  const { stage, simulcast, viewer, events } = setUp()
  events.length = 0
  const low = simulcast.layers[0]
  if (low) low.answers = false
  viewer.egress.configure({ layer: { maxRid: 'l' } }, stage.nowMs)
  stage.run(2000)
  expect(events).toEqual([])
  if (low) low.video.keyframeWanted = true
  const keyframeMs = stage.nowMs
  stage.run(500)
  expect(summary(events)).toEqual(['l preference'])
  expect((events[0]?.atMs ?? 0) - keyframeMs).toBeLessThan(100)
})

test('a change that no keyframe carries out is not told', () => {
  const { stage, simulcast, viewer, events } = setUp()
  events.length = 0
  const low = simulcast.layers[0]
  if (low) low.answers = false
  viewer.egress.configure({ layer: { maxRid: 'l' } }, stage.nowMs)
  stage.run(3000)
  viewer.egress.configure({ layer: null }, stage.nowMs)
  stage.run(10_000)
  expect(events).toEqual([])
})

test('the network gets worse and better', () => {
  const scene = setUp()
  const { stage, events } = scene
  scene.rembBps = 3_000_000
  stage.run(5000)
  events.length = 0
  scene.rembBps = 700_000
  stage.run(5000)
  expect(summary(events)).toEqual(['m bandwidth'])
  scene.rembBps = 4_000_000
  stage.run(20_000)
  expect(summary(events)).toEqual(['m bandwidth', 'h bandwidth'])
})

test('a layer stops and comes back', () => {
  const { stage, simulcast, events } = setUp()
  events.length = 0
  const top = simulcast.layers[2]
  if (top) top.enabled = false
  stage.run(5000)
  expect(summary(events)).toEqual(['m layer-ended'])
  if (top) top.enabled = true
  stage.run(8000)
  expect(summary(events)).toEqual(['m layer-ended', 'h layer-started'])
})

test('video is paused and resumed', () => {
  const { stage, viewer, events } = setUp()
  events.length = 0
  const pausedMs = stage.nowMs
  viewer.egress.configure({ paused: { video: true } }, stage.nowMs)
  stage.run(3000)
  expect(events).toMatchObject([{ publisher: 'camera', live: false, rid: undefined, reason: 'paused' }])
  expect(events[0]?.atMs).toBeLessThan(pausedMs + 10)
  viewer.egress.configure({ paused: { video: false } }, stage.nowMs)
  stage.run(500)
  expect(events[1]).toMatchObject({ publisher: 'camera', live: true, reason: 'resumed' })
})

test('a publisher of a single layer is told like any other, and pausing too', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  publisher.start()
  const viewer = stage.viewer()
  const events: LayerEvent[] = []
  viewer.egress.onLayer = (event) => events.push(event)
  viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
  viewer.egress.start(stage.nowMs)
  stage.run(2000)
  // Less than it needs: it is sent all the same.
  sendRemb(viewer, 60_000)
  stage.run(5000)
  viewer.egress.configure({ paused: { video: true } }, stage.nowMs)
  stage.run(1000)
  viewer.egress.configure({ paused: { video: false } }, stage.nowMs)
  stage.run(2000)
  expect(summary(events)).toEqual(['undefined source', '- paused', 'undefined resumed'])
})

test('the listener may close the viewer, and nothing is told afterwards', () => {
  const { stage, viewer, events } = setUp()
  const before = events.length
  viewer.egress.onLayer = (event) => {
    events.push({ ...event, atMs: stage.nowMs })
    viewer.close()
  }
  viewer.egress.configure({ paused: { video: true } }, stage.nowMs)
  stage.run(3000)
  expect(events.length).toBe(before + 1)
})
