import { describe, expect, it } from 'vitest'
import { randomBigUint64, randomText, randomUint32 } from '../../../src/util/random-pool.js'

describe('random texts and numbers', () => {
  it('never come twice, over many pools', () => {
    const texts = Array.from({ length: 5000 }, () => randomText(16, 'hex'))
    expect(new Set(texts).size).toBe(5000)
    expect(texts.every((text) => /^[0-9a-f]{32}$/.test(text))).toBe(true)
    expect(new Set(Array.from({ length: 5000 }, randomBigUint64)).size).toBe(5000)
    expect(randomText(18, 'base64')).toMatch(/^[A-Za-z0-9+/]{24}$/)
    expect(randomText(9, 'base64url')).toMatch(/^[A-Za-z0-9_-]{12}$/)
  })

  it('have every bit set in half of them', () => {
    const set = new Array<number>(32).fill(0)
    for (let i = 0; i < 4000; i++) {
      const bits = randomUint32()
      for (let bit = 0; bit < 32; bit++) if (bits & (1 << bit)) set[bit] = (set[bit] as number) + 1
    }
    // 2000 within ten standard deviations: it fails once in 10^21 times by chance.
    for (const count of set) expect(Math.abs(count - 2000)).toBeLessThan(320)
  })
})
