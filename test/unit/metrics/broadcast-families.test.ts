import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPeerSums } from '../../../src/engine/peer-sums.js'
import { metricsScene } from '../../support/metrics-scene.js'
import { VIEWER_OFFER } from '../../support/offers.js'
import { packetsOut, shardSummary } from '../../support/shard-summary.js'

const PACKETS = 'manycast_broadcast_rtp_packets_total'

/** A scene in which each broadcast has sent so many packets, and those that are gone others. */
function scene(maxBroadcasts: number) {
  const { sfu, engine, values } = metricsScene({ maxBroadcasts })
  const sent = new Map<string, number>()
  let gone = 0
  engine.summary = async (...args: unknown[]) => {
    const ids = args[0] as readonly string[]
    const sums = createPeerSums()
    sums.transport.traffic.rtpPacketsOut = gone + [...sent.values()].reduce((a, b) => a + b, 0)
    const named = sfu.broadcasts().filter(({ id }) => ids.includes(id))
    const broadcasts = named.map(({ id, name }) => ({ broadcastId: id, sums: packetsOut(sent.get(name) ?? 0) }))
    return { shards: [shardSummary({ sums, broadcasts })] }
  }
  return {
    sfu,
    values,
    send(name: string, packets: number): void {
      sfu.broadcast(name)
      sent.set(name, (sent.get(name) ?? 0) + packets)
    },
    async remove(name: string): Promise<void> {
      await sfu.broadcast(name).close()
      gone += sent.get(name) ?? 0
      sent.delete(name)
    },
  }
}

describe('the metrics of broadcasts', () => {
  it('tell of each, up to a number, and of all others together', async () => {
    const { send, values } = scene(2)
    for (const [name, packets] of [
      ['a', 1],
      ['b', 2],
      ['c', 4],
      ['d', 8],
    ] as const) {
      send(name, packets)
    }
    expect(await values(PACKETS)).toMatchObject({ 'a out': 1, 'b out': 2, '(other) out': 12 })
    expect(Object.keys(await values(PACKETS))).toHaveLength(6)
  })

  it('prefer those with many sessions, and stay with those that have a place', async () => {
    const { sfu, send, values } = scene(1)
    for (const name of ['small', 'large']) send(name, 1)
    await sfu.broadcast('large').addViewer(VIEWER_OFFER)
    const { session } = await sfu.broadcast('large').addViewer(VIEWER_OFFER)
    expect(Object.keys(await values(PACKETS))).toContain('small out')
    await session.close()
    expect(Object.keys(await values(PACKETS))).toContain('small out')
  })

  it('give a place that has become free to the next, and never let the rest fall', async () => {
    const { send, remove, values } = scene(1)
    send('a', 5)
    send('b', 7)
    expect(await values(PACKETS)).toMatchObject({ 'a out': 5, '(other) out': 7 })
    await remove('a')
    // What a had counted is gone with it; what b had counted is told of under its own name now, and stays with the rest, too.
    expect(await values(PACKETS)).toMatchObject({ 'b out': 7, '(other) out': 7 })
    send('b', 2)
    send('c', 3)
    expect(await values(PACKETS)).toMatchObject({ 'b out': 9, '(other) out': 10 })
  })

  it('begin anew with a broadcast that takes the name of another one', async () => {
    const { send, remove, values } = scene(2)
    send('a', 100)
    expect(await values(PACKETS)).toMatchObject({ 'a out': 100, '(other) out': 0 })
    await remove('a')
    send('a', 3)
    expect(await values(PACKETS)).toMatchObject({ 'a out': 3, '(other) out': 0 })
  })

  it('have no name that is taken for the rest', async () => {
    const { send, values } = scene(5)
    send('(other)', 4)
    send('a', 1)
    expect(await values(PACKETS)).toMatchObject({ 'a out': 1, '(other) out': 4 })
    expect(Object.keys(await values(PACKETS))).toHaveLength(4)
  })

  it('never fall while a broadcast is there, and stay within their number, whatever comes and goes', async () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const step = fc.oneof(fc.record({ send: names, packets: fc.nat(50) }), fc.record({ remove: names }))
    await fc.assert(
      fc.asyncProperty(fc.nat(3), fc.array(step, { maxLength: 25 }), async (max, steps) => {
        const { send, remove, values } = scene(max)
        let last: Record<string, number> = {}
        for (const one of steps) {
          if ('send' in one) send(one.send, one.packets)
          else await remove(one.remove)
          const now = await values(PACKETS)
          expect(Object.keys(now).length).toBeLessThanOrEqual(2 * (max + 1))
          expect(now['(other) out']).toBeGreaterThanOrEqual(last['(other) out'] ?? 0)
          last = now
        }
      }),
      { numRuns: 40 },
    )
  })
})
