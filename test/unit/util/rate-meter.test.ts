import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RateMeter } from '../../../src/util/rate-meter.js'

/** Feeds `bps` in packets of 125 bytes from `startMs` to `endMs`. */
function feed(meter: RateMeter, bps: number, startMs: number, endMs: number): void {
  const everyMs = (125 * 8000) / bps
  for (let nowMs = startMs; nowMs < endMs; nowMs += everyMs) meter.add(125, nowMs)
}

describe('RateMeter', () => {
  it('is zero before anything was counted', () => {
    expect(new RateMeter().bps(0)).toBe(0)
    expect(new RateMeter().bps(1e9)).toBe(0)
  })

  it.each([0, 0.5, 99, 12_345.678, 1e9])(
    'measures a steady stream within 3 % wherever the clock began: %d ms',
    (startMs) => {
      const meter = new RateMeter()
      feed(meter, 1_000_000, startMs, startMs + 5000)
      for (const afterMs of [0, 10, 30]) {
        // What follows the last packet is part of the window, so the rate may only sink by that share.
        const bps = meter.bps(startMs + 5000 + afterMs)
        expect(bps).toBeGreaterThan(1_000_000 * (1 - afterMs / 800) * 0.97)
        expect(bps).toBeLessThan(1_030_000)
      }
    },
  )

  it('does not depend on where in a bucket it is asked', () => {
    for (let offsetMs = 0; offsetMs < 100; offsetMs += 7) {
      const meter = new RateMeter()
      feed(meter, 800_000, 0, 3000 + offsetMs)
      expect(Math.abs(meter.bps(3000 + offsetMs) / 800_000 - 1)).toBeLessThan(0.02)
    }
  })

  it('averages a young stream over its own age', () => {
    const meter = new RateMeter()
    feed(meter, 1_000_000, 7000, 7300)
    expect(Math.abs(meter.bps(7300) / 1_000_000 - 1)).toBeLessThan(0.02)
  })

  it('takes a single packet as no more than one bucket of its rate', () => {
    const meter = new RateMeter(1000, 10)
    meter.add(1250, 50)
    expect(meter.bps(50)).toBe(100_000)
  })

  it('forgets what has left the window', () => {
    const meter = new RateMeter()
    feed(meter, 1_000_000, 0, 2000)
    expect(meter.bps(3100)).toBe(0)
    meter.add(125, 60_000)
    expect(meter.bps(60_000)).toBeCloseTo(1000 / 0.9, 0)
  })

  it('follows a change of rate within one window', () => {
    const meter = new RateMeter()
    feed(meter, 4_000_000, 0, 2000)
    feed(meter, 500_000, 2000, 3000)
    expect(Math.abs(meter.bps(3000) / 500_000 - 1)).toBeLessThan(0.02)
  })

  it('counts bytes that come with a time of the past', () => {
    const meter = new RateMeter(1000, 10)
    meter.add(100, 500)
    meter.add(100, 420)
    expect(meter.bps(500)).toBe(16_000)
  })

  it('looks as far back as told', () => {
    const meter = new RateMeter(200, 4)
    feed(meter, 1_000_000, 0, 1000)
    expect(Math.abs(meter.bps(1000) / 1_000_000 - 1)).toBeLessThan(0.03)
    expect(meter.bps(1210)).toBe(0)
  })

  it('is never negative nor no number, whatever the steps of the clock', () => {
    const step = fc.tuple(fc.nat(1500), fc.integer({ min: -300, max: 3000 }))
    fc.assert(
      fc.property(fc.integer({ min: -5000, max: 5000 }), fc.array(step), (startMs, steps) => {
        const meter = new RateMeter()
        let nowMs = startMs
        for (const [bytes, ms] of steps) {
          nowMs += ms
          meter.add(bytes, nowMs)
          expect(meter.bps(nowMs)).toBeGreaterThanOrEqual(0)
          expect(meter.bps(nowMs)).toBeLessThan(Number.POSITIVE_INFINITY)
        }
      }),
    )
  })
})
