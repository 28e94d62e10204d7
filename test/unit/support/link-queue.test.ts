/** The bottleneck of the impairing relay is exact: to the bit in time, to the byte in its queue. */
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/testing/seeded-random.js'
import { DATAGRAM_OVERHEAD_BYTES, LinkQueue } from '../../support/impairment/link-queue.mjs'

/** A datagram that takes 1250 bytes on the wire: 10 ms at 1 Mbps. */
const LENGTH = 1250 - DATAGRAM_OVERHEAD_BYTES
const MBPS = 1_000_000

function link(conditions: Partial<LinkQueue<number>['conditions']>): LinkQueue<number> {
  return new LinkQueue(conditions, () => 1)
}

/** Everything that arrives up to `nowMs`: number and time. */
function arrivals(queue: LinkQueue<number>, nowMs: number): [number, number][] {
  const all: [number, number][] = []
  for (let next = queue.take(nowMs); next; next = queue.take(nowMs)) all.push([next.item, next.dueMs])
  return all
}

describe('LinkQueue', () => {
  it('lets everything pass at once where nothing is limited', () => {
    const queue = link({})
    for (let i = 0; i < 3; i++) queue.offer(i, LENGTH, 5)
    expect(queue.dueMs).toBe(5)
    expect(arrivals(queue, 5)).toEqual([
      [0, 5],
      [1, 5],
      [2, 5],
    ])
    expect(queue.dueMs).toBe(Number.POSITIVE_INFINITY)
  })

  it('sends one packet after the other at its rate, and each arrives after the delay', () => {
    const queue = link({ bandwidthBps: MBPS, delayMs: 20 })
    for (let i = 0; i < 3; i++) queue.offer(i, LENGTH, 100)
    expect(queue.dueMs).toBe(130)
    expect(arrivals(queue, 139.9)).toEqual([[0, 130]])
    expect(queue.dueMs).toBe(140)
    expect(arrivals(queue, 1000)).toEqual([
      [1, 140],
      [2, 150],
    ])
  })

  it('saves up no unused time', () => {
    const queue = link({ bandwidthBps: MBPS })
    queue.offer(0, LENGTH, 0)
    queue.offer(1, LENGTH, 500)
    queue.offer(2, LENGTH, 505)
    expect(arrivals(queue, 1000)).toEqual([
      [0, 10],
      [1, 510],
      [2, 520],
    ])
  })

  it('goes on at the new rate in the middle of a packet, whenever it is looked at', () => {
    const queue = link({ bandwidthBps: MBPS })
    queue.offer(0, LENGTH, 0)
    queue.offer(1, LENGTH, 0)
    queue.take(2.5)
    queue.change({ bandwidthBps: MBPS / 2 }, 5)
    queue.take(7)
    expect(queue.dueMs).toBe(15)
    queue.change({ bandwidthBps: MBPS }, 25)
    expect(arrivals(queue, 1000)).toEqual([
      [0, 15],
      [1, 30],
    ])
  })

  it('stands still without bandwidth', () => {
    const queue = link({ bandwidthBps: 0 })
    queue.offer(0, LENGTH, 0)
    expect(queue.dueMs).toBe(Number.POSITIVE_INFINITY)
    expect(arrivals(queue, 10_000)).toEqual([])
    queue.change({ bandwidthBps: MBPS }, 20_000)
    expect(queue.dueMs).toBe(20_010)
  })

  it('holds exactly as many bytes as it is told to, the packet that is being sent included', () => {
    const queue = link({ bandwidthBps: MBPS, queueBytes: 2500 })
    expect(queue.offer(0, LENGTH, 0)).toBe(true)
    expect(queue.offer(1, LENGTH, 0)).toBe(true)
    expect(queue.offer(2, 1, 0)).toBe(false)
    expect(queue.offer(3, LENGTH, 9.99)).toBe(false)
    expect(queue.offer(4, LENGTH, 10)).toBe(true)
    expect(queue.queuedBytes).toBe(2500)
    expect(queue.counters).toEqual({ offered: 5, lost: 0, overflowed: 2, departed: 1, departedBytes: 1250 })
  })

  it('lets nobody overtake when the delay becomes shorter', () => {
    const queue = link({ delayMs: 100 })
    queue.offer(0, LENGTH, 0)
    queue.change({ delayMs: 10 }, 5)
    queue.offer(1, LENGTH, 5)
    queue.offer(2, LENGTH, 95)
    expect(arrivals(queue, 1000)).toEqual([
      [0, 100],
      [1, 100],
      [2, 105],
    ])
  })

  it('loses the part of packets that it is told to', () => {
    const random = new SeededRandom(7)
    const queue = new LinkQueue<number>({ lossRate: 0.1 }, () => random.next())
    for (let i = 0; i < 20_000; i++) queue.offer(i, LENGTH, i)
    expect(arrivals(queue, 1e6)).toHaveLength(queue.counters.departed)
    expect(queue.counters.lost / 20_000).toBeCloseTo(0.1, 2)
  })

  it('carries its rate over a minute, with packets of all sizes', () => {
    const random = new SeededRandom(3)
    const queue = link({ bandwidthBps: 700_000, queueBytes: 20_000 })
    let carried = 0
    for (let nowMs = 0; nowMs < 60_000; nowMs += 5) {
      queue.offer(nowMs, random.integer(40, 1200), nowMs)
      for (let gone = queue.take(nowMs); gone; gone = queue.take(nowMs)) carried += gone.bytes
    }
    expect(queue.counters.overflowed).toBeGreaterThan(0)
    expect((carried * 8) / 60).toBeGreaterThan(699_000)
    expect((carried * 8) / 60).toBeLessThanOrEqual(700_000)
  })
})
