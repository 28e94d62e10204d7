import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  GenericNack,
  PictureLossIndication,
  ReceiverEstimatedMaxBitrate,
  RtcpPacketConverter,
  RtcpPayloadSpecificFeedback,
  RtcpTransportLayerFeedback,
} from 'werift'
import {
  type FirEntry,
  feedbackMediaSsrc,
  feedbackSenderSsrc,
  isFir,
  isNack,
  isPli,
  readFirEntry,
  readNack,
  readRemb,
  readRembSsrc,
  writeFir,
  writeNack,
  writePli,
  writeRemb,
} from '../../../../src/rtp/rtcp/feedback.js'
import { RtcpReader } from '../../../../src/rtp/rtcp/rtcp-reader.js'
import { guarded } from '../guarded-bytes.js'
import { openPacket, shortenedPackets } from './open-packet.js'
import { randomCompound } from './random-compound.js'

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })

describe('picture loss indication', () => {
  it('comes back with both SSRCs', () => {
    fc.assert(
      fc.property(uint32, uint32, (sender, media) => {
        const packet = Buffer.alloc(12)
        expect(writePli(packet, 0, sender, media)).toBe(12)
        const { buffer, reader } = openPacket(packet)
        expect([isPli(reader), isFir(reader), isNack(reader)]).toEqual([true, false, false])
        expect(feedbackSenderSsrc(buffer, reader)).toBe(sender)
        expect(feedbackMediaSsrc(buffer, reader)).toBe(media)
      }),
    )
  })

  it('has the very bytes of werift', () => {
    const packet = Buffer.alloc(12)
    writePli(packet, 0, 0xfedc_ba98, 3)
    const theirs = new RtcpPayloadSpecificFeedback({
      feedback: new PictureLossIndication({ senderSsrc: 0xfedc_ba98, mediaSsrc: 3 }),
    }).serialize()
    expect(theirs).toEqual(packet)
  })

  it('is not seen where the SSRCs are cut off', () => {
    const packet = Buffer.alloc(12)
    writePli(packet, 0, 1, 2)
    for (const shorter of shortenedPackets(packet)) expect(isPli(openPacket(shorter).reader)).toBe(false)
  })
})

describe('full intra request', () => {
  const entry: FirEntry = { ssrc: 0, seqNr: 0 }

  it('comes back with its target and number', () => {
    fc.assert(
      fc.property(uint32, uint32, fc.nat(255), (sender, ssrc, seqNr) => {
        const packet = Buffer.alloc(20, 0xff)
        expect(writeFir(packet, 0, sender, ssrc, seqNr)).toBe(20)
        const { buffer, reader } = openPacket(packet)
        expect([isPli(reader), isFir(reader)]).toEqual([false, true])
        expect(feedbackSenderSsrc(buffer, reader)).toBe(sender)
        expect(feedbackMediaSsrc(buffer, reader)).toBe(0)
        expect(readFirEntry(buffer, reader, 0, entry)).toBe(true)
        expect(entry).toEqual({ ssrc, seqNr })
        expect(readFirEntry(buffer, reader, 1, entry)).toBe(false)
        expect(buffer.readUIntBE(reader.bodyEnd - 3, 3)).toBe(0)
      }),
    )
  })

  it('is understood by werift', () => {
    const packet = Buffer.alloc(20)
    writeFir(packet, 0, 5, 0xfedc_ba98, 200)
    const [read] = RtcpPacketConverter.deSerialize(packet) as [RtcpPayloadSpecificFeedback]
    expect(read.feedback).toMatchObject({ senderSsrc: 5, fir: [{ ssrc: 0xfedc_ba98, sequenceNumber: 200 }] })
  })

  it('gives each of several entries, and only whole ones', () => {
    const packet = Buffer.alloc(36)
    writeFir(packet, 0, 5, 1, 10)
    packet.writeUInt16BE(8, 2)
    packet.writeUInt32BE(2, 20)
    packet[24] = 11
    packet.writeUInt32BE(3, 28)
    packet[32] = 12
    for (const shorter of [...shortenedPackets(packet), packet]) {
      const { buffer, reader } = openPacket(shorter)
      const seen: number[][] = []
      for (let i = 0; readFirEntry(buffer, reader, i, entry); i++) seen.push([entry.ssrc, entry.seqNr])
      const all = [
        [1, 10],
        [2, 11],
        [3, 12],
      ]
      expect(seen).toEqual(all.slice(0, Math.max(0, Math.floor((shorter.length - 12) / 8))))
    }
  })
})

describe('generic NACK', () => {
  function nack(seqs: ArrayLike<number>, count?: number): Buffer {
    const buffer = Buffer.alloc(12 + 4 * seqs.length, 0xff)
    return buffer.subarray(0, writeNack(buffer, 0, 1, 2, seqs, count))
  }
  function lostIn(packet: Uint8Array): number[] {
    const { buffer, reader } = openPacket(packet)
    const out: number[] = []
    expect(readNack(buffer, reader, out)).toBe(out.length)
    return out
  }

  it('packs a packet and the 16 after it into one entry', () => {
    expect(nack([100, 101, 116]).subarray(12).toString('hex')).toBe('00648001')
    expect(nack([100, 117]).subarray(12).toString('hex')).toBe('0064000000750000')
  })

  it('packs across the wrap', () => {
    expect(nack([65535, 0, 15]).subarray(12).toString('hex')).toBe('ffff8001')
    expect(lostIn(nack([65535, 0, 15]))).toEqual([65535, 0, 15])
  })

  it('takes unwrapped numbers, and only as many as asked for', () => {
    expect(lostIn(nack([65536 * 3 + 65535, 65536 * 4, 65536 * 4 + 9], 2))).toEqual([65535, 0])
  })

  it('comes back complete for numbers in any order, ascending ones in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 60 }), (seqs) => {
        expect(new Set(lostIn(nack(seqs)))).toEqual(new Set(seqs))
        const ascending = [...new Set(seqs)].sort((a, b) => a - b)
        expect(lostIn(nack(ascending))).toEqual(ascending)
      }),
    )
  })

  it('is understood by werift, and werift is understood', () => {
    const seqs = [10, 11, 26, 27, 300]
    const packet = nack(seqs)
    const [read] = RtcpPacketConverter.deSerialize(packet) as [RtcpTransportLayerFeedback]
    expect(read.feedback).toMatchObject({ senderSsrc: 1, mediaSourceSsrc: 2, lost: seqs })
    const theirs = new RtcpTransportLayerFeedback({
      feedback: new GenericNack({ senderSsrc: 1, mediaSourceSsrc: 2, lost: seqs }),
    }).serialize()
    expect(lostIn(theirs)).toEqual(seqs)
    const { buffer, reader } = openPacket(theirs)
    expect([feedbackSenderSsrc(buffer, reader), feedbackMediaSsrc(buffer, reader)]).toEqual([1, 2])
  })

  it('never gives more than a typed array holds', () => {
    const { buffer, reader } = openPacket(nack([1, 2, 3, 40]))
    const out = new Uint16Array(3)
    expect(readNack(buffer, reader, out)).toBe(3)
    expect([...out]).toEqual([1, 2, 3])
  })

  it('gives the entries that are there at every length', () => {
    for (const shorter of shortenedPackets(nack([1, 100, 200]))) {
      expect(lostIn(shorter)).toEqual([1, 100, 200].slice(0, Math.max(0, shorter.length / 4 - 3)))
    }
  })
})

describe('REMB', () => {
  const remb = { bitrateBps: 0, ssrcCount: 0 }
  function written(bitrateBps: number, ssrcs: readonly number[] = [7]): Buffer {
    const buffer = Buffer.alloc(2000)
    return buffer.subarray(0, writeRemb(buffer, 0, 1, bitrateBps, ssrcs))
  }

  it('comes back exactly up to 18 bits, and rounded down by less than 1/131072 above', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (bitrateBps) => {
        const { buffer, reader } = openPacket(written(bitrateBps))
        expect(readRemb(buffer, reader, remb)).toBe(true)
        const whole = Math.floor(bitrateBps)
        expect(remb.bitrateBps).toBeLessThanOrEqual(whole)
        expect(remb.bitrateBps).toBeGreaterThanOrEqual(whole < 2 ** 18 ? whole : whole * (1 - 2 ** -17))
      }),
    )
  })

  it('comes back with its streams', () => {
    fc.assert(
      fc.property(fc.array(uint32, { maxLength: 255 }), (ssrcs) => {
        const { buffer, reader } = openPacket(written(500_000, ssrcs))
        expect(readRemb(buffer, reader, remb)).toBe(true)
        expect(Array.from({ length: remb.ssrcCount }, (_, i) => readRembSsrc(buffer, reader, i))).toEqual(ssrcs)
      }),
    )
  })

  it('writes a bitrate that no field holds as the largest one, and a negative one as none', () => {
    for (const [bitrateBps, expected] of [
      [Number.POSITIVE_INFINITY, 0x3_ffff * 2 ** 63],
      [-5, 0],
    ] as const) {
      const { buffer, reader } = openPacket(written(bitrateBps))
      readRemb(buffer, reader, remb)
      expect(remb.bitrateBps).toBe(expected)
    }
  })

  it('is understood by werift, and werift is understood', () => {
    const [read] = RtcpPacketConverter.deSerialize(written(1_500_000, [3, 4])) as [RtcpPayloadSpecificFeedback]
    expect(read.feedback).toMatchObject({ uniqueID: 'REMB', bitrate: 1_500_000n, ssrcNum: 2, ssrcFeedbacks: [3, 4] })
    const theirs = new RtcpPayloadSpecificFeedback({
      feedback: new ReceiverEstimatedMaxBitrate({
        senderSsrc: 1,
        mediaSsrc: 0,
        ssrcNum: 1,
        brExp: 4,
        brMantissa: 100_000,
        ssrcFeedbacks: [9],
      }),
    }).serialize()
    const { buffer, reader } = openPacket(theirs)
    expect(readRemb(buffer, reader, remb)).toBe(true)
    expect(remb).toEqual({ bitrateBps: 1_600_000, ssrcCount: 1 })
    expect(readRembSsrc(buffer, reader, 0)).toBe(9)
  })

  it('is refused at every length that is too short, and under another name', () => {
    const packet = written(1_000_000, [1, 2])
    for (const shorter of shortenedPackets(packet)) {
      const { buffer, reader } = openPacket(shorter)
      expect(readRemb(buffer, reader, remb), `${shorter.length} bytes`).toBe(false)
    }
    packet.write('LOSS', 12)
    const { buffer, reader } = openPacket(packet)
    expect(readRemb(buffer, reader, remb)).toBe(false)
  })
})

describe('reading feedback from random packets', () => {
  it('reads nothing outside of them', () => {
    const reader = new RtcpReader()
    const seen = { fir: 0, nack: 0, remb: 0, pli: 0 }
    const entry: FirEntry = { ssrc: 0, seqNr: 0 }
    const remb = { bitrateBps: 0, ssrcCount: 0 }
    fc.assert(
      fc.property(randomCompound, (bytes) => {
        const { buffer, start, end } = guarded(bytes)
        if (!reader.reset(buffer, start, end)) return
        while (reader.next()) {
          for (let i = 0; readFirEntry(buffer, reader, i, entry); i++) seen.fir++
          seen.nack += readNack(buffer, reader, [])
          if (isPli(reader)) seen.pli += feedbackMediaSsrc(buffer, reader) >= 0 ? 1 : 0
          if (!readRemb(buffer, reader, remb)) continue
          seen.remb++
          for (let i = 0; i < remb.ssrcCount; i++) readRembSsrc(buffer, reader, i)
        }
      }),
      { numRuns: 3000 },
    )
    // The shapes did occur; the exact numbers depend on the seed.
    expect(seen.nack).toBeGreaterThan(0)
    expect(seen.fir).toBeGreaterThan(0)
    expect(seen.pli).toBeGreaterThan(0)
  })
})
