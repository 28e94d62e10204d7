import { expect, test } from 'vitest'
import { DriftingPublisher } from './support/drifting-publisher.js'
import { EndToEndDelivery } from './support/end-to-end-delivery.js'
import { Stage } from './support/stage.js'
import { SyncMeter } from './support/sync-meter.js'

const SEED = 47

test(`where a fifth of everything comes twice, each packet goes out once, and again once for each loss, seed ${SEED}`, () => {
  const path = { delayMs: 25, lossRate: 0.05, duplicateRate: 0.2 }
  const delivery = new EndToEndDelivery({ seed: SEED, upstream: path, downstream: path })
  delivery.run(20_000)
  const { publisher, viewer, stage, sent } = delivery
  expect(delivery.within(Number.MAX_VALUE)).toBe(1)
  const { packetsSent, retransmission, tracks } = viewer.egress.stats(stage.nowMs)
  expect(packetsSent).toBe(sent)
  // Asked twice, it answers once.
  expect(retransmission.duplicate).toBeGreaterThan(20)
  expect(retransmission.packets / sent).toBeLessThan((0.05 / 0.95) * 1.15)
  const { repair, dropped, packetsLost } = publisher.ingest.stats(stage.nowMs)
  expect(dropped.duplicate).toBeGreaterThan(sent * 0.15)
  expect(repair.rtxUseless).toBeGreaterThan(20)
  expect(repair.packetsRepaired).toBeLessThan(sent * 0.06)
  expect(repair.lostForGood).toBe(0)
  // More came than was sent, by RFC 3550 (appendix A.3): the loss is negative, and comes through as such.
  expect(packetsLost).toBeLessThan(0)
  expect(publisher.reports.get(publisher.video.ssrc)?.packetsLost).toBeLessThan(0)
  expect(tracks[0]?.packetsLost).toBeLessThan(0)
})

test(`reports that come twice, and one behind the other, leave audio and video in sync, seed ${SEED}`, () => {
  const stage = new Stage()
  const viewer = stage.viewer({ keep: false, downlink: { jitterMs: 20 } })
  const meter = new SyncMeter(stage, viewer)
  const publisher = new DriftingPublisher(stage, {
    seed: SEED,
    uplink: { delayMs: 20, jitterMs: 200, duplicateRate: 0.5 },
    audioReportMs: 150,
    videoReportMs: 100,
    audioPpm: 100,
    wallPpm: -100,
  })
  viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
  viewer.egress.start(stage.nowMs)
  publisher.start()
  stage.run(3000)
  meter.samples.length = 0
  stage.run(60_000)
  expect(meter.worstMs('byLastMs')).toBeLessThan(10)
  expect(meter.worstMs('byLineMs')).toBeLessThan(10)
  expect(meter.reportStepsBack).toBe(0)
})
