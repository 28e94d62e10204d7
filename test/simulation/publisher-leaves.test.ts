import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'

test('when the publisher leaves, viewers wait in silence and cost nothing', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(3000)
  publisher.close()
  viewer.egress.setSource('main', undefined, stage.nowMs)
  stage.run(100)
  const { rtpPackets } = viewer.output
  stage.run(2000)
  const { rtcpPackets } = viewer.output
  stage.run(60_000)
  expect(viewer.output.rtpPackets).toBe(rtpPackets)
  expect(viewer.output.rtcpPackets).toBe(rtcpPackets)
  expect(viewer.egress.tick(stage.nowMs)).toBe(Number.POSITIVE_INFINITY)
  expect(viewer.egress.stats(stage.nowMs).tracks.map(({ live }) => live)).toEqual([false, false])
})

test('a closed ingest says goodbye and feeds nobody', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(3000)
  publisher.close()
  stage.run(100)
  expect(publisher.byes).toBe(1)
  const { count } = viewer.audio
  publisher.audioFrame(20)
  stage.run(100)
  expect(viewer.audio.count).toBe(count)
  expect(publisher.ingest.stats(stage.nowMs).layers.map(({ sinks }) => sinks)).toEqual([0, 0])
})

test('a viewer that leaves gets a BYE, and the others go on', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const [leaving, staying] = [stage.join(publisher), stage.join(publisher)]
  publisher.start()
  stage.run(3000)
  leaving.close()
  stage.run(100)
  expect(leaving.byes).toBe(1)
  const { count } = leaving.video
  const before = staying.video.count
  stage.run(1000)
  expect(leaving.video.count).toBe(count)
  expect(staying.video.count).toBeGreaterThan(before + 80)
  expect(publisher.ingest.stats(stage.nowMs).layers.map(({ sinks }) => sinks)).toEqual([1, 1])
})

test('a camera that is muted and comes back goes on in the same stream', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(2000)
  publisher.videoPaused = true
  stage.run(30_000)
  publisher.videoPaused = false
  stage.run(2000)
  publisher.stop()
  stage.run(100)
  expect(viewer.video.gaps()).toBe(0)
  expect(viewer.video.count).toBe(publisher.video.packetsSent)
  expect(viewer.video.timestampSteps().mostMs).toBeGreaterThan(29_900)
})
