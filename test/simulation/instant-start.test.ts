import { expect, test } from 'vitest'
import { timestampDelta } from '../../src/rtp/sequence.js'
import { viewerVideo } from './support/downstream-delivery.js'
import type { ReceivedPacket, SimulatedViewer } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'

const LINK_MS = 10

/** How much later than their timestamps say the packets have come, relative to those at the end. */
function lateness(viewer: SimulatedViewer): number[] {
  const { packets } = viewer.video
  const last = packets.at(-1) as ReceivedPacket
  return packets.map(({ atMs, timestamp }) => atMs - last.atMs - timestampDelta(timestamp, last.timestamp) / 90)
}

function ordered(viewer: SimulatedViewer): ReceivedPacket[] {
  return [...viewer.video.packets].sort((a, b) => a.extSeq - b.extSeq)
}

test('a viewer that joins three seconds behind a keyframe sees it at once, all that came since, and is live soon', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const before = stage.join(publisher)
  publisher.start()
  stage.run(3000)
  const late = stage.join(publisher)
  const joinedMs = stage.nowMs
  stage.run(3000)
  publisher.stop()
  stage.run(100)
  expect(publisher.plis).toBe(0)
  expect(late.video.packets[0]?.keyframe).toBe(true)
  expect(late.video.packets[0]?.atMs).toBe(joinedMs + LINK_MS)
  expect(late.video.gaps()).toBe(0)
  expect(ordered(late).map(({ payload }) => payload)).toEqual(ordered(before).map(({ payload }) => payload))
  // Three seconds at five times the speed.
  const reached = late.video.packets.findIndex(({ atMs }) => atMs > joinedMs + 750 + LINK_MS)
  for (const packet of late.video.packets.slice(reached)) {
    const there = before.video.packets.find(({ extSeq, payload }) => extSeq > 0 && payload.equals(packet.payload))
    expect(packet.atMs).toBe(there?.atMs)
  }
})

test('its jitter buffer has nothing to even out: packets come when their timestamps say', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  stage.join(publisher)
  publisher.start()
  stage.run(4000)
  const viewer = stage.join(publisher)
  stage.run(3000)
  for (const ms of lateness(viewer)) expect(Math.abs(ms)).toBeLessThan(2)
  expect(viewer.video.timestampSteps().leastMs).toBeGreaterThanOrEqual(0)
})

test('on the way and behind it, its clock says the same of audio and video as that of a viewer from the beginning', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const before = stage.join(publisher)
  publisher.start()
  stage.run(4000)
  const viewer = stage.join(publisher)
  stage.run(3000)
  const apartMs = ({ audio, video }: SimulatedViewer): number => {
    const newest = (stream: typeof audio) => stream.wallClockMs((stream.packets.at(-1) as ReceivedPacket).timestamp)
    return newest(video) - newest(audio)
  }
  expect(apartMs(viewer)).toBeCloseTo(apartMs(before), 0)
  const [first] = viewer.video.reports
  const atReport = viewer.video.packets.findLast(({ atMs }) => atMs <= (first?.atMs ?? 0)) as ReceivedPacket
  // What is shown in a hurry counts as live, so audio does not wait for it.
  const ageMs = (first?.unixMs ?? 0) - (atReport.atMs - LINK_MS + stage.clock.unixOffsetMs)
  const mappedMs = timestampDelta(first?.rtpTimestamp ?? 0, atReport.timestamp) / 90
  expect(Math.abs(ageMs - mappedMs)).toBeLessThan(40)
})

test.each([false, true])('what is lost on the way to the present is repaired; over RTX: %s', (rtx) => {
  const stage = new Stage()
  const publisher = stage.publisher()
  stage.join(publisher)
  publisher.start()
  stage.run(3000)
  const sections = [viewerVideo(rtx)]
  const viewer = stage.join(publisher, { nackRttMs: 20, downlink: { lossRate: 0.05 }, seed: 5, sections })
  stage.run(3000)
  expect(viewer.egress.stats(stage.nowMs).retransmission.packets).toBeGreaterThan(10)
  publisher.stop()
  stage.run(200)
  expect(viewer.video.gaps()).toBe(0)
})

test('where the cache is too old or too large, one request is made for everybody, and each is counted', () => {
  for (const config of [{ instantStartMaxAgeMs: 1000 }, { instantStartMaxBytes: 100_000 }]) {
    const stage = new Stage(config)
    const publisher = stage.publisher()
    publisher.start()
    stage.run(4000)
    const viewers = Array.from({ length: 20 }, () => stage.join(publisher))
    stage.run(1000)
    expect(publisher.plis).toBe(1)
    for (const viewer of viewers) {
      expect(viewer.video.packets[0]?.keyframe).toBe(true)
      const [track] = viewer.egress.stats(stage.nowMs).tracks.filter(({ kind }) => kind === 'video')
      expect(track?.instantStart).toEqual({ hits: 0, misses: 1 })
    }
    const next = stage.join(publisher)
    stage.run(500)
    expect(publisher.plis).toBe(1)
    const [track] = next.egress.stats(stage.nowMs).tracks.filter(({ kind }) => kind === 'video')
    expect(track?.instantStart).toEqual({ hits: 1, misses: 0 })
  }
})

test('a thousand joins in ten seconds cost the publisher two keyframes', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ audioEnabled: false, video: { keyframePackets: 2, framePackets: 1 } })
  publisher.start()
  stage.run(20_000)
  const viewers: SimulatedViewer[] = []
  for (let i = 0; i < 1000; i++) {
    const viewer = stage.join(publisher, { keep: false })
    viewers.push(viewer)
    stage.run(10)
    if (i >= 200) viewers[i - 200]?.egress.close(stage.nowMs)
  }
  expect(publisher.plis).toBeLessThanOrEqual(2)
  for (const viewer of viewers) expect(viewer.video.count).toBeGreaterThan(0)
})

test('a viewer that pauses and resumes goes on where the broadcast is', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(1000)
  viewer.egress.configure({ paused: { video: true } }, stage.nowMs)
  stage.run(1500)
  viewer.egress.configure({ paused: { video: false } }, stage.nowMs)
  stage.run(2000)
  expect(publisher.plis).toBe(0)
  expect(viewer.video.gaps()).toBe(0)
  expect(viewer.video.timestampSteps().leastMs).toBeGreaterThanOrEqual(0)
  const after = lateness(viewer)
  for (const ms of after) expect(Math.abs(ms)).toBeLessThan(2)
})
