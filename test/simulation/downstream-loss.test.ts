import { describe, expect, test } from 'vitest'
import { burstyLoss } from './support/bursty-loss.js'
import { DownstreamDelivery, viewerVideo } from './support/downstream-delivery.js'
import { Stage } from './support/stage.js'
import { videoOptions } from './support/upstream-delivery.js'

const SEED = 41

interface Case {
  readonly lossRate: number
  readonly rtx: boolean
  readonly bursty?: boolean
  readonly rttMs?: number
}

/** A minute of 3 Mbps, or half a minute without RTX, over a viewer's path, with the same loss in both directions. */
function simulate({ lossRate, rtx, bursty = false, rttMs = 100 }: Case): DownstreamDelivery {
  const stage = new Stage()
  const publisher = stage.publisher({ ...videoOptions(true), seed: SEED })
  const link = { delayMs: rttMs / 2, lossRate: bursty ? 0 : lossRate }
  const options = { seed: SEED, downlink: link, uplink: link, nackRttMs: rttMs, receiverReportMs: 500 }
  const viewer = stage.join(publisher, { ...options, sections: [viewerVideo(rtx)] })
  if (bursty) {
    viewer.downlink.drop = burstyLoss(SEED + 1, lossRate, 8)
    viewer.uplink.drop = burstyLoss(SEED + 2, lossRate, 2)
  }
  const delivery = new DownstreamDelivery(stage, viewer)
  publisher.start()
  stage.run(rtx ? 60_000 : 30_000)
  // The end of a stream cannot be missed by what follows it.
  viewer.downlink.conditions.lossRate = 0
  viewer.uplink.conditions.lossRate = 0
  viewer.downlink.drop = undefined
  viewer.uplink.drop = undefined
  publisher.stop()
  publisher.videoFrame(33)
  stage.run(5000)
  return delivery
}

for (const rtx of [true, false]) {
  describe(`a viewer ${rtx ? 'with' : 'without'} RTX, round trip 100 ms, seed ${SEED}`, () => {
    test.each([
      [0.01, 0.9999],
      [0.05, 0.9995],
      [0.1, 0.999],
      [0.2, 0.99],
    ])('loses the part %d both ways, and has it within 500 ms', (lossRate, wanted) => {
      const delivery = simulate({ lossRate, rtx })
      const { viewer, stage, sentMs, resent } = delivery
      expect(delivery.within(500)).toBeGreaterThanOrEqual(wanted)
      const { retransmission, packetsSent, tracks } = viewer.egress.stats(stage.nowMs)
      expect(retransmission.packets).toBe(resent)
      expect(tracks[0]?.retransmission).toEqual(retransmission)
      expect(packetsSent).toBe(sentMs.size)
      expect(viewer.rtxPackets > 0).toBe(rtx)
      // A packet goes again for each time that it is lost, and little more.
      expect(resent).toBeLessThan((sentMs.size * lossRate * 1.1) / (1 - lossRate))
    })

    test.each([
      [0.01, 0.999],
      [0.05, 0.999],
      [0.1, 0.997],
      [0.2, 0.97],
    ])('loses the part %d both ways in bursts, and has it within 500 ms', (lossRate, wanted) => {
      expect(simulate({ lossRate, rtx, bursty: true }).within(500)).toBeGreaterThanOrEqual(wanted)
    })
  })

  test.each([
    [20, 500, 0.999],
    [50, 500, 0.999],
    [200, 850, 0.998],
    [400, 1600, 0.998],
  ])(`over a round trip of %d ms, within %d ms, ${rtx ? 'with' : 'without'} RTX`, (rttMs, limitMs, wanted) => {
    const delivery = simulate({ lossRate: 0.1, rtx, rttMs })
    expect(delivery.within(limitMs)).toBeGreaterThanOrEqual(wanted)
    const { rttMs: measuredMs = 0 } = delivery.viewer.egress.stats(delivery.stage.nowMs)
    expect(Math.abs(measuredMs - rttMs)).toBeLessThan(5)
  })
}
