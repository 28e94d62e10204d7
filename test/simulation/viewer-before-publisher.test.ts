import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'

test('viewers that joined first start when the publisher comes', () => {
  const stage = new Stage()
  const viewers = [stage.join(undefined), stage.join(undefined)]
  stage.run(30_000)
  expect(viewers.every(({ output }) => output.rtpPackets === 0 && output.rtcpPackets === 0)).toBe(true)
  const publisher = stage.publisher()
  for (const viewer of viewers) viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
  publisher.start()
  const startedMs = stage.nowMs
  stage.run(1000)
  for (const viewer of viewers) {
    expect(viewer.video.packets[0]?.keyframe).toBe(true)
    expect((viewer.video.packets[0]?.atMs ?? 0) - startedMs).toBeLessThan(50)
    expect(viewer.video.gaps()).toBe(0)
  }
})

test('a source set before the transport is up is taken when it starts', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.viewer()
  viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
  publisher.start()
  stage.run(2000)
  expect(viewer.output.rtpPackets).toBe(0)
  expect(publisher.ingest.stats(stage.nowMs).layers.map(({ sinks }) => sinks)).toEqual([0, 0])
  viewer.egress.start(stage.nowMs)
  stage.run(1000)
  expect(viewer.video.packets[0]?.keyframe).toBe(true)
  expect(viewer.audio.count).toBeGreaterThan(40)
})

test('a publisher that is connected but silent is asked once its first packet names the SSRC', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  stage.join(publisher)
  stage.run(5000)
  expect(publisher.plis).toBe(0)
  publisher.video.keyframeWanted = false
  publisher.start()
  stage.run(100)
  expect(publisher.plis).toBe(1)
})
