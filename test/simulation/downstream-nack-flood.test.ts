import { expect, test } from 'vitest'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import { DownstreamDelivery, viewerVideo } from './support/downstream-delivery.js'
import { Stage } from './support/stage.js'
import { videoOptions } from './support/upstream-delivery.js'

const SEED = 51

test.each([true, false])(`a flood of NACKs costs its budget and no more, RTX %s, seed ${SEED}`, (rtx) => {
  const stage = new Stage()
  const publisher = stage.publisher({ ...videoOptions(true), seed: SEED })
  const link = { delayMs: 10 }
  const flooder = stage.join(publisher, { downlink: link, uplink: link, sections: [viewerVideo(rtx)] })
  const other = stage.join(publisher, { downlink: link, uplink: link, sections: [viewerVideo(rtx)], seed: 2 })
  const delivery = new DownstreamDelivery(stage, flooder)
  publisher.start()
  stage.run(3000)
  const random = new SeededRandom(SEED)
  const newest = (): number => Math.max(...[...delivery.sentMs.keys()].slice(-50))
  const floodMs = 10_000
  for (let ms = 0; ms < floodMs; ms += 5) {
    const from = newest()
    flooder.sendNack(Array.from({ length: 200 }, () => (from - random.integer(0, 900)) & 0xffff))
    stage.run(5)
  }
  stage.run(100)
  const { retransmission, nackedPackets } = flooder.egress.stats(stage.nowMs)
  const { retransmissionShare, retransmissionBurstBytes } = stage.config
  const mediaBytes = (flooder.egress.stats(stage.nowMs).bytesSent * floodMs) / 13_000
  // Headers, and the rate's own unevenness, are within the twentieth.
  expect(retransmission.bytes).toBeLessThan((retransmissionBurstBytes + mediaBytes * retransmissionShare) * 1.05)
  expect(retransmission.bytes).toBeGreaterThan(mediaBytes * retransmissionShare * 0.8)
  expect(nackedPackets).toBeGreaterThan(350_000)
  // Lookups are bounded, too: the rest is refused without one.
  expect(retransmission.overBudget).toBeGreaterThan(300_000)
  expect(publisher.keyframeRequests.length).toBeLessThanOrEqual(1)
  const clean = other.egress.stats(stage.nowMs)
  expect(clean.retransmission.packets).toBe(0)
  expect(other.video.gaps()).toBe(0)
})

test('a packet that is asked for again within the round trip is sent again once', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ ...videoOptions(true), seed: SEED })
  const link = { delayMs: 50 }
  const viewer = stage.join(publisher, {
    downlink: link,
    uplink: link,
    sections: [viewerVideo(true)],
    receiverReportMs: 300,
  })
  const delivery = new DownstreamDelivery(stage, viewer)
  publisher.start()
  stage.run(3000)
  const [seq = 0] = [...delivery.sentMs.keys()].slice(-40)
  for (let i = 0; i < 5; i++) {
    viewer.sendNack([seq])
    stage.run(10)
  }
  stage.run(200)
  expect(viewer.egress.stats(stage.nowMs).retransmission).toMatchObject({ packets: 1, duplicate: 4 })
  viewer.sendNack([seq])
  stage.run(200)
  expect(viewer.egress.stats(stage.nowMs).retransmission).toMatchObject({ packets: 2, duplicate: 4 })
})

test('what was never sent, or is kept no longer, is not sent', () => {
  const stage = new Stage({ historyPackets: 100 })
  const publisher = stage.publisher({ ...videoOptions(true), seed: SEED })
  const viewer = stage.join(publisher, { sections: [viewerVideo(true)] })
  const delivery = new DownstreamDelivery(stage, viewer)
  publisher.start()
  stage.run(3000)
  const newest = Math.max(...delivery.sentMs.keys())
  viewer.sendNack([newest + 500, newest - 300].map((seq) => seq & 0xffff))
  stage.run(100)
  expect(viewer.egress.stats(stage.nowMs).retransmission).toMatchObject({ packets: 0, notKept: 2 })
})

test('what is older than the history may be is not sent, though there is room for more', () => {
  const stage = new Stage({ historyMs: 1000 })
  const publisher = stage.publisher({ ...videoOptions(true), seed: SEED })
  const viewer = stage.join(publisher, { sections: [viewerVideo(true)] })
  const delivery = new DownstreamDelivery(stage, viewer)
  publisher.start()
  stage.run(3000)
  const youngerThan = (ageMs: number): number =>
    Math.min(...[...delivery.sentMs].filter(([, sentMs]) => stage.nowMs - sentMs < ageMs).map(([extSeq]) => extSeq))
  viewer.sendNack([youngerThan(1100), youngerThan(900)].map((seq) => seq & 0xffff))
  stage.run(100)
  expect(viewer.egress.stats(stage.nowMs).retransmission).toMatchObject({ packets: 1, notKept: 1 })
  // Nor once the publisher has fallen silent.
  publisher.stop()
  stage.run(3000)
  viewer.sendNack([Math.max(...delivery.sentMs.keys()) & 0xffff])
  stage.run(100)
  expect(viewer.egress.stats(stage.nowMs).retransmission).toMatchObject({ packets: 1, notKept: 2 })
})

test('without a budget nothing is repaired', () => {
  const stage = new Stage({ retransmissionShare: 0, retransmissionBurstBytes: 0 })
  const publisher = stage.publisher({ ...videoOptions(true), seed: SEED })
  const viewer = stage.join(publisher, { sections: [viewerVideo(true)] })
  const delivery = new DownstreamDelivery(stage, viewer)
  publisher.start()
  stage.run(2000)
  viewer.sendNack([Math.max(...delivery.sentMs.keys()) & 0xffff])
  stage.run(100)
  expect(delivery.resent).toBe(0)
  expect(viewer.egress.stats(stage.nowMs).retransmission).toMatchObject({ packets: 0, overBudget: 1 })
})

test('without NACK negotiated, none is answered', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ ...videoOptions(true), seed: SEED })
  const section = viewerVideo(true)
  const [codec] = section.codecs
  const deaf = { ...section, codecs: codec === undefined ? [] : [{ ...codec, feedback: ['nack pli'] }] }
  const viewer = stage.join(publisher, { sections: [deaf] })
  const delivery = new DownstreamDelivery(stage, viewer)
  publisher.start()
  stage.run(2000)
  viewer.sendNack([Math.max(...delivery.sentMs.keys()) & 0xffff])
  stage.run(100)
  expect(delivery.resent).toBe(0)
})
