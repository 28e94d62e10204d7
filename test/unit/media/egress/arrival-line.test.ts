import { expect, test } from 'vitest'
import { ArrivalLine } from '../../../../src/media/egress/arrival-line.js'
import { SeededRandom } from '../../../../src/testing/seeded-random.js'

const SEED = 3

test('counts on from the first packet, across the wrap', () => {
  const line = new ArrivalLine()
  line.start(0xffff_ff00, 1000, 90_000)
  expect(line.timestampAt(1000)).toBe(0xffff_ff00)
  expect(line.timestampAt(1100)).toBe(9000 - 0x100)
})

test('moves at once to what comes earlier, and hardly to what comes later', () => {
  const line = new ArrivalLine()
  line.start(0, 40, 90_000)
  line.follow(90_000, 1000, 1000)
  expect(line.timestampAt(1000)).toBe(90_000)
  line.follow(180_000, 2300, 2300)
  // 300 ms late: 1.3 s is worth a third of a millisecond.
  expect(line.timestampAt(2000)).toBe(180_000 - 29)
})

test('moves at once where time has moved on', () => {
  const line = new ArrivalLine()
  line.start(0, 0, 48_000)
  line.follow(48_000, 2001, 2001)
  expect(line.timestampAt(2001)).toBe(48_000)
})

test.each([100, -100])(
  `is off by half of a jitter of 30 ms at most, for an hour of drift by %i ppm, seed ${SEED}`,
  (ppm) => {
    const random = new SeededRandom(SEED)
    const line = new ArrivalLine()
    line.start(0, 0, 90_000)
    for (let ms = 1000; ms <= 3_600_000; ms += 1000) {
      const timestamp = Math.round(ms * 90 * (1 + ppm * 1e-6)) >>> 0
      line.follow(timestamp, ms + random.next() * 30, ms + 30)
      if (ms < 20_000) continue
      expect(Math.abs((line.timestampAt(ms) - timestamp) | 0)).toBeLessThan(90 * 15)
    }
  },
)
