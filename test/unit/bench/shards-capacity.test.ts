import { describe, expect, it } from 'vitest'
import { capacityOf, median } from '../../bench/shards/capacity.mjs'
import { threadShares } from '../../bench/shards/thread-cpu.mjs'

describe('what a server of several threads carries', () => {
  it('is bounded by all its threads where they share the cores evenly', () => {
    // A quarter of a core for a thousand packets per second.
    expect(capacityOf({ packetsPerSecond: 1000, shares: [0.2, 0.05] }, 1)).toBeCloseTo(4000)
    expect(capacityOf({ packetsPerSecond: 2000, shares: [0.2, 0.2, 0.1] }, 2)).toBeCloseTo(8000)
  })

  it('is bounded by the busiest thread where they do not', () => {
    expect(capacityOf({ packetsPerSecond: 2000, shares: [0.4, 0.1] }, 2)).toBeCloseTo(5000)
  })

  it('is told by the share of a core that each thread took, new ones included, the greatest first', () => {
    const before = new Map([
      ['1', 100],
      ['2', 50],
    ])
    const after = new Map([
      ['1', 150],
      ['2', 250],
      ['3', 100],
    ])
    expect(threadShares(before, after, 1000)).toEqual([0.2, 0.1, 0.05])
  })

  it('is the median of several runs', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5])
  })
})
