import { expect, test } from 'vitest'
import { EndToEndDelivery } from './support/end-to-end-delivery.js'
import { repairableShare, unlucky } from './support/repair-arithmetic.js'

const SEED = 23
const DELAY_MS = 20
const GOOD = { delayMs: 10, lossRate: 0, rttMs: 20 }
/** How long packets that overtake each other are waited for at most. */
const PATIENCE_MS = 60

test.each([
  [10, 0, true, true],
  [10, 0.05, true, true],
  [50, 0, true, true],
  [50, 0.05, true, true],
  [50, 0.05, true, false],
  [50, 0.05, false, true],
])(
  `where packets come up to %d ms late and the part %d is lost, all come in time; upstream %s, downstream %s; seed ${SEED}`,
  (jitterMs, lossRate, upstream, downstream) => {
    const path = { delayMs: DELAY_MS, jitterMs, lossRate }
    const delivery = new EndToEndDelivery({
      seed: SEED,
      upstream: upstream ? path : GOOD,
      downstream: downstream ? path : GOOD,
    })
    delivery.run(20_000)
    const { publisher, viewer, stage, sent } = delivery
    const wavering = { lossRate, rttMs: 2 * (DELAY_MS + jitterMs), detectMs: 50 + PATIENCE_MS }
    const share = repairableShare([upstream ? wavering : GOOD, downstream ? wavering : GOOD], 500)
    expect(delivery.within(500)).toBeGreaterThanOrEqual(share - unlucky(share, sent))
    expect(delivery.within(Number.MAX_VALUE)).toBe(1)
    expect(publisher.keyframeRequests.length).toBeLessThanOrEqual(1)
    // The publisher is asked for what is lost, and for little else until it is known how late packets come.
    const upstreamLoss = upstream ? lossRate : 0
    expect(publisher.resender.asked / sent).toBeLessThan((upstreamLoss / (1 - lossRate) ** 2) * 1.1 + 0.01)
    // This viewer asks for everything that is 10 ms late. It gets no more again than its budget: 30 % and 128 kB.
    const { retransmission, bytesSent } = viewer.egress.stats(stage.nowMs)
    expect(retransmission.bytes).toBeLessThan(0.31 * bytesSent + 128 * 1024)
  },
)
