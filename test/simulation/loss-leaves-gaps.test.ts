import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'

test('what is lost on the way in is a gap of the same size on the way out', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ uplink: { lossRate: 0.05 }, senderReportMs: 0 })
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(20_000)
  publisher.uplink.conditions.lossRate = 0
  stage.run(1000)
  publisher.stop()
  stage.run(100)
  const { lost } = publisher.uplink.stats
  expect(lost).toBeGreaterThan(100)
  const { packetsLost, packetsReceived } = publisher.ingest.stats(stage.nowMs)
  const { dropped } = viewer.egress.stats(stage.nowMs)
  const forwarded = viewer.video.count + viewer.audio.count
  expect(forwarded).toBe(packetsReceived - dropped.waitingForKeyframe)
  // Loss before the stream's first packet is not known to anybody.
  expect(viewer.audio.gaps() + viewer.video.gaps()).toBeLessThanOrEqual(packetsLost)
  expect(packetsLost - viewer.audio.gaps() - viewer.video.gaps()).toBeLessThanOrEqual(dropped.waitingForKeyframe)
  expect(Math.abs(packetsLost - lost)).toBeLessThanOrEqual(8)
})

test('loss behind us is counted from the viewer reports, and changes nothing', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher, { downlink: { lossRate: 0.1 } })
  const other = stage.join(publisher)
  publisher.start()
  stage.run(20_000)
  const stats = viewer.egress.stats(stage.nowMs)
  expect(stats.packetsLost / stats.packetsSent).toBeGreaterThan(0.08)
  expect(stats.packetsLost / stats.packetsSent).toBeLessThan(0.12)
  expect(stats.fractionLost).toBeGreaterThan(0.02)
  expect(other.egress.stats(stage.nowMs).packetsLost).toBe(0)
})

test('a gap too long for loss starts over at a keyframe, without a gap of its own', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ fps: 60, video: { framePackets: 20, packetBytes: 50 } })
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(3000)
  publisher.uplink.down = true
  stage.run(5000)
  publisher.uplink.down = false
  const backMs = stage.nowMs
  stage.run(2000)
  const after = viewer.video.packets.filter(({ atMs }) => atMs >= backMs)
  expect(after[0]?.keyframe).toBe(true)
  expect(viewer.video.gaps()).toBe(0)
  expect(viewer.video.timestampSteps().mostMs).toBeGreaterThan(4900)
  expect(viewer.video.timestampSteps().mostMs).toBeLessThan(5200)
})

test('NACKs are counted', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(1000)
  viewer.sendNack([5, 6, 9, 400])
  stage.run(50)
  const { nacksReceived, nackedPackets } = viewer.egress.stats(stage.nowMs)
  expect({ nacksReceived, nackedPackets }).toEqual({ nacksReceived: 1, nackedPackets: 4 })
})
