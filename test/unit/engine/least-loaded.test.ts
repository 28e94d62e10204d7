import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leastLoaded, type PlaceableShard } from '../../../src/engine/least-loaded.js'

interface Named extends PlaceableShard {
  readonly name: string
}

function shard(name: string, peerCount: number, busyShare?: number, packetsPerSecond = 0, peers = peerCount): Named {
  return { name, peerCount, measure: busyShare === undefined ? undefined : { busyShare, packetsPerSecond, peers } }
}

/** Places so many peers with nothing measured in between, and says how many each shard got. */
function place(shards: readonly Named[], count: number): Record<string, number> {
  const placed = shards.map((one) => ({ ...one }))
  for (let i = 0; i < count; i++) {
    const best = leastLoaded(placed)
    best.peerCount++
  }
  return Object.fromEntries(placed.map(({ name, peerCount }, i) => [name, peerCount - (shards[i]?.peerCount ?? 0)]))
}

describe('the shard of the next peer', () => {
  it('is the one with ten viewers less if nothing else is known, and the first of equals', () => {
    expect(leastLoaded([shard('a', 10), shard('b', 0)]).name).toBe('b')
    expect(leastLoaded([shard('a', 3), shard('b', 3)]).name).toBe('a')
    expect(place([shard('a', 0), shard('b', 0), shard('c', 0)], 9)).toEqual({ a: 3, b: 3, c: 3 })
  })

  it('is the one with a hundred idle viewers, not the one with ten heavy ones', () => {
    expect(leastLoaded([shard('heavy', 10, 0.8, 20_000), shard('idle', 100, 0.05, 300)]).name).toBe('idle')
  })

  it('is the one with fewer packets where threads are about as busy, and the one with fewer peers where that tells nothing either', () => {
    expect(leastLoaded([shard('a', 1, 0.2, 5000), shard('b', 50, 0.22, 2000)]).name).toBe('b')
    expect(leastLoaded([shard('a', 9, 0.2, 5000), shard('b', 8, 0.22, 5200)]).name).toBe('b')
    expect(leastLoaded([shard('a', 9, 0.01, 0), shard('b', 8, 0.19, 100)]).name).toBe('b')
  })

  it('counts those who came since the last measurement with what the mean peer takes', () => {
    // 0.3 and 0.1 of a thread, 0.002 for each of 200 peers: a hundred on the second one make them equal.
    const shards = [shard('a', 150, 0.3, 15_000), shard('b', 50, 0.1, 5000)]
    const placed = place(shards, 300)
    expect(placed.a).toBeGreaterThan(90)
    expect(placed.b).toBeGreaterThan(190)
    // As many as have come in that second, when they have been measured too.
    expect(leastLoaded([shard('a', 250, 0.5, 25_000), shard('b', 250, 0.48, 25_000, 150)]).name).toBe('a')
  })

  it('is the one that was just opened, until it has its share', () => {
    const placed = place([shard('old', 100, 0.5, 25_000), shard('new', 0)], 100)
    expect(placed.new).toBeGreaterThan(95)
  })

  it('is one of them whatever was measured, and the same each time', () => {
    const some = fc.record({
      name: fc.constant('any'),
      peerCount: fc.nat(1000),
      measure: fc.option(
        fc.record({
          busyShare: fc.double({ min: 0, max: 1, noNaN: true }),
          packetsPerSecond: fc.nat(1_000_000),
          peers: fc.nat(1000),
        }),
        { nil: undefined },
      ),
    })
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 8 }), (shards) => {
        const best = leastLoaded(shards)
        expect(shards).toContain(best)
        expect(leastLoaded(shards)).toBe(best)
      }),
    )
  })
})
