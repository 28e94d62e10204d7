import { expect, test } from 'vitest'
import { createPeerSums } from '../../src/engine/peer-sums.js'
import { createEgressLevels } from '../../src/media/egress/egress-sums.js'
import { EndToEndDelivery } from './support/end-to-end-delivery.js'

const SEED = 11

test(`sums over peers are what their snapshots say, seed ${SEED}`, () => {
  const path = { delayMs: 20, lossRate: 0.05 }
  const delivery = new EndToEndDelivery({ seed: SEED, upstream: path, downstream: path })
  delivery.run(20_000)
  const { nowMs } = delivery.stage
  const sums = createPeerSums()
  // Twice, as if there were two of each.
  for (let i = 0; i < 2; i++) {
    delivery.publisher.ingest.addTo(sums)
    delivery.viewer.egress.addTo(sums)
  }
  const ingest = delivery.publisher.ingest.stats(nowMs)
  const egress = delivery.viewer.egress.stats(nowMs)
  expect(ingest.repair.packetsRepaired).toBeGreaterThan(10)
  expect(egress.retransmission.packets).toBeGreaterThan(10)
  expect(sums.ingest).toMatchObject({
    packetsLost: 2 * ingest.packetsLost,
    nacksSent: 2 * ingest.repair.nacksSent,
    packetsNacked: 2 * ingest.repair.packetsNacked,
    packetsRepaired: 2 * ingest.repair.packetsRepaired,
    rtxReceived: 2 * ingest.repair.rtxReceived,
    lostForGood: 2 * ingest.repair.lostForGood,
    keyframesReceived: 2 * ingest.keyframesReceived,
    pliSent: 2 * ingest.pliSent,
    firSent: 2 * ingest.firSent,
    keyframeRequestsCoalesced: 2 * ingest.keyframeRequestsCoalesced,
  })
  for (const [reason, count] of Object.entries(ingest.dropped)) {
    expect([reason, sums.ingest.dropped]).toEqual([reason, expect.objectContaining({ [reason]: 2 * count })])
  }
  expect(sums.egress).toMatchObject({
    packetsLost: 2 * egress.packetsLost,
    nacksReceived: 2 * egress.nacksReceived,
    nackedPackets: 2 * egress.nackedPackets,
    retransmittedPackets: 2 * egress.retransmission.packets,
    retransmittedBytes: 2 * egress.retransmission.bytes,
    pliReceived: 2 * egress.keyframeRequestsReceived.pli,
    firReceived: 2 * egress.keyframeRequestsReceived.fir,
    keyframeRequestsEarly: 2 * egress.keyframeRequestsReceived.early,
    pacerQueued: 2 * egress.pacing.queued,
  })
  for (const [reason, count] of Object.entries(egress.dropped)) {
    expect([reason, sums.egress.dropped]).toEqual([reason, expect.objectContaining({ [reason]: 2 * count })])
  }
  const levels = createEgressLevels()
  delivery.viewer.egress.addLevelsTo(levels)
  expect(levels).toEqual({
    estimates: egress.estimatedBps === undefined ? 0 : 1,
    estimatedBps: egress.estimatedBps ?? 0,
    videosLive: egress.tracks[0]?.live ? 1 : 0,
    videosWaiting: egress.tracks[0]?.live ? 0 : 1,
  })
})
