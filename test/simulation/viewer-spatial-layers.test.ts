import { describe, expect, test } from 'vitest'
import { L3T1_KEY, L3T3, L3T3_KEY, type LayerMode } from './support/layer-patterns.js'
import { layeredPublisher, layeredSection, layeredVideo } from './support/layered-scene.js'
import type { LayeredVideo } from './support/layered-video.js'
import { faultsOf, frameRate, receivedFrames } from './support/received-frames.js'
import type { SimulatedViewer } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'

/** Frames of the last second of each spatial layer, in quarters of the whole. */
function quarters(stage: Stage, viewer: SimulatedViewer, videos: readonly LayeredVideo[]): number[] {
  const frames = receivedFrames(viewer.video, videos)
  return [0, 1, 2].map((spatialId) => Math.round(frameRate(frames, spatialId, stage.nowMs - 1000, stage.nowMs) / 7.5))
}

const MODES: readonly (readonly [string, LayerMode, boolean])[] = [
  ['L3T3', L3T3, false],
  ['L3T3_KEY', L3T3_KEY, false],
  ['L3T3_KEY in the flexible mode', L3T3_KEY, true],
]

describe.each(MODES)('spatial layers of VP9 %s', (_name, mode, flexible) => {
  test('go down at once and up with a keyframe, of which one is asked for', () => {
    const stage = new Stage()
    const video = layeredVideo('VP9', mode, { flexible })
    const publisher = layeredPublisher(stage, [video])
    const viewer = stage.join(publisher, { sections: [layeredSection()] })
    const other = stage.join(publisher, { sections: [layeredSection()] })
    publisher.start()
    stage.run(3000)
    const rates: string[] = []
    const wishes = [
      { maxSpatialId: 1 },
      { maxSpatialId: 0 },
      { maxSpatialId: 0, maxTemporalId: 0 },
      { maxSpatialId: 1, maxTemporalId: 1 },
      { maxTemporalId: 0 },
      {},
      { maxSpatialId: 0 },
      {},
    ]
    for (const layer of wishes) {
      const requests = publisher.plis
      viewer.egress.configure({ layer }, stage.nowMs)
      stage.run(2000)
      rates.push(`${quarters(stage, viewer, [video]).join('')} ${publisher.plis - requests}`)
    }
    publisher.stop()
    stage.run(100)
    // Spatial layers upwards cost a keyframe, everything else costs none.
    expect(rates).toEqual(['440 0', '400 0', '100 0', '220 1', '111 1', '444 0', '400 0', '444 1'])
    expect(faultsOf(viewer.video, [video])).toEqual([])
    expect(faultsOf(other.video, [video])).toEqual([])
    expect(other.video.count).toBe(video.packetsSent)
  })

  test('are chosen by the rate that the viewer may have, or the size that it wants', () => {
    const stage = new Stage()
    const video = layeredVideo('VP9', mode, { flexible, packetBytes: 1000 })
    const publisher = layeredPublisher(stage, [video])
    const viewer = stage.join(publisher, { sections: [layeredSection()] })
    publisher.start()
    stage.run(3000)
    const seen: number[][] = []
    for (const settings of [
      { maxBitrateBps: 1_800_000 },
      { maxBitrateBps: 600_000 },
      { maxBitrateBps: null },
      { layer: { maxHeight: 360 } },
      { layer: { maxWidth: 320 } },
      { layer: null },
    ]) {
      viewer.egress.configure(settings, stage.nowMs)
      stage.run(5000)
      seen.push(quarters(stage, viewer, [video]))
      const { bitrateBps } = viewer.egress.stats(stage.nowMs)
      if (settings.maxBitrateBps) expect(bitrateBps).toBeLessThan(1.05 * settings.maxBitrateBps)
    }
    publisher.stop()
    stage.run(100)
    // Half the frames of the large picture come before all frames of a smaller one.
    expect(seen).toEqual([
      [2, 2, 2],
      [4, 0, 0],
      [4, 4, 4],
      [4, 4, 0],
      [4, 0, 0],
      [4, 4, 4],
    ])
    expect(faultsOf(viewer.video, [video])).toEqual([])
  })

  test.each([false, true])('survive loss on both ways, and what is sent again is the same; over RTX: %s', (rtx) => {
    const stage = new Stage()
    const video = layeredVideo('VP9', mode, { flexible })
    const publisher = layeredPublisher(stage, [video], [], { resends: 'same', seed: 2 })
    const viewer = stage.join(publisher, { sections: [layeredSection({ rtx })], nackRttMs: 30, seed: 2 })
    publisher.start()
    stage.run(500)
    publisher.uplink.conditions.lossRate = 0.03
    publisher.uplink.conditions.jitterMs = 8
    viewer.downlink.conditions.lossRate = 0.03
    const rates: string[] = []
    for (const layer of [{ maxSpatialId: 0 }, { maxSpatialId: 2 }, { maxSpatialId: 1, maxTemporalId: 0 }, {}]) {
      viewer.egress.configure({ layer }, stage.nowMs)
      stage.run(5000)
      rates.push(quarters(stage, viewer, [video]).join(''))
    }
    publisher.uplink.conditions.lossRate = 0
    publisher.uplink.conditions.jitterMs = 0
    viewer.downlink.conditions.lossRate = 0
    stage.run(500)
    publisher.stop()
    stage.run(500)
    expect(rates).toEqual(['400', '444', '110', '444'])
    expect(viewer.egress.stats(stage.nowMs).retransmission.packets).toBeGreaterThan(50)
    expect(publisher.resender.resent).toBeGreaterThan(50)
    expect(faultsOf(viewer.video, [video])).toEqual([])
  })
})

test('a viewer that joins with a wish begins with the small picture, and asks for a keyframe to get the large one', () => {
  const stage = new Stage()
  const video = layeredVideo('VP9', L3T3_KEY)
  const publisher = layeredPublisher(stage, [video])
  stage.join(publisher, { sections: [layeredSection()] })
  publisher.start()
  stage.run(3000)
  const sections = [layeredSection({ transportWide: true, rtx: true })]
  const viewer = stage.viewer({ sections })
  viewer.egress.configure({ layer: { maxHeight: 180 } }, stage.nowMs)
  viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
  viewer.egress.start(stage.nowMs)
  stage.run(2000)
  const begun = receivedFrames(viewer.video, [video])
  expect(viewer.egress.stats(stage.nowMs).tracks[0]?.instantStart.hits).toBe(1)
  expect(begun[0]?.sent.index).toBe(0)
  expect(Math.max(...begun.map(({ sent }) => sent.spatialId))).toBe(0)
  expect(publisher.plis).toBe(0)
  // Until it is evident that no estimate comes.
  stage.run(6000)
  viewer.egress.configure({ layer: null }, stage.nowMs)
  stage.run(3000)
  expect(publisher.plis).toBe(1)
  expect(quarters(stage, viewer, [video])).toEqual([4, 4, 4])
  publisher.stop()
  stage.run(100)
  expect(faultsOf(viewer.video, [video])).toEqual([])
})

test('publishers with spatial layers, without, and with another codec take turns', () => {
  const stage = new Stage()
  const videos = [
    layeredVideo('VP9', L3T3_KEY, { tag: 1 }),
    layeredVideo('VP8', L3T1_KEY, { tag: 2, mode: { spatial: 1, temporal: 1 }, layered: false }),
    layeredVideo('VP9', L3T1_KEY, { tag: 3 }),
    layeredVideo('AV1', L3T3, { tag: 4, withDescriptor: true }),
    layeredVideo('VP9', L3T3, { tag: 5 }),
  ]
  const viewer = stage.viewer({ sections: [layeredSection({ descriptor: true })] })
  viewer.egress.configure({ layer: { maxSpatialId: 1 } }, stage.nowMs)
  viewer.egress.start(stage.nowMs)
  const rates: string[] = []
  for (const video of videos) {
    const publisher = layeredPublisher(stage, [video], [], { seed: video.tag })
    viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
    publisher.start()
    stage.run(3000)
    rates.push(quarters(stage, viewer, videos).join(''))
    publisher.stop()
    stage.run(100)
    publisher.close()
  }
  expect(rates).toEqual(['440', '400', '440', '440', '440'])
  expect(faultsOf(viewer.video, videos)).toEqual([])
})

test('a hundred viewers that want the large picture again cost the publisher one keyframe', () => {
  const stage = new Stage()
  const video = layeredVideo('VP9', L3T1_KEY, { framePackets: 1 })
  const publisher = layeredPublisher(stage, [video])
  const viewers = Array.from({ length: 100 }, () => stage.join(publisher, { sections: [layeredSection()] }))
  publisher.start()
  stage.run(2000)
  for (const viewer of viewers) viewer.egress.configure({ layer: { maxSpatialId: 0 } }, stage.nowMs)
  stage.run(2000)
  for (const viewer of viewers) viewer.egress.configure({ layer: null }, stage.nowMs)
  stage.run(2000)
  expect(publisher.plis).toBe(1)
  for (const viewer of viewers) expect(quarters(stage, viewer, [video])).toEqual([4, 4, 4])
})
