import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'

test('the publisher is told its loss and jitter, within what RFC 3550 measures', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ uplink: { lossRate: 0.1 } })
  publisher.start()
  stage.run(30_000)
  const block = publisher.reports.get(publisher.video.ssrc)
  expect(block?.packetsLost).toBeGreaterThan(0.08 * publisher.video.packetsSent)
  expect(block?.packetsLost).toBeLessThan(0.12 * publisher.video.packetsSent)
  expect(block?.fractionLost).toBeGreaterThan(0)
  // Frames leave on time on a path without jitter; packets of one frame share their timestamp and their time.
  expect(block?.jitter).toBeLessThan(90)
  expect((block?.highestSeq ?? 0) & 0xffff).toBeGreaterThan(0)
})

test('jitter follows the path', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ uplink: { jitterMs: 20 } })
  publisher.start()
  stage.run(30_000)
  // The mean difference of two evenly spread delays is a third of the spread.
  const { layers } = publisher.ingest.stats(stage.nowMs)
  expect(layers[0]?.jitterMs).toBeGreaterThan(4)
  expect(layers[0]?.jitterMs).toBeLessThan(9.5)
  const ticks = publisher.reports.get(publisher.audio.ssrc)?.jitter ?? 0
  expect(ticks / 48).toBeGreaterThan(4)
  expect(ticks / 48).toBeLessThan(9.5)
})

test('the publisher can compute its round trip from our reports', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ uplink: { delayMs: 40 }, downlink: { delayMs: 25 } })
  publisher.start()
  stage.run(10_300)
  const block = publisher.reports.get(publisher.audio.ssrc)
  expect(block?.lastSenderReport).toBeGreaterThan(0)
  const held = ((block?.delaySinceLastSenderReport ?? 0) * 1000) / 65_536
  expect(held).toBeGreaterThan(0)
  expect(held).toBeLessThan(1300)
})

test('the round trip to a viewer is measured', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher, { downlink: { delayMs: 60 }, uplink: { delayMs: 33 } })
  publisher.start()
  stage.run(10_000)
  const stats = viewer.egress.stats(stage.nowMs)
  expect(stats.rttMs).toBeGreaterThan(92.9)
  expect(stats.rttMs).toBeLessThan(93.1)
  for (const track of stats.tracks) expect(Math.abs((track.rttMs ?? 0) - 93)).toBeLessThan(0.1)
})

test('sender reports count what was sent', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(5000)
  const report = viewer.video.reports.at(-1)
  const before = viewer.video.packets.filter(({ atMs }) => atMs <= (report?.atMs ?? 0))
  expect(report?.packetCount).toBe(before.length)
  expect(report?.octetCount).toBe(before.reduce((sum, { payload }) => sum + payload.length, 0))
})

test('reports are about an interval apart in both directions, and peers do not report in step', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewers = Array.from({ length: 10 }, () => stage.join(publisher))
  publisher.start()
  stage.run(20_000)
  const phases = viewers.map((viewer) => {
    expect(viewer.video.reports.length).toBeGreaterThanOrEqual(16)
    expect(viewer.video.reports.length).toBeLessThanOrEqual(27)
    return Math.round(viewer.video.reports.at(-1)?.atMs ?? 0)
  })
  expect(new Set(phases).size).toBeGreaterThan(7)
  expect(publisher.output.rtcpPackets).toBeGreaterThanOrEqual(16)
  expect(publisher.output.rtcpPackets).toBeLessThanOrEqual(27)
})
