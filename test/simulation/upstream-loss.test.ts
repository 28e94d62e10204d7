import { describe, expect, test } from 'vitest'
import { burstyLoss } from './support/bursty-loss.js'
import { Stage } from './support/stage.js'
import { UpstreamDelivery, videoOptions } from './support/upstream-delivery.js'

const SEED = 11

interface Case {
  readonly lossRate: number
  readonly rtx: boolean
  readonly bursty?: boolean
  readonly rttMs?: number
  readonly seq?: number
}

/** A minute of 3 Mbps, or half a minute without RTX, with the same loss in both directions. */
function simulate({ lossRate, rtx, bursty = false, rttMs = 100, seq = 1000 }: Case): UpstreamDelivery {
  const stage = new Stage()
  const link = { delayMs: rttMs / 2, lossRate: bursty ? 0 : lossRate }
  const options = videoOptions(rtx)
  const video = { ...options.video, seq }
  const publisher = stage.publisher({ ...options, video, seed: SEED, uplink: link, downlink: link })
  if (bursty) {
    publisher.uplink.drop = burstyLoss(SEED + 1, lossRate, 8)
    publisher.downlink.drop = burstyLoss(SEED + 2, lossRate, 2)
  }
  const delivery = new UpstreamDelivery(stage, publisher)
  delivery.run(rtx ? 60_000 : 30_000)
  return delivery
}

const repairOf = ({ publisher, stage }: UpstreamDelivery) => publisher.ingest.stats(stage.nowMs).repair

for (const rtx of [true, false]) {
  describe(`a publisher ${rtx ? 'with' : 'without'} RTX, round trip 100 ms, seed ${SEED}`, () => {
    test.each([
      [0.01, 0.9999],
      [0.05, 0.9995],
      [0.1, 0.999],
      [0.2, 0.99],
    ])('loses the part %d both ways, and is repaired within 500 ms', (lossRate, wanted) => {
      const delivery = simulate({ lossRate, rtx })
      const { packetsRepaired, packetsNacked, rtxReceived, lostForGood } = repairOf(delivery)
      expect(delivery.within(500)).toBeGreaterThanOrEqual(wanted)
      expect(delivery.within(5000)).toBe(1)
      expect([delivery.repeated, lostForGood]).toEqual([0, 0])
      expect(rtxReceived).toBe(rtx ? packetsRepaired : 0)
      expect(packetsRepaired).toBeGreaterThan(delivery.sent * lossRate * 0.8)
      // Each time, the request or the repair is lost as often as anything.
      expect(packetsNacked).toBeLessThan((packetsRepaired / (1 - lossRate) ** 2) * 1.05)
    })

    test.each([
      [0.01, 0.999],
      [0.05, 0.999],
      [0.1, 0.997],
      [0.2, 0.98],
    ])('loses the part %d both ways in bursts, and is repaired within 500 ms', (lossRate, wanted) => {
      const delivery = simulate({ lossRate, rtx, bursty: true })
      expect(delivery.within(500)).toBeGreaterThanOrEqual(wanted)
      expect(delivery.within(5000)).toBeGreaterThan(0.9995)
    })

    test('is asked for little more than what it loses where numbers wrap', () => {
      const delivery = simulate({ lossRate: 0.1, rtx, seq: 65_000 })
      const { packetsRepaired, packetsNacked, lostForGood } = repairOf(delivery)
      expect(delivery.within(500)).toBeGreaterThanOrEqual(0.999)
      expect([delivery.within(5000), lostForGood]).toEqual([1, 0])
      expect(packetsNacked).toBeLessThan(packetsRepaired * 1.3)
    })
  })

  // How much of the loss of 10 % can be repaired in time, by how many attempts fit.
  test.each([
    [20, 500, 0.999],
    [50, 500, 0.999],
    [200, 850, 0.999],
    [400, 1600, 0.999],
  ])(`over a round trip of %d ms, within %d ms, ${rtx ? 'with' : 'without'} RTX`, (rttMs, limitMs, wanted) => {
    const delivery = simulate({ lossRate: 0.1, rtx, rttMs })
    expect(delivery.within(limitMs)).toBeGreaterThanOrEqual(wanted)
    expect(delivery.within(10_000)).toBeGreaterThan(0.9999)
    const { layers, repair } = delivery.publisher.ingest.stats(delivery.stage.nowMs)
    expect(Math.abs((layers[0]?.repairRttMs ?? 0) - rttMs)).toBeLessThan(rttMs * 0.05)
    // Repetitions keep to the round trip; only before it is known are there some too many.
    expect(repair.packetsNacked).toBeLessThan((repair.packetsRepaired / 0.81) * 1.08)
  })
}
