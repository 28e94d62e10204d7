import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NackGenerator } from '../../../../src/media/ingest/nack-generator.js'

const out = new Uint16Array(16)

function collect(nack: NackGenerator, nowMs: number): number[] {
  return [...out.subarray(0, nack.collect(nowMs, out))]
}

/** Packets come, all at once. */
function receive(nack: NackGenerator, nowMs: number, ...extSeqs: number[]): void {
  for (const extSeq of extSeqs) nack.receive(extSeq, true, nowMs)
}

describe('the first request', () => {
  test('is made when two later packets have come', () => {
    const nack = new NackGenerator()
    receive(nack, 0, 100, 102)
    expect(nack.dueMs).toBe(10)
    expect(collect(nack, 1)).toEqual([])
    receive(nack, 2, 103)
    expect(nack.dueMs).toBe(2)
    expect(collect(nack, 2)).toEqual([101])
  })

  test('is made after 10 ms with a single later packet', () => {
    const nack = new NackGenerator()
    receive(nack, 0, 100, 104)
    expect(collect(nack, 9)).toEqual([])
    expect(collect(nack, 10)).toEqual([101, 102, 103])
  })

  test('is not made for what comes in time', () => {
    const nack = new NackGenerator()
    receive(nack, 0, 100, 102)
    receive(nack, 5, 101)
    expect([nack.dueMs, nack.missing]).toEqual([Number.POSITIVE_INFINITY, 0])
    expect(collect(nack, 1000)).toEqual([])
  })

  test('waits for as long as packets were late lately, with a margin, and forgets that again', () => {
    const nack = new NackGenerator()
    receive(nack, 0, 100, 102)
    receive(nack, 8, 101)
    receive(nack, 20, 104, 105, 106)
    // Twice 8 ms and one; more packets prove nothing where they overtake each other.
    expect(nack.dueMs).toBe(37)
    receive(nack, 30, 103)
    receive(nack, 60_000, 108, 109, 110)
    expect(collect(nack, 60_000)).toEqual([107])
  })

  test('carries 16 bits of the number', () => {
    const nack = new NackGenerator()
    receive(nack, 0, 0x1_fffe, 0x2_0002, 0x2_0003)
    expect(collect(nack, 0)).toEqual([0xffff, 0, 1])
  })
})

describe('the next request', () => {
  test('is made a repair time after the one before, as long as that is being measured', () => {
    const nack = new NackGenerator()
    receive(nack, 0, 100, 102, 103)
    collect(nack, 0)
    // 100 ms and half of that, before anything is known.
    expect(nack.dueMs).toBe(150)
    receive(nack, 0, 105, 106)
    collect(nack, 5)
    nack.repair(101, 40)
    nack.repair(104, 45)
    expect(nack.rtt.ms).toBe(40)
    receive(nack, 100, 108, 109)
    expect(collect(nack, 100)).toEqual([107])
    expect(nack.dueMs).toBeGreaterThan(150)
    expect(nack.dueMs).toBeLessThan(165)
    expect(collect(nack, nack.dueMs)).toEqual([107])
  })

  test('waits longer while nothing is repaired at all', () => {
    const nack = new NackGenerator()
    receive(nack, 0, 100, 102, 103)
    const times: number[] = []
    for (let nowMs = 0; nowMs < 1400; nowMs++) if (collect(nack, nowMs).length > 0) times.push(nowMs)
    expect(times).toEqual([0, 150, 450, 1050])
  })

  test('follows a round trip that has grown beyond what is waited for', () => {
    const nack = new NackGenerator()
    nack.rtt.sample(20, 0)
    const arrivals: { readonly extSeq: number; readonly atMs: number }[] = []
    const wanted = new Set<number>()
    let newest = 100
    for (let nowMs = 0; nowMs < 20_000; nowMs++) {
      // A packet is lost every 100 ms, and each request is answered after 400 ms.
      if (nowMs % 10 === 0) {
        newest += nowMs % 100 === 0 ? 2 : 1
        receive(nack, nowMs, newest)
      }
      for (const extSeq of collect(nack, nowMs)) {
        if (!wanted.has(extSeq)) arrivals.push({ extSeq, atMs: nowMs + 400 })
        wanted.add(extSeq)
      }
      while ((arrivals[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) nack.repair(arrivals.shift()?.extSeq ?? 0, nowMs)
    }
    expect(Math.abs(nack.rtt.ms - 400)).toBeLessThan(20)
    expect(nack.lostForGood).toBe(0)
  })

  test('is the last after ten, and then the packet is lost for good', () => {
    const nack = new NackGenerator()
    for (let i = 0; i < 50; i++) nack.rtt.sample(20, 0)
    receive(nack, 0, 100, 102, 103)
    let asked = 0
    for (let nowMs = 0; nowMs < 1400; nowMs++) {
      // Other repairs come all the time, so nothing speaks for a longer round trip.
      nack.rtt.sample(20, nowMs)
      asked += collect(nack, nowMs).length
    }
    expect([asked, nack.lostForGood, nack.takeNewestLost(), nack.takeNewestLost()]).toEqual([10, 1, 101, -1])
    expect(nack.missing).toBe(0)
  })

  test('is not made for what is a second and a half old', () => {
    const nack = new NackGenerator()
    receive(nack, 0, 100, 102, 103)
    let lostMs = -1
    for (let nowMs = 0; lostMs < 0 && nowMs < 3000; nowMs++) {
      collect(nack, nowMs)
      if (nack.lostForGood > 0) lostMs = nowMs
    }
    expect(lostMs).toBe(1500)
  })
})

test('a message holds what there is room for, the rest follows five milliseconds later', () => {
  const nack = new NackGenerator()
  receive(nack, 0, 100, 130, 131)
  expect(collect(nack, 0)).toEqual(Array.from({ length: 16 }, (_, i) => 101 + i))
  expect(nack.dueMs).toBe(5)
  expect(collect(nack, 4)).toEqual([])
  expect(collect(nack, 5)).toEqual(Array.from({ length: 13 }, (_, i) => 117 + i))
})

test('what nobody wants is forgotten, and not missed', () => {
  const nack = new NackGenerator()
  receive(nack, 0, 100, 102)
  nack.receive(110, false, 1)
  expect(nack.missing).toBe(0)
  nack.receive(115, false, 2)
  receive(nack, 3, 117, 118)
  expect(collect(nack, 100)).toEqual([116])
})

test('an outage is lost for good at once', () => {
  const nack = new NackGenerator()
  receive(nack, 0, 100, 102, 1200)
  expect([nack.missing, nack.lostForGood, nack.dueMs]).toEqual([0, 1 + 1097, 0])
  expect(nack.takeNewestLost()).toBe(1199)
  expect(nack.dueMs).toBe(Number.POSITIVE_INFINITY)
})

test('a new numbering starts from nothing', () => {
  const nack = new NackGenerator()
  receive(nack, 0, 100, 102)
  nack.reset()
  receive(nack, 1, 5, 6)
  expect(nack.missing).toBe(0)
})

test('a retransmission counts once, and what was not missing is refused', () => {
  const nack = new NackGenerator()
  receive(nack, 0, 100, 102, 103)
  collect(nack, 0)
  expect([nack.hasAskedFor(101), nack.hasAskedFor(102)]).toEqual([true, false])
  expect([nack.repair(101, 50), nack.repair(101, 51), nack.repair(99, 52)]).toEqual([true, false, false])
  expect(nack.repaired).toBe(1)
})

test('without RTX, what comes after it was asked for is a repair, unless it comes too soon for one', () => {
  const nack = new NackGenerator()
  receive(nack, 0, 100, 103, 104)
  collect(nack, 0)
  receive(nack, 3, 101)
  expect(nack.repaired).toBe(0)
  receive(nack, 60, 102)
  expect([nack.repaired, nack.rtt.ms]).toEqual([1, 60])
})

test('whatever comes, only missing packets are asked for, in order, ten times at most', () => {
  const event = fc.record({ step: fc.integer({ min: -30, max: 40 }), waitMs: fc.nat(60), rtx: fc.boolean() })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), (events) => {
      const nack = new NackGenerator()
      const had = new Set<number>()
      const asked = new Map<number, number>()
      let nowMs = 0
      let newest = 1000
      for (const { step, waitMs, rtx } of events) {
        nowMs += waitMs
        const extSeq = Math.max(1, newest + step)
        newest = Math.max(newest, extSeq)
        if (rtx && extSeq < newest) {
          if (nack.repair(extSeq, nowMs)) had.add(extSeq)
        } else {
          nack.receive(extSeq, true, nowMs)
          had.add(extSeq)
        }
        const seqs = collect(nack, nowMs)
        for (const [i, seq] of seqs.entries()) {
          expect(had.has(seq)).toBe(false)
          expect(seq).toBeGreaterThan(seqs[i - 1] ?? 0)
          expect(seq).toBeLessThan(newest)
          asked.set(seq, (asked.get(seq) ?? 0) + 1)
        }
        if (nack.missing === 0 && nack.takeNewestLost() < 0) expect(nack.dueMs).toBe(Number.POSITIVE_INFINITY)
      }
      for (const times of asked.values()) expect(times).toBeLessThanOrEqual(10)
    }),
  )
})
