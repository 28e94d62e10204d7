import { describe, expect, test } from 'vitest'
import { burstyLoss } from './support/bursty-loss.js'
import { EndToEndDelivery } from './support/end-to-end-delivery.js'
import { repairableShare, unlucky } from './support/repair-arithmetic.js'

const SEED = 71
/** A path that loses nothing. */
const GOOD = { delayMs: 10, lossRate: 0, rttMs: 20 }
/** Packets in a row, on average; and for the chances, as bursts of very different lengths hang together. */
const BURST = 8
const BURST_DRAWS = 2 * BURST

interface Case {
  readonly lossRate: number
  readonly rttMs: number
  readonly upstream: boolean
  readonly downstream: boolean
  readonly bursty?: boolean
}

function lose({ links: [up, upBack, down, downBack] }: EndToEndDelivery, one: Case): void {
  const { lossRate, upstream, downstream } = one
  const lossy = [...(upstream ? [up, upBack] : []), ...(downstream ? [down, downBack] : [])]
  for (const [i, link] of lossy.entries()) {
    if (link === undefined) continue
    if (one.bursty) {
      const states = { goodLoss: lossRate / 10, badLoss: 0.8 }
      link.drop = burstyLoss(SEED + i, lossRate, i % 2 === 0 ? BURST : 2, states)
    } else link.conditions.lossRate = lossRate
  }
}

/** 20 s of 3 Mbps, from the publisher to the viewer. Each path that is lossy loses the same both ways. */
function simulate(one: Case): { delivery: EndToEndDelivery; worst: (limitMs: number) => number } {
  const { lossRate, rttMs, upstream, downstream, bursty } = one
  const path = { delayMs: rttMs / 2 }
  const delivery = new EndToEndDelivery({
    seed: SEED,
    upstream: upstream ? path : GOOD,
    downstream: downstream ? path : GOOD,
  })
  lose(delivery, one)
  delivery.run(20_000)
  const lossy = { lossRate, rttMs }
  const worst = (limitMs: number): number => {
    const share = repairableShare([upstream ? lossy : GOOD, downstream ? lossy : GOOD], limitMs)
    return share - unlucky(share, delivery.sent, bursty ? BURST_DRAWS : 1)
  }
  return { delivery, worst }
}

describe(`what is sent over two paths, one to the server and one to the viewer, seed ${SEED}`, () => {
  test.each([
    [0.01, false],
    [0.05, false],
    [0.1, false],
    [0.2, false],
    [0.01, true],
    [0.05, true],
    [0.1, true],
    [0.2, true],
  ])('comes as soon as repairs can bring it where both lose the part %d, in bursts: %s', (lossRate, bursty) => {
    const { delivery, worst } = simulate({ lossRate, bursty, rttMs: 100, upstream: true, downstream: true })
    for (const limitMs of [500, 1000, 2000]) {
      expect(delivery.within(limitMs), `${limitMs} ms`).toBeGreaterThanOrEqual(worst(limitMs))
    }
    // What is late because it was repaired on the first path is not sent twice over the second.
    expect(delivery.repeated / delivery.sent).toBeLessThan(0.02)
    expect(delivery.publisher.keyframeRequests.length).toBeLessThanOrEqual(1)
  })

  const paths = [
    ['upstream', true, false],
    ['downstream', false, true],
    ['both', true, true],
  ] as const
  test.each([20, 100, 200, 400].flatMap((rttMs) => paths.map((path) => [rttMs, ...path] as const)))(
    'comes as soon as repairs can bring it over round trips of %d ms with a tenth lost, %s',
    (rttMs, _name, upstream, downstream) => {
      const { delivery, worst } = simulate({ lossRate: 0.1, rttMs, upstream, downstream })
      for (const limitMs of [500, 1000, 2000]) {
        expect(delivery.within(limitMs), `${limitMs} ms`).toBeGreaterThanOrEqual(worst(limitMs))
      }
      // Where the round trip permits three repairs, that is 99.9 %; two paths together, 99 %.
      if (rttMs <= 100) expect(delivery.within(500)).toBeGreaterThanOrEqual(upstream && downstream ? 0.99 : 0.999)
      expect(delivery.repeated / delivery.sent).toBeLessThan(0.04)
    },
  )
})

test(`a tenth lost on the way in and a tenth on the way out leaves whole pictures, seed ${SEED}`, () => {
  const path = { delayMs: 25, lossRate: 0.1 }
  const delivery = new EndToEndDelivery({ seed: SEED, upstream: path, downstream: path })
  delivery.run(30_000)
  expect(delivery.within(Number.MAX_VALUE)).toBe(1)
  const { packetsLost, repair } = delivery.publisher.ingest.stats(delivery.stage.nowMs)
  expect(packetsLost).toBeGreaterThan(900)
  expect(repair.lostForGood).toBe(0)
  expect(delivery.publisher.keyframeRequests.length).toBeLessThanOrEqual(2)
})
