import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'

const DAY_MS = 24 * 60 * 60 * 1000

test('a broadcast of a day and a night wraps everything, loses nothing and grows nowhere', () => {
  const stage = new Stage({ reportIntervalMs: 10_000 })
  // Few packets, and still everything wraps: sequence numbers, and the timestamps of 90 kHz every 13 hours.
  const publisher = stage.publisher({
    fps: 2,
    audioMs: 2000,
    senderReportMs: 10_000,
    video: { framePackets: 1, keyframePackets: 2, packetBytes: 40, seq: 65_000, timestamp: 4_000_000_000 },
  })
  const viewer = stage.join(publisher, { keep: false, receiverReportMs: 10_000 })
  publisher.start()
  stage.run(DAY_MS / 4)
  publisher.videoCapturedMs.clear()
  publisher.audioCapturedMs.clear()
  const pendingBefore = stage.clock.pending
  const layer = publisher.ingest.tracks[1]?.layers[0]
  for (let i = 0; i < 3; i++) {
    stage.run(DAY_MS / 4)
    publisher.videoCapturedMs.clear()
    publisher.audioCapturedMs.clear()
  }
  expect(viewer.video.count + 10).toBeGreaterThan(publisher.video.packetsSent)
  expect(publisher.video.packetsSent).toBeGreaterThan(2 * 65_536)
  expect(viewer.video.statistics.packetsLost).toBe(0)
  expect(viewer.audio.statistics.packetsLost).toBe(0)
  expect(stage.clock.pending).toBeLessThanOrEqual(pendingBefore + 4)
  expect(publisher.ingest.stats(stage.nowMs).packetsLost).toBe(0)
  expect(viewer.egress.stats(stage.nowMs).rttMs).toBeCloseTo(20, 0)
  // Ten seconds of two packets each.
  expect(layer?.history.get(layer.history.newestExtSeq - 19)).toBeDefined()
  expect(layer?.history.get(layer.history.newestExtSeq - 21)).toBeUndefined()
  for (const report of viewer.video.reports.slice(-3)) {
    expect(Math.abs(report.unixMs - (report.atMs + stage.clock.unixOffsetMs))).toBeLessThan(100)
  }
})
