import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'

test('an encoder that restarts under another SSRC goes on in the same outgoing stream', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(3000)
  publisher.video.ssrc = 0x9999
  publisher.video.seq = 12
  publisher.video.timestamp = 99
  publisher.video.keyframeWanted = true
  stage.run(3000)
  publisher.stop()
  stage.run(100)
  expect(viewer.video.count).toBe(publisher.video.packetsSent)
  expect(viewer.video.gaps()).toBe(0)
  expect(viewer.video.timestampSteps().leastMs).toBeGreaterThanOrEqual(0)
  expect(viewer.video.timestampSteps().mostMs).toBeLessThan(40)
  expect(publisher.ingest.stats(stage.nowMs).layers[1]?.ssrc).toBe(0x9999)
})

test('without a keyframe of its own the new stream is asked for one', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(3000)
  const before = viewer.video.count
  publisher.video.ssrc = 0x9999
  publisher.video.seq = 40_000
  stage.run(1000)
  expect(publisher.plis).toBe(1)
  const after = viewer.video.packets.slice(before).find(({ keyframe }) => keyframe)
  expect(after).toBeDefined()
  expect(viewer.video.gaps()).toBe(0)
})

test('stragglers of the old SSRC do not move the layer back', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ uplink: { jitterMs: 80 } })
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(3000)
  for (let i = 0; i < 20; i++) {
    publisher.video.ssrc = 0xa000 + i
    publisher.video.seq = 7919 * i
    publisher.video.keyframeWanted = true
    stage.run(500)
  }
  stage.run(500)
  const { dropped, layers } = publisher.ingest.stats(stage.nowMs)
  expect(dropped.replacedSsrc).toBeGreaterThan(0)
  expect(layers[1]?.ssrc).toBe(0xa013)
  // Only stragglers and what came before a keyframe's first packet are missing.
  expect(viewer.video.gaps()).toBeLessThan(200)
  const live = viewer.egress.stats(stage.nowMs).tracks[1]?.live
  expect(live).toBe(true)
})

test('an SSRC that was replaced comes back once its successor is silent', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher)
  const first = publisher.video.ssrc
  publisher.start()
  stage.run(3000)
  publisher.video.ssrc = 0x9999
  publisher.video.keyframeWanted = true
  stage.run(3000)
  publisher.videoPaused = true
  stage.run(3000)
  publisher.videoPaused = false
  publisher.video.ssrc = first
  publisher.video.keyframeWanted = true
  const before = viewer.video.count
  stage.run(1000)
  expect(viewer.video.count - before).toBeGreaterThan(80)
  expect(publisher.ingest.stats(stage.nowMs).layers[1]?.ssrc).toBe(first)
})

test('a sender that begins to count anew under its SSRC is followed', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ video: { seq: 1000 } })
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(3000)
  publisher.video.seq = 50_000
  publisher.video.timestamp = 77
  stage.run(3000)
  publisher.stop()
  stage.run(100)
  expect(publisher.ingest.stats(stage.nowMs).dropped.outOfSequence).toBe(1)
  expect(viewer.egress.stats(stage.nowMs).tracks[1]?.live).toBe(true)
  expect(viewer.video.gaps()).toBe(0)
  expect(viewer.video.timestampSteps().leastMs).toBeGreaterThanOrEqual(0)
  expect(viewer.video.timestampSteps().mostMs).toBeLessThan(200)
})
