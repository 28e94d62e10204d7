import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  RecvDelta,
  RtcpPacketConverter,
  RtcpTransportLayerFeedback,
  RunLengthChunk,
  StatusVectorChunk,
  TransportWideCC,
} from 'werift'
import { feedbackMediaSsrc, feedbackSenderSsrc } from '../../../../src/rtp/rtcp/feedback.js'
import { RtcpReader } from '../../../../src/rtp/rtcp/rtcp-reader.js'
import {
  isTransportFeedback,
  NOT_RECEIVED,
  readTransportFeedback,
  TICKS_PER_REFERENCE,
  type TransportFeedback,
} from '../../../../src/rtp/rtcp/transport-feedback.js'
import { TransportFeedbackWriter } from '../../../../src/rtp/rtcp/transport-feedback-writer.js'
import { guarded } from '../guarded-bytes.js'
import { openPacket, shortenedPackets } from './open-packet.js'
import { randomCompound } from './random-compound.js'

const NONE = NOT_RECEIVED
const out: TransportFeedback = { baseSeq: 0, statusCount: 0, referenceTime: 0, feedbackCount: 0 }

/** Writes everything, in as many packets as it takes. */
function writeAll(
  ticks: readonly number[],
  baseSeq = 0,
  room = 1000,
  writer = new TransportFeedbackWriter(1),
): Buffer[] {
  const packets: Buffer[] = []
  for (let from = 0; from < ticks.length; from += writer.taken) {
    const buffer = Buffer.alloc(room + 3, 0xa5)
    const end = writer.write(buffer, 3, 3 + room, 2, (baseSeq + from) & 0xffff, ticks, from, ticks.length)
    if (writer.taken === 0) throw new Error(`no progress at ${from}`)
    expect(end).toBeLessThanOrEqual(3 + room)
    packets.push(buffer.subarray(3, end))
  }
  return packets
}

/** Arrival ticks by transport-wide number, from any number of feedback packets. */
function readAll(packets: readonly Buffer[], baseSeq: number): number[] {
  const found: number[] = []
  const arrivals = new Int32Array(0x1_0000)
  for (const packet of packets) {
    const { buffer, reader } = openPacket(packet)
    expect(readTransportFeedback(buffer, reader, out, arrivals)).toBe(true)
    expect(out.baseSeq).toBe((baseSeq + found.length) & 0xffff)
    for (let i = 0; i < out.statusCount; i++) {
      const ticks = arrivals[i] as number
      found.push(ticks === NONE ? NONE : ticks + out.referenceTime * TICKS_PER_REFERENCE)
    }
  }
  return found
}

const gap = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: -2000, max: 0 }) },
  { weight: 1, arbitrary: fc.integer({ min: 30_000, max: 40_000 }) },
)
const stretch = fc.record({
  length: fc.integer({ min: 1, max: 30 }),
  received: fc.boolean(),
  gaps: fc.array(gap, { minLength: 1 }),
})
const history = fc
  .tuple(fc.integer({ min: 100_000, max: 10_000_000 }), fc.array(stretch, { minLength: 1, maxLength: 20 }))
  .map(([start, stretches]) => {
    let now = start
    return stretches.flatMap(({ length, received, gaps }) =>
      Array.from({ length }, (_, i) => {
        now = Math.max(0, now + (gaps[i % gaps.length] as number))
        return received ? now : NONE
      }),
    )
  })

describe('transport-wide feedback', () => {
  it('comes back as it was, in as many packets as it takes', () => {
    fc.assert(
      fc.property(history, fc.nat(0xffff), fc.integer({ min: 60, max: 1200 }), (ticks, baseSeq, room) => {
        expect(readAll(writeAll(ticks, baseSeq, room), baseSeq)).toEqual(ticks)
      }),
      { numRuns: 500 },
    )
  })

  it('names both SSRCs and counts its packets', () => {
    const writer = new TransportFeedbackWriter(0xfedc_ba98)
    const buffer = Buffer.alloc(100)
    for (let n = 0; n < 258; n++) {
      const end = writer.write(buffer, 0, 100, 7, 9, [1000], 0, 1)
      const { reader, buffer: bytes } = openPacket(buffer.subarray(0, end))
      expect([feedbackSenderSsrc(bytes, reader), feedbackMediaSsrc(bytes, reader)]).toEqual([0xfedc_ba98, 7])
      expect(readTransportFeedback(bytes, reader, out, new Int32Array(1))).toBe(true)
      expect(out).toEqual({ baseSeq: 9, statusCount: 1, referenceTime: 3, feedbackCount: n & 0xff })
    }
  })

  it('is short where packets come one after the other: a run, and a byte each', () => {
    const ticks = Array.from({ length: 500 }, (_, i) => 4096 + i * 4)
    const [packet, ...others] = writeAll(ticks)
    expect(others).toEqual([])
    expect(packet?.length).toBe(20 + 2 + 500 + 2)
  })

  it('tells of a long loss in a few bytes', () => {
    const ticks = [4096, ...Array.from({ length: 3000 }, () => NONE), 5000]
    const [packet, ...others] = writeAll(ticks)
    expect(others).toEqual([])
    expect(packet?.length).toBeLessThan(40)
  })

  it('begins anew where one reference time does not reach', () => {
    const ticks = [0, 0x7fff, 0x7fff + 0x8000, 0x7fff]
    const packets = writeAll(ticks)
    expect(packets.length).toBe(2)
    expect(readAll(packets, 0)).toEqual(ticks)
  })

  it('keeps the low 24 bits of the reference time', () => {
    const [packet] = writeAll([(2 ** 24 + 5) * TICKS_PER_REFERENCE + 3])
    const { buffer, reader } = openPacket(packet as Buffer)
    const arrivals = new Int32Array(1)
    expect(readTransportFeedback(buffer, reader, out, arrivals)).toBe(true)
    expect([out.referenceTime, arrivals[0]]).toEqual([5, 3])
  })

  it('writes nothing without room, or anything to tell', () => {
    const writer = new TransportFeedbackWriter(1)
    const buffer = Buffer.alloc(100, 0xa5)
    expect(writer.write(buffer, 4, 100, 2, 0, [5], 1, 1)).toBe(4)
    expect(writer.write(buffer, 4, 26, 2, 0, [5], 0, 1)).toBe(4)
    expect(writer.taken).toBe(0)
    expect(buffer.every((byte) => byte === 0xa5)).toBe(true)
  })

  it('reads no more than its output holds', () => {
    const [packet] = writeAll([10, NONE, 12, 13])
    const { buffer, reader } = openPacket(packet as Buffer)
    const arrivals = new Int32Array(3)
    expect(readTransportFeedback(buffer, reader, out, arrivals)).toBe(true)
    expect([out.statusCount, ...arrivals]).toEqual([3, 10, NONE, 12])
  })

  it('is read by werift, as far as werift reads it', () => {
    fc.assert(
      fc.property(history, (ticks) => {
        for (const packet of writeAll(ticks.slice(0, 200))) {
          const [parsed] = RtcpPacketConverter.deSerialize(packet)
          const theirs = (parsed as RtcpTransportLayerFeedback).feedback as TransportWideCC
          const { buffer, reader } = openPacket(packet)
          const arrivals = new Int32Array(500)
          readTransportFeedback(buffer, reader, out, arrivals)
          expect(theirs.baseSequenceNumber).toBe(out.baseSeq)
          expect(theirs.packetStatusCount).toBe(out.statusCount)
          expect(theirs.referenceTime).toBe(out.referenceTime)
          let now = 0
          const mine = [...arrivals.subarray(0, out.statusCount)].filter((value) => value !== NONE)
          expect(theirs.recvDeltas.map(({ delta }) => (now += delta / 250))).toEqual(mine)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('reads what werift writes', () => {
    const feedback = new TransportWideCC({
      senderSsrc: 1,
      mediaSourceSsrc: 2,
      baseSequenceNumber: 65_535,
      packetStatusCount: 2 + 14 + 7,
      referenceTime: 77,
      fbPktCount: 3,
      packetChunks: [
        new RunLengthChunk({ packetStatus: 1, runLength: 2 }),
        new StatusVectorChunk({ symbolSize: 0, symbolList: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] }),
        new StatusVectorChunk({ symbolSize: 1, symbolList: [2, 0, 0, 0, 0, 0, 1] }),
      ],
      recvDeltas: [250, 500, 0, 63_750, -1_000_000, 250].map((delta) => new RecvDelta({ delta })),
    })
    feedback.header.padding = true
    const { buffer, reader } = openPacket(new RtcpTransportLayerFeedback({ feedback }).serialize())
    const arrivals = new Int32Array(30)
    expect(readTransportFeedback(buffer, reader, out, arrivals)).toBe(true)
    expect(out).toEqual({ baseSeq: 65_535, statusCount: 23, referenceTime: 77, feedbackCount: 3 })
    const expected = Array.from({ length: 23 }, () => NONE)
    for (const [at, value] of [
      [0, 1],
      [1, 3],
      [3, 3],
      [15, 258],
      [16, 258 - 4000],
      [22, 258 - 3999],
    ] as const)
      expected[at] = value
    expect([...arrivals.subarray(0, 23)]).toEqual(expected)
  })

  it('is refused where it is cut off, or uses the reserved status', () => {
    const [packet] = writeAll([100, NONE, 90_0, 901, ...Array.from({ length: 40 }, (_, i) => 1000 + 400 * i)])
    for (const shorter of shortenedPackets(packet as Buffer)) {
      shorter[0] = 0x8f
      const { buffer, reader } = openPacket(shorter)
      expect(readTransportFeedback(buffer, reader, out, new Int32Array(100))).toBe(false)
    }
    const reserved = Buffer.from(packet as Buffer)
    reserved.writeUInt16BE(0xffff, 20)
    const { buffer, reader } = openPacket(reserved)
    expect(isTransportFeedback(reader)).toBe(true)
    expect(readTransportFeedback(buffer, reader, out, new Int32Array(100))).toBe(false)
  })

  it('is refused where it is about nothing', () => {
    const [packet] = writeAll([100])
    packet?.writeUInt16BE(0, 14)
    const { buffer, reader } = openPacket(packet as Buffer)
    expect(readTransportFeedback(buffer, reader, out, new Int32Array(100))).toBe(false)
  })

  it('never reads outside of its packet, whatever the bytes', () => {
    const arrivals = new Int32Array(0x1_0000)
    let read = 0
    const feedbackLike = fc.uint8Array({ minLength: 2, maxLength: 60 }).map((body) => {
      const words = body.length >> 1
      const packet = Buffer.alloc(20 + 4 * words)
      packet.set(body.subarray(0, 2 * words), 20)
      packet.set([0x8f, 205, 0, packet.length / 4 - 1], 0)
      packet.writeUInt16BE(body[0] as number, 14)
      return packet
    })
    fc.assert(
      fc.property(fc.oneof(randomCompound, feedbackLike), (bytes) => {
        const { buffer, start, end } = guarded(bytes)
        const reader = new RtcpReader()
        if (!reader.reset(buffer, start, end)) return
        while (reader.next()) if (readTransportFeedback(buffer, reader, out, arrivals)) read++
      }),
      { numRuns: 2000 },
    )
    expect(read).toBeGreaterThan(50)
  })
})
