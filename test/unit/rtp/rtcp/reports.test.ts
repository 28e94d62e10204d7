import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RtcpPacketConverter, RtcpReceiverInfo, RtcpRrPacket, RtcpSenderInfo, RtcpSrPacket } from 'werift'
import { RECEIVER_REPORT_LENGTH, writeReceiverReport } from '../../../../src/rtp/rtcp/receiver-report.js'
import {
  createReportBlock,
  REPORT_BLOCK_LENGTH,
  type ReportBlock,
  readReportBlock,
} from '../../../../src/rtp/rtcp/report-block.js'
import { RtcpReader } from '../../../../src/rtp/rtcp/rtcp-reader.js'
import {
  createSenderReport,
  readSenderReport,
  SENDER_REPORT_LENGTH,
  writeSenderReport,
} from '../../../../src/rtp/rtcp/sender-report.js'
import { guarded } from '../guarded-bytes.js'
import { openPacket, shortenedPackets } from './open-packet.js'
import { randomCompound } from './random-compound.js'

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })
const anyReport = fc.record({
  ssrc: uint32,
  ntpSeconds: uint32,
  ntpFraction: uint32,
  rtpTimestamp: uint32,
  packetCount: uint32,
  octetCount: uint32,
})
const anyBlock: fc.Arbitrary<ReportBlock> = fc.record({
  ssrc: uint32,
  fractionLost: fc.nat(255),
  packetsLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
  highestSeq: uint32,
  jitter: uint32,
  lastSenderReport: uint32,
  delaySinceLastSenderReport: uint32,
})

const report = {
  ssrc: 0x0102_0304,
  ntpSeconds: 0xee00_0001,
  ntpFraction: 0x8000_0002,
  rtpTimestamp: 0xf000_0003,
  packetCount: 4,
  octetCount: 0xffff_fff0,
}
const block: ReportBlock = {
  ssrc: 0xa0b0_c0d0,
  fractionLost: 25,
  packetsLost: 1234,
  highestSeq: 0x0001_fffe,
  jitter: 77,
  lastSenderReport: 0x0001_8000,
  delaySinceLastSenderReport: 0x0005_4000,
}
const weriftBlock = {
  ssrc: block.ssrc,
  fractionLost: block.fractionLost,
  packetsLost: block.packetsLost,
  highestSequence: block.highestSeq,
  jitter: block.jitter,
  lsr: block.lastSenderReport,
  dlsr: block.delaySinceLastSenderReport,
}

function blocksOf(buffer: Buffer, reader: RtcpReader): ReportBlock[] {
  const blocks: ReportBlock[] = []
  for (let i = 0; ; i++) {
    const out = createReportBlock()
    if (!readReportBlock(buffer, reader, i, out)) return blocks
    blocks.push(out)
  }
}

describe('sender reports', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(anyReport, fc.array(anyBlock, { maxLength: 31 }), (sent, blocks) => {
        const buffer = Buffer.alloc(1000)
        const end = writeSenderReport(buffer, 8, sent, blocks)
        expect(end).toBe(8 + SENDER_REPORT_LENGTH + blocks.length * REPORT_BLOCK_LENGTH)
        const packet = openPacket(buffer.subarray(8, end))
        const out = createSenderReport()
        expect(readSenderReport(packet.buffer, packet.reader.offset, out)).toBe(true)
        expect(out).toEqual(sent)
        expect(blocksOf(packet.buffer, packet.reader)).toEqual(blocks)
        expect(packet.reader.next()).toBe(false)
      }),
    )
  })

  it('are understood by werift', () => {
    const buffer = Buffer.alloc(52)
    writeSenderReport(buffer, 0, report, [block])
    const [read] = RtcpPacketConverter.deSerialize(buffer) as [RtcpSrPacket]
    expect(read).toBeInstanceOf(RtcpSrPacket)
    expect(read.ssrc).toBe(report.ssrc)
    expect(read.senderInfo).toMatchObject({
      ntpTimestamp: (0xee00_0001n << 32n) | 0x8000_0002n,
      rtpTimestamp: report.rtpTimestamp,
      packetCount: report.packetCount,
      octetCount: report.octetCount,
    })
    expect(read.reports.map((r) => r.toJSON())).toEqual([weriftBlock])
  })

  it('are read when werift wrote them', () => {
    const bytes = new RtcpSrPacket({
      ssrc: report.ssrc,
      senderInfo: new RtcpSenderInfo({
        ntpTimestamp: (0xee00_0001n << 32n) | 0x8000_0002n,
        rtpTimestamp: report.rtpTimestamp,
        packetCount: report.packetCount,
        octetCount: report.octetCount,
      }),
      reports: [new RtcpReceiverInfo(weriftBlock)],
    }).serialize()
    const { buffer, reader } = openPacket(bytes)
    const out = createSenderReport()
    expect(readSenderReport(buffer, reader.offset, out)).toBe(true)
    expect(out).toEqual(report)
    expect(blocksOf(buffer, reader)).toEqual([block])
  })

  it('are refused at every length that is too short', () => {
    const buffer = Buffer.alloc(28)
    writeSenderReport(buffer, 0, report)
    for (const shorter of shortenedPackets(buffer)) {
      const packet = openPacket(shorter)
      expect(readSenderReport(packet.buffer, packet.reader.offset, createSenderReport())).toBe(false)
      // Also when nothing lies behind the packet in its buffer.
      expect(readSenderReport(shorter, 0, createSenderReport())).toBe(false)
    }
  })

  it('are not seen in other packets', () => {
    const buffer = Buffer.alloc(32)
    writeReceiverReport(buffer, 0, 1, [block])
    expect(readSenderReport(buffer, 0, createSenderReport())).toBe(false)
  })

  it('go on in receiver reports beyond 31 blocks', () => {
    const blocks = Array.from({ length: 70 }, (_, ssrc) => ({ ...block, ssrc }))
    const buffer = Buffer.alloc(3000)
    const end = writeSenderReport(buffer, 0, report, blocks)
    const { reader, buffer: view } = openPacket(buffer.subarray(0, end))
    const seen: ReportBlock[] = []
    const shape: number[][] = []
    do {
      shape.push([reader.packetType, reader.count])
      seen.push(...blocksOf(view, reader))
    } while (reader.next())
    expect(shape).toEqual([
      [200, 31],
      [201, 31],
      [201, 8],
    ])
    expect(seen).toEqual(blocks)
  })

  it('hold only as many blocks as asked for', () => {
    const buffer = Buffer.alloc(200)
    const blocks = [1, 2, 3].map((ssrc) => ({ ...block, ssrc }))
    const { reader, buffer: view } = openPacket(buffer.subarray(0, writeSenderReport(buffer, 0, report, blocks, 2)))
    expect(blocksOf(view, reader)).toEqual(blocks.slice(0, 2))
  })
})

describe('receiver reports', () => {
  it('come back as they were written, in as many packets as it takes', () => {
    fc.assert(
      fc.property(uint32, fc.array(anyBlock, { maxLength: 70 }), (ssrc, blocks) => {
        const buffer = Buffer.alloc(2000)
        const end = writeReceiverReport(buffer, 0, ssrc, blocks)
        const packets = Math.max(1, Math.ceil(blocks.length / 31))
        expect(end).toBe(packets * RECEIVER_REPORT_LENGTH + blocks.length * REPORT_BLOCK_LENGTH)
        const { reader, buffer: view } = openPacket(buffer.subarray(0, end))
        const seen: ReportBlock[] = []
        do {
          expect(view.readUInt32BE(reader.bodyOffset)).toBe(ssrc)
          seen.push(...blocksOf(view, reader))
        } while (reader.next())
        expect(seen).toEqual(blocks)
      }),
    )
  })

  it('are understood by werift, and werift is understood', () => {
    const buffer = Buffer.alloc(32)
    writeReceiverReport(buffer, 0, 99, [block])
    const [read] = RtcpPacketConverter.deSerialize(buffer) as [RtcpRrPacket]
    expect(read.ssrc).toBe(99)
    expect(read.reports.map((r) => r.toJSON())).toEqual([weriftBlock])
    const theirs = new RtcpRrPacket({ ssrc: 99, reports: [new RtcpReceiverInfo(weriftBlock)] }).serialize()
    expect(theirs).toEqual(buffer)
  })

  it('hold losses and fractions within their fields', () => {
    const buffer = Buffer.alloc(64)
    const much = { ...block, fractionLost: 300, packetsLost: 0x100_0000 }
    const little = { ...block, fractionLost: -1, packetsLost: -0x100_0000 }
    const end = writeReceiverReport(buffer, 0, 1, [much, little])
    const { reader, buffer: view } = openPacket(buffer.subarray(0, end))
    expect(blocksOf(view, reader)).toMatchObject([
      { fractionLost: 255, packetsLost: 0x7f_ffff },
      { fractionLost: 0, packetsLost: -0x80_0000 },
    ])
  })

  it('give only the blocks that are whole when the count promises more', () => {
    const buffer = Buffer.alloc(56)
    writeReceiverReport(buffer, 0, 1, [block, { ...block, ssrc: 5 }])
    for (const shorter of shortenedPackets(buffer)) {
      const { reader, buffer: view } = openPacket(shorter)
      const whole = Math.max(0, Math.floor((shorter.length - 8) / 24))
      expect(blocksOf(view, reader)).toHaveLength(whole)
    }
  })
})

describe('reading reports from random packets', () => {
  it('reads nothing outside, and no more blocks than counted', () => {
    let blocks = 0
    const reader = new RtcpReader()
    const out = createReportBlock()
    const senderReport = createSenderReport()
    fc.assert(
      fc.property(randomCompound, (bytes) => {
        const { buffer, start, end } = guarded(bytes)
        if (!reader.reset(buffer, start, end)) return
        while (reader.next()) {
          readSenderReport(buffer, reader.offset, senderReport)
          let index = 0
          while (readReportBlock(buffer, reader, index, out)) index++
          expect(index).toBeLessThanOrEqual(reader.count)
          blocks += index
        }
      }),
      { numRuns: 1000 },
    )
    expect(blocks).toBeGreaterThan(20)
  })
})
