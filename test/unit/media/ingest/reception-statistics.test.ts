import { expect, test } from 'vitest'
import { ReceptionStatistics } from '../../../../src/media/ingest/reception-statistics.js'
import { createReportBlock } from '../../../../src/rtp/rtcp/report-block.js'

function receive(statistics: ReceptionStatistics, seqs: Iterable<number>): number[] {
  return [...seqs].map((seq) => statistics.receive(seq, seq * 160, 8000, seq * 20))
}

function* range(from: number, to: number): Iterable<number> {
  for (let i = from; i < to; i++) yield i & 0xffff
}

test('loss is what the numbers span, less what came (RFC 3550, appendix A.3)', () => {
  const statistics = new ReceptionStatistics()
  const block = createReportBlock()
  receive(statistics, range(0, 100))
  receive(statistics, range(125, 200))
  statistics.report(7, 0, block)
  expect(block).toMatchObject({ ssrc: 7, packetsLost: 25, fractionLost: Math.floor((25 * 256) / 200), highestSeq: 199 })
  receive(statistics, range(200, 300))
  statistics.report(7, 0, block)
  expect(block).toMatchObject({ packetsLost: 25, fractionLost: 0, highestSeq: 299 })
  expect(statistics.packetsLost).toBe(25)
})

test('packets that come late make up for their loss', () => {
  const statistics = new ReceptionStatistics()
  const block = createReportBlock()
  receive(statistics, [0, 1, 4, 5])
  statistics.report(1, 0, block)
  expect(block.packetsLost).toBe(2)
  receive(statistics, [2, 3])
  statistics.report(1, 0, block)
  expect(block).toMatchObject({ packetsLost: 0, fractionLost: 0, highestSeq: 5 })
})

test('the cycles of the sequence number are counted', () => {
  const statistics = new ReceptionStatistics()
  const block = createReportBlock()
  receive(statistics, range(65_000, 65_000 + 70_000))
  statistics.report(1, 0, block)
  expect(block).toMatchObject({ packetsLost: 0, highestSeq: 65_000 + 69_999 })
})

test('jitter is the smoothed difference of transit times (RFC 3550, appendix A.8)', () => {
  const statistics = new ReceptionStatistics()
  const delays = [0, 5, 0, 10, 3, 3, 8]
  let expected = 0
  delays.forEach((delayMs, i) => {
    statistics.receive(i, i * 160, 8000, i * 20 + delayMs)
    if (i > 0) expected += (Math.abs(delayMs - (delays[i - 1] as number)) * 8 - expected) / 16
  })
  expect(statistics.jitterMs).toBeCloseTo(expected / 8, 9)
  const block = createReportBlock()
  statistics.report(1, 0, block)
  expect(block.jitter).toBe(Math.floor(expected))
})

test('timestamps that wrap, and another clock rate, do not disturb the jitter', () => {
  const statistics = new ReceptionStatistics()
  for (let i = 0; i < 100; i++) statistics.receive(i, (0xffff_ff00 + i * 160) >>> 0, 8000, i * 20)
  expect(statistics.jitterMs).toBeLessThan(0.001)
  statistics.receive(100, 5, 48_000, 2000)
  statistics.receive(101, 965, 48_000, 2020)
  expect(statistics.jitterMs).toBe(0)
})

test('a sender report is referred to by its middle 32 bits and the time since', () => {
  const statistics = new ReceptionStatistics()
  const block = createReportBlock()
  receive(statistics, [1])
  statistics.report(1, 500, block)
  expect(block).toMatchObject({ lastSenderReport: 0, delaySinceLastSenderReport: 0 })
  statistics.receiveSenderReport(0x1234_5678, 0x9abc_def0, 1000)
  statistics.report(1, 1250, block)
  expect(block).toMatchObject({ lastSenderReport: 0x5678_9abc, delaySinceLastSenderReport: 0x4000 })
})

test('a single packet far off the numbering is refused, two in a row are a restart', () => {
  const statistics = new ReceptionStatistics()
  receive(statistics, range(1000, 1010))
  expect(receive(statistics, [30_000])).toEqual([-1])
  expect(statistics.restarted).toBe(false)
  expect(receive(statistics, [1010])).toEqual([0x1_0000 + 1010])
  expect(receive(statistics, [30_000])).toEqual([-1])
  expect(receive(statistics, [30_001])).toEqual([0x1_0000 + 30_001])
  expect(statistics.restarted).toBe(true)
  expect(receive(statistics, [30_002])).toEqual([0x1_0000 + 30_002])
  expect(statistics.restarted).toBe(false)
  const block = createReportBlock()
  statistics.report(1, 0, block)
  expect(block).toMatchObject({ packetsLost: 0, highestSeq: 30_002 })
})

test('the longest bridged gap is loss, one more is not', () => {
  const within = new ReceptionStatistics()
  receive(within, [0])
  expect(receive(within, [3000])).toEqual([0x1_0000 + 3000])
  expect(within.packetsLost).toBe(2999)
  const beyond = new ReceptionStatistics()
  receive(beyond, [0])
  expect(receive(beyond, [3001])).toEqual([-1])
})
