import { describe, expect, it } from 'vitest'
import { ShardGauge } from '../../../src/engine/shard-gauge.js'
import type { ShardLoad } from '../../../src/engine/types.js'

function load(activeMs: number, idleMs: number, datagramsIn: number, datagramsOut: number): ShardLoad {
  const thread = { eventLoopDelayMs: 0, heapUsedBytes: 0, heapLimitBytes: 0, activeMs, idleMs }
  return { shard: 0, port: 5000, datagramsIn, datagramsOut, ...thread }
}

describe('what a shard does', () => {
  it('is what it did between two answers, with the peers of their beginning', async () => {
    const gauge = new ShardGauge()
    await gauge.ask({ load: () => load(100, 900, 50, 70) }, 3)
    expect(gauge.measure).toBeUndefined()
    await gauge.ask({ load: () => load(600, 2400, 150, 970) }, 8)
    expect(gauge.measure).toEqual({ busyShare: 0.25, packetsPerSecond: 500, peers: 3 })
    await gauge.ask({ load: () => load(600, 3400, 150, 970) }, 8)
    expect(gauge.measure).toEqual({ busyShare: 0, packetsPerSecond: 0, peers: 8 })
  })

  it('is taken for all that it can while it does not answer', async () => {
    const gauge = new ShardGauge()
    await gauge.ask({ load: () => load(0, 1000, 0, 0) }, 5)
    await gauge.ask({ load: () => load(500, 1500, 0, 100) }, 5)
    let answer: (load: ShardLoad) => void = () => {}
    const asked = gauge.ask({ load: () => new Promise((resolve) => (answer = resolve)) }, 5)
    await gauge.ask({ load: () => load(0, 0, 0, 0) }, 6)
    expect(gauge.measure).toEqual({ busyShare: 1, packetsPerSecond: 100, peers: 5 })
    answer(load(1500, 1500, 0, 100))
    await asked
    expect(gauge.measure?.busyShare).toBe(1)
    await gauge.ask({ load: () => load(1500, 2500, 0, 100) }, 6)
    expect(gauge.measure?.busyShare).toBe(0)
  })

  it('asks again after a question that has failed', async () => {
    const gauge = new ShardGauge()
    await expect(gauge.ask({ load: () => Promise.reject(new Error('gone')) }, 0)).rejects.toThrow('gone')
    await gauge.ask({ load: () => load(0, 1000, 0, 0) }, 0)
    await gauge.ask({ load: () => load(1000, 1000, 0, 0) }, 0)
    expect(gauge.measure?.busyShare).toBe(1)
  })
})
