import { describe, expect, test } from 'vitest'
import { L1T3, L2T2, L3T3, L3T3_KEY } from './support/layer-patterns.js'
import {
  layeredPublisher,
  layeredSection,
  layeredVideo,
  PUBLISHER_DESCRIPTOR_ID,
  VIEWER_DESCRIPTOR_ID,
} from './support/layered-scene.js'
import type { LayeredVideo } from './support/layered-video.js'
import { piped } from './support/piped-publisher.js'
import { faultsOf, frameRate, receivedFrames } from './support/received-frames.js'
import type { SimulatedViewer } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'

/** Frames of the last second of each spatial layer, in quarters of the whole. */
function quarters(stage: Stage, viewer: SimulatedViewer, videos: readonly LayeredVideo[]): string {
  const frames = receivedFrames(viewer.video, videos)
  const rates = [0, 1, 2].map((spatialId) => frameRate(frames, spatialId, stage.nowMs - 1000, stage.nowMs))
  return rates.map((rate) => Math.round(rate / 7.5)).join('')
}

const STREAMS: readonly (readonly [string, () => LayeredVideo])[] = [
  ['AV1 L1T3', () => layeredVideo('AV1', L1T3, { withDescriptor: true })],
  ['H264 L1T3', () => layeredVideo('H264', L1T3, { withDescriptor: true })],
  ['VP8 L1T3', () => layeredVideo('VP8', L1T3, { withDescriptor: true })],
  [
    'VP8 L1T3 that says its picture ids alone',
    () => layeredVideo('VP8', L1T3, { withDescriptor: true, layered: false }),
  ],
  ['VP8 L1T3 that says nothing itself', () => layeredVideo('VP8', L1T3, { withDescriptor: true, bare: true })],
]

describe.each(STREAMS)('temporal layers of %s with the dependency descriptor', (_name, make) => {
  test.each([true, false])('go down and up by themselves; the viewer takes the descriptor: %s', (descriptor) => {
    const stage = new Stage()
    const video = make()
    const publisher = layeredPublisher(stage, [video])
    const viewer = stage.join(publisher, { sections: [layeredSection({ descriptor })] })
    publisher.start()
    stage.run(3000)
    const rates: string[] = []
    for (const maxTemporalId of [1, 0, 2, 0, 1, 2]) {
      viewer.egress.configure({ layer: { maxTemporalId } }, stage.nowMs)
      stage.run(2000)
      rates.push(quarters(stage, viewer, [video]))
    }
    publisher.stop()
    stage.run(100)
    expect(rates).toEqual(['200', '100', '400', '100', '200', '400'])
    expect(publisher.plis).toBe(0)
    expect(faultsOf(viewer.video, [video])).toEqual([])
    const carried = viewer.video.packets.filter(({ elements }) =>
      elements.some(({ id }) => id === VIEWER_DESCRIPTOR_ID),
    )
    expect(carried.length).toBe(descriptor ? viewer.video.count : 0)
  })
})

const wishes = [
  { maxSpatialId: 1 },
  { maxSpatialId: 1, maxTemporalId: 0 },
  { maxSpatialId: 1, maxTemporalId: 2 },
  { maxSpatialId: 0 },
  { maxSpatialId: 2, maxTemporalId: 1 },
  {},
]

test.each([
  // With full dependencies only the way up takes a keyframe.
  ['L3T3', L3T3, ['440 0', '110 0', '440 0', '400 0', '222 1', '444 0']],
  // Where the layers go apart behind a keyframe, every way to another picture takes one; what the target does not need is not sent.
  ['L3T3_KEY', L3T3_KEY, ['040 1', '010 0', '040 0', '400 1', '002 1', '004 0']],
] as const)('spatial layers of AV1 %s go down and up', (_name, mode, expected) => {
  const stage = new Stage()
  const video = layeredVideo('AV1', mode, { withDescriptor: true })
  const publisher = layeredPublisher(stage, [video])
  const viewer = stage.join(publisher, { sections: [layeredSection({ descriptor: true })] })
  publisher.start()
  stage.run(3000)
  const rates: string[] = []
  for (const layer of wishes) {
    const requests = publisher.plis
    viewer.egress.configure({ layer }, stage.nowMs)
    stage.run(2000)
    rates.push(`${quarters(stage, viewer, [video])} ${publisher.plis - requests}`)
  }
  publisher.stop()
  stage.run(100)
  expect(rates).toEqual(expected)
  expect(faultsOf(viewer.video, [video])).toEqual([])
})

test('a viewer that does not take the descriptor gets the lowest spatial layer of AV1, as it could not tell the others apart', () => {
  const stage = new Stage()
  const video = layeredVideo('AV1', L3T3, { withDescriptor: true })
  const flat = layeredVideo('AV1', L1T3, { withDescriptor: true, tag: 2 })
  const viewers = [false, true].map((descriptor) => stage.viewer({ sections: [layeredSection({ descriptor })] }))
  for (const viewer of viewers) viewer.egress.start(stage.nowMs)
  const rates: string[] = []
  for (const encoder of [flat, video]) {
    const publisher = layeredPublisher(stage, [encoder], [], { seed: encoder.tag })
    for (const viewer of viewers) viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
    publisher.start()
    stage.run(3000)
    rates.push(...viewers.map((viewer) => quarters(stage, viewer, [video, flat])))
    // It is all there is for it, so nothing is left out of it for the sake of a rate that the whole would exceed.
    viewers[0]?.egress.configure({ maxBitrateBps: 400_000 }, stage.nowMs)
    stage.run(3000)
    rates.push(quarters(stage, viewers[0] as SimulatedViewer, [video, flat]))
    expect(publisher.plis).toBe(0)
    publisher.stop()
    stage.run(100)
    publisher.close()
  }
  expect(rates).toEqual(['400', '400', '400', '400', '444', '400'])
  for (const viewer of viewers) expect(faultsOf(viewer.video, [video, flat])).toEqual([])
})

test('a publisher that takes up spatial layers later shows such a viewer the lowest, from that keyframe on', () => {
  const stage = new Stage()
  const flat = layeredVideo('AV1', L1T3, { withDescriptor: true })
  const publisher = layeredPublisher(stage, [flat])
  const viewer = stage.join(publisher, { sections: [layeredSection()] })
  publisher.start()
  stage.run(3000)
  const { ssrc, payloadType, seq, timestamp, frameNumber } = flat
  const video = layeredVideo('AV1', L2T2, { ssrc, payloadType, seq, timestamp, withDescriptor: true, tag: 2 })
  video.frameNumber = frameNumber
  flat.frame = (durationMs, take) => video.frame(durationMs, take)
  stage.run(3000)
  publisher.stop()
  stage.run(100)
  expect(quarters(stage, viewer, [flat, video])).toBe('400')
  expect(faultsOf(viewer.video, [flat, video])).toEqual([])
})

test.each([true, false])('loss on both ways is repaired by what was sent; over RTX: %s', (rtx) => {
  const stage = new Stage()
  const video = layeredVideo('AV1', L2T2, { withDescriptor: true })
  const publisher = layeredPublisher(stage, [video], [], { resends: 'same', seed: 5 })
  const viewer = stage.join(publisher, {
    sections: [layeredSection({ descriptor: true, rtx })],
    nackRttMs: 30,
    seed: 5,
  })
  publisher.start()
  stage.run(500)
  publisher.uplink.conditions.lossRate = 0.03
  viewer.downlink.conditions.lossRate = 0.03
  // What the structure is, only the first packet of a keyframe says: until that has been repaired, nothing is known.
  publisher.uplink.drop = (packet) => packet.length > 600 && video.keyframeWanted
  for (const layer of [{ maxSpatialId: 0 }, {}, { maxTemporalId: 0 }, {}]) {
    viewer.egress.configure({ layer }, stage.nowMs)
    stage.run(5000)
  }
  publisher.uplink.conditions.lossRate = 0
  viewer.downlink.conditions.lossRate = 0
  stage.run(500)
  publisher.stop()
  stage.run(500)
  expect(viewer.egress.stats(stage.nowMs).retransmission.packets).toBeGreaterThan(20)
  expect(faultsOf(viewer.video, [video])).toEqual([])
})

test('when the keyframe packet with the structure comes last, everything is forwarded until then, and less from then on', () => {
  const stage = new Stage()
  const video = layeredVideo('AV1', L2T2, { withDescriptor: true })
  const publisher = layeredPublisher(stage, [video])
  const viewer = stage.join(publisher, { sections: [layeredSection({ descriptor: true })] })
  publisher.start()
  stage.run(2000)
  viewer.egress.configure({ layer: { maxSpatialId: 0 } }, stage.nowMs)
  stage.run(1000)
  expect(quarters(stage, viewer, [video])).toBe('400')
  let isFirst = false
  publisher.uplink.drop = (packet) => {
    if (!isFirst) return false
    isFirst = false
    stage.clock.setTimer(100, () => publisher.uplink.send(packet))
    return true
  }
  const frame = video.frame.bind(video)
  video.frame = (durationMs, take) => {
    isFirst = video.keyframeWanted
    frame(durationMs, take)
  }
  viewer.sendPli()
  stage.run(2000)
  publisher.stop()
  stage.run(100)
  expect(quarters(stage, viewer, [video])).toBe('400')
  expect(viewer.video.gaps()).toBe(0)
  const frames = receivedFrames(viewer.video, [video])
  expect(frames.filter(({ sent, decodable }) => sent.spatialId === 0 && !decodable)).toEqual([])
})

test('a layer that the publisher gives up for a while is not waited for', () => {
  const stage = new Stage()
  const video = layeredVideo('AV1', L3T3, { withDescriptor: true })
  const publisher = layeredPublisher(stage, [video])
  const viewer = stage.join(publisher, { sections: [layeredSection({ descriptor: true })] })
  const small = stage.join(publisher, { sections: [layeredSection({ descriptor: true })] })
  small.egress.configure({ layer: { maxSpatialId: 0, maxTemporalId: 1 } }, stage.nowMs)
  publisher.start()
  stage.run(3000)
  const rates: string[] = []
  for (const active of [2, 1, 3, 2] as const) {
    // Encoders begin a sequence with a layer that they take up again.
    if (active > video.activeSpatial) video.keyframeWanted = true
    video.activeSpatial = active
    stage.run(4000)
    rates.push(`${quarters(stage, viewer, [video])} ${quarters(stage, small, [video])}`)
  }
  publisher.stop()
  stage.run(100)
  expect(rates).toEqual(['440 200', '400 200', '444 200', '440 200'])
  expect(faultsOf(viewer.video, [video])).toEqual([])
  expect(faultsOf(small.video, [video])).toEqual([])
  expect(publisher.plis).toBe(0)
})

test('a pipe that begins amid a sequence knows the layers from the next keyframe on, and leaves out what it is to', () => {
  const stage = new Stage()
  const video = layeredVideo('AV1', L3T3, { withDescriptor: true })
  const publisher = layeredPublisher(stage, [video])
  const near = stage.join(publisher, { sections: [layeredSection({ descriptor: true })] })
  publisher.start()
  stage.run(3000)
  const source = piped(stage, publisher)
  const far = stage.viewer({ sections: [layeredSection({ descriptor: true })] })
  far.egress.configure({ layer: { maxSpatialId: 1, maxTemporalId: 1 } }, stage.nowMs)
  far.egress.setSource('main', source, stage.nowMs)
  far.egress.start(stage.nowMs)
  stage.run(200)
  expect(publisher.plis).toBe(1)
  stage.run(2000)
  expect(quarters(stage, far, [video])).toBe('220')
  const late = stage.viewer({ sections: [layeredSection({ descriptor: true })] })
  late.egress.configure({ layer: { maxSpatialId: 0, maxTemporalId: 0 } }, stage.nowMs)
  late.egress.setSource('main', source, stage.nowMs)
  late.egress.start(stage.nowMs)
  stage.run(2000)
  expect(late.egress.stats(stage.nowMs).tracks[0]?.instantStart.hits).toBe(1)
  expect(quarters(stage, late, [video])).toBe('100')
  far.egress.configure({ layer: null }, stage.nowMs)
  stage.run(2000)
  expect(quarters(stage, far, [video])).toBe('444')
  expect(publisher.plis).toBe(2)
  publisher.stop()
  stage.run(100)
  for (const viewer of [near, far, late]) expect(faultsOf(viewer.video, [video])).toEqual([])
  expect(near.video.count).toBe(video.packetsSent)
})

test('a viewer that is behind the present reads old packets by old structures, however many keyframes come meanwhile', () => {
  const stage = new Stage()
  const video = layeredVideo('AV1', L2T2, { withDescriptor: true })
  const publisher = layeredPublisher(stage, [video])
  stage.join(publisher, { sections: [layeredSection({ descriptor: true })] })
  publisher.start()
  stage.run(4500)
  const viewer = stage.viewer({ sections: [layeredSection({ descriptor: true })] })
  viewer.egress.configure({ layer: { maxSpatialId: 0 } }, stage.nowMs)
  viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
  viewer.egress.start(stage.nowMs)
  for (let i = 0; i < 4; i++) {
    video.keyframeWanted = true
    stage.run(100)
    // More is wanted before the second frame of the past is read, less again, and so on: nothing but what the stream permits comes of it.
    viewer.egress.configure({ layer: { maxSpatialId: i % 2 === 0 ? 1 : 0, maxTemporalId: i } }, stage.nowMs)
  }
  stage.run(3000)
  publisher.stop()
  stage.run(100)
  expect(faultsOf(viewer.video, [video])).toEqual([])
})

test('a viewer that goes on from the cache with more than before is sent what belongs to that from its first frame on', () => {
  const stage = new Stage()
  const video = layeredVideo('AV1', L2T2, { withDescriptor: true })
  const publisher = layeredPublisher(stage, [video])
  const viewer = stage.join(publisher, { sections: [layeredSection({ descriptor: true })] })
  publisher.start()
  stage.run(2000)
  viewer.egress.configure({ layer: { maxSpatialId: 0 } }, stage.nowMs)
  stage.run(500)
  viewer.egress.configure({ paused: { video: true } }, stage.nowMs)
  stage.run(500)
  viewer.egress.configure({ paused: { video: false } }, stage.nowMs)
  // The keyframe has been sent, and what follows it has not.
  viewer.egress.configure({ layer: { maxSpatialId: 1 } }, stage.nowMs)
  stage.run(2000)
  publisher.stop()
  stage.run(100)
  expect(faultsOf(viewer.video, [video])).toEqual([])
})

test('a publisher that begins to count anew, under another SSRC, is understood at once and for as long as it goes on', () => {
  const stage = new Stage()
  const video = layeredVideo('AV1', L3T3, { withDescriptor: true, framePackets: 1 })
  const publisher = layeredPublisher(stage, [video])
  const viewer = stage.join(publisher, { sections: [layeredSection({ descriptor: true })] })
  viewer.egress.configure({ layer: { maxSpatialId: 1 } }, stage.nowMs)
  publisher.start()
  stage.run(3000)
  video.ssrc += 100
  video.seq = 4711
  // As far behind as can be without being taken for ahead.
  video.frameNumber = (video.frameNumber - 0x7000) & 0xffff
  video.keyframeWanted = true
  stage.run(3000)
  expect(quarters(stage, viewer, [video])).toBe('440')
  // Past the number of the last structure of the SSRC before.
  stage.run(340_000)
  expect(quarters(stage, viewer, [video])).toBe('440')
  publisher.stop()
  stage.run(100)
  expect(viewer.video.gaps()).toBe(0)
  expect(receivedFrames(viewer.video, [video]).filter(({ decodable }) => !decodable)).toEqual([])
})

test('publishers with the descriptor and without take turns, and simulcast layers each have their own', () => {
  const stage = new Stage()
  const rids = ['h', 'f']
  const simulcast = rids.map((ridName, i) =>
    layeredVideo('VP8', L1T3, {
      ...{ tag: 10 + i, ridName, framePackets: i + 1, withDescriptor: true, bare: true },
      ...{ width: 640 * 2 ** i, height: 360 * 2 ** i },
    }),
  )
  const turns: readonly (readonly LayeredVideo[])[] = [
    [layeredVideo('VP8', L1T3, { tag: 1, withDescriptor: true })],
    [layeredVideo('VP8', L1T3, { tag: 2 })],
    [layeredVideo('AV1', L3T3, { tag: 3, withDescriptor: true })],
    simulcast,
    [layeredVideo('VP9', L3T3_KEY, { tag: 4, withDescriptor: true, flexible: true })],
  ]
  const videos = turns.flat()
  const viewer = stage.viewer({ sections: [layeredSection({ descriptor: true })] })
  viewer.egress.configure({ layer: { maxTemporalId: 1 } }, stage.nowMs)
  viewer.egress.start(stage.nowMs)
  for (const [i, encoders] of turns.entries()) {
    const publisher = layeredPublisher(stage, encoders, encoders.length > 1 ? rids : [], { seed: i + 1 })
    viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
    publisher.start()
    stage.run(3000)
    for (const maxRid of ['h', 'f', 'h']) {
      viewer.egress.configure({ layer: { maxTemporalId: 1, maxRid } }, stage.nowMs)
      stage.run(1500)
    }
    expect(quarters(stage, viewer, videos)[0]).toBe('2')
    publisher.stop()
    stage.run(100)
    publisher.close()
  }
  expect(faultsOf(viewer.video, videos)).toEqual([])
  expect(PUBLISHER_DESCRIPTOR_ID).not.toBe(VIEWER_DESCRIPTOR_ID)
})
