import { expect, test } from 'vitest'
import type { ReceivedPacket } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'

test('viewers go on through a new publisher: one SSRC, sequence without a gap, time by what has elapsed', () => {
  const stage = new Stage()
  const first = stage.publisher({ seed: 1, video: { pictureId: 0x7ff0 } })
  const viewer = stage.join(first)
  first.start()
  stage.run(4000)
  first.stop()
  stage.run(1000)
  first.close()
  const second = stage.publisher({
    seed: 2,
    clockSkewMs: 7_200_000,
    video: { seq: 65_000, timestamp: 5, pictureId: 3 },
  })
  viewer.egress.setSource('main', second.ingest, stage.nowMs)
  second.start()
  stage.run(4000)
  second.stop()
  stage.run(100)
  for (const stream of [viewer.video, viewer.audio]) {
    expect(stream.gaps()).toBe(0)
    const steps = stream.timestampSteps()
    expect(steps.leastMs).toBeGreaterThanOrEqual(0)
    // The pause of a second, and the rest of a frame.
    expect(steps.mostMs).toBeGreaterThan(990)
    expect(steps.mostMs).toBeLessThan(1060)
  }
  expect(viewer.video.count).toBe(first.video.packetsSent + second.video.packetsSent)
  const ordered = [...viewer.video.packets].sort((a, b) => a.extSeq - b.extSeq)
  const pictures: ReceivedPacket[] = ordered.filter((packet, i) => packet.pictureId !== ordered[i - 1]?.pictureId)
  for (let i = 1; i < pictures.length; i++) {
    const [a, b] = [pictures[i - 1] as ReceivedPacket, pictures[i] as ReceivedPacket]
    expect(b.pictureId).toBe((a.pictureId + 1) & 0x7fff)
    expect(b.tl0PicIdx).toBe((a.tl0PicIdx + 1) & 0xff)
  }
})

test('a takeover without a pause starts with the new publisher keyframe', () => {
  const stage = new Stage()
  const first = stage.publisher({ seed: 1 })
  const second = stage.publisher({ seed: 2 })
  const viewer = stage.join(first)
  first.start()
  second.start()
  // The keyframe that both have begun with is too old to begin with.
  stage.run(6000)
  const switchedMs = stage.nowMs
  viewer.egress.setSource('main', second.ingest, switchedMs)
  stage.run(1000)
  const after = viewer.video.packets.filter(({ atMs }) => atMs > switchedMs + 10)
  expect(after[0]?.keyframe).toBe(true)
  expect((after[0]?.atMs ?? 0) - switchedMs).toBeLessThan(70)
  expect(viewer.video.gaps()).toBe(0)
  expect(viewer.video.timestampSteps().leastMs).toBeGreaterThanOrEqual(0)
  expect(first.ingest.stats(stage.nowMs).layers.map(({ sinks }) => sinks)).toEqual([0, 0])
})

test('the wall clock of the viewer does not jump with a publisher whose clock is two hours off', () => {
  const stage = new Stage()
  const first = stage.publisher({ seed: 1, clockSkewMs: -3_600_000 })
  const viewer = stage.join(first)
  first.start()
  stage.run(4000)
  first.close()
  const second = stage.publisher({ seed: 2, clockSkewMs: 3_600_000 })
  viewer.egress.setSource('main', second.ingest, stage.nowMs)
  second.start()
  stage.run(8000)
  for (const { reports } of [viewer.video, viewer.audio]) {
    expect(reports.length).toBeGreaterThan(8)
    for (const report of reports) {
      expect(Math.abs(report.unixMs - (report.atMs + stage.clock.unixOffsetMs))).toBeLessThan(100)
    }
  }
})

test('a hundred replacements in a row leave no gap and no step back', () => {
  const stage = new Stage()
  const viewer = stage.join(undefined)
  for (let seed = 1; seed <= 100; seed++) {
    const publisher = stage.publisher({ seed })
    viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
    publisher.start()
    stage.run(150)
    publisher.close()
  }
  stage.run(100)
  expect(viewer.video.gaps()).toBe(0)
  expect(viewer.audio.gaps()).toBe(0)
  expect(viewer.video.timestampSteps().leastMs).toBeGreaterThanOrEqual(0)
  expect(viewer.video.packets.filter(({ keyframe }) => keyframe).length).toBe(100)
})
