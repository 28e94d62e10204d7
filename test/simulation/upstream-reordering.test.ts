import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'
import { UpstreamDelivery, videoOptions } from './support/upstream-delivery.js'

const SEED = 21

function simulate(jitterMs: number, lossRate: number, rtx: boolean): { delivery: UpstreamDelivery; needless: number } {
  const stage = new Stage()
  const conditions = { uplink: { delayMs: 30, jitterMs, lossRate }, downlink: { delayMs: 30, jitterMs } }
  const publisher = stage.publisher({ ...videoOptions(rtx), seed: SEED, ...conditions })
  const delivery = new UpstreamDelivery(stage, publisher)
  const lost = new Set<number>()
  const { send } = publisher.uplink
  publisher.uplink.send = (buffer, start, end) => {
    const { stats } = publisher.uplink
    const before = stats.lost
    send.call(publisher.uplink, buffer, start, end)
    if (stats.lost > before && ((buffer[1] as number) & 0x7f) === 96) lost.add((buffer as Buffer).readUInt16BE(2))
  }
  delivery.run(60_000)
  const needless = [...publisher.resender.askedTimes.keys()].filter((seq) => !lost.has(seq)).length
  return { delivery, needless }
}

test.each([
  [2, 0.01],
  [10, 0.01],
  [30, 0.01],
  [50, 0.01],
])(
  `packets that come up to %d ms late are not asked for, except the part %d until that is known, seed ${SEED}`,
  (jitterMs, part) => {
    for (const rtx of [true, false]) {
      const { delivery, needless } = simulate(jitterMs, 0, rtx)
      expect(needless / delivery.sent, `RTX ${rtx}`).toBeLessThan(part)
      expect(delivery.within(100)).toBe(1)
      expect(delivery.repeated).toBe(0)
    }
  },
)

test.each([10, 30, 50])(
  `losses among packets that come up to %d ms late are repaired all the same, seed ${SEED}`,
  (jitterMs) => {
    for (const rtx of [true, false]) {
      const { delivery, needless } = simulate(jitterMs, 0.05, rtx)
      expect(needless / delivery.sent, `RTX ${rtx}`).toBeLessThan(0.02)
      expect(delivery.within(500), `RTX ${rtx}`).toBeGreaterThan(0.999)
      expect(delivery.within(5000)).toBe(1)
    }
  },
)
