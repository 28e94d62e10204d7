import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  middle32ToMs,
  msToMiddle32,
  ntpFraction,
  ntpMiddle32,
  ntpSeconds,
  ntpToUnixMs,
} from '../../../src/rtp/ntp-time.js'

describe('NTP time', () => {
  it('counts from 1900', () => {
    expect(ntpSeconds(0)).toBe(2_208_988_800)
    expect(ntpFraction(0)).toBe(0)
    expect(ntpSeconds(1500)).toBe(2_208_988_801)
    expect(ntpFraction(1500)).toBe(0x8000_0000)
  })

  it('comes back to the microsecond, before and after the wrap of 2036', () => {
    const until = Date.UTC(2100, 0, 1)
    fc.assert(
      fc.property(fc.double({ min: 0, max: until, noNaN: true }), (unixMs) => {
        const seconds = ntpSeconds(unixMs)
        const fraction = ntpFraction(unixMs)
        for (const half of [seconds, fraction]) expect(half >>> 0).toBe(half)
        expect(Math.abs(ntpToUnixMs(seconds, fraction) - unixMs)).toBeLessThan(0.001)
      }),
    )
  })

  it('wraps its seconds in 2036', () => {
    const wrap = Date.UTC(2036, 1, 7, 6, 28, 16)
    expect(ntpSeconds(wrap - 1000)).toBe(0xffff_ffff)
    expect(ntpSeconds(wrap)).toBe(0)
    expect(ntpToUnixMs(0, 0)).toBe(wrap)
  })

  it('keeps differences of a sender that counts from zero', () => {
    expect(ntpToUnixMs(17, 0x4000_0000) - ntpToUnixMs(15, 0)).toBe(2250)
  })

  it('gives the middle 32 bits as in the example of RFC 3550, section 6.4.1', () => {
    // The example: the report was sent at 0xb44db705:20000000, and comes back at 0xb710:8000 with a delay of 5.25 s: 6.125 s of round trip.
    const sentMs = ntpToUnixMs(0xb44d_b705, 0x2000_0000)
    const lsr = ntpMiddle32(sentMs)
    expect(lsr).toBe(0xb705_2000)
    expect(msToMiddle32(5250)).toBe(0x0005_4000)
    expect(middle32ToMs(0xb710_8000 - msToMiddle32(5250) - lsr)).toBe(6125)
  })

  it('holds delays within the field', () => {
    expect(msToMiddle32(-5)).toBe(0)
    expect(msToMiddle32(1e12)).toBe(0xffff_ffff)
    expect(middle32ToMs(msToMiddle32(1234.5))).toBeCloseTo(1234.5, 1)
  })
})
