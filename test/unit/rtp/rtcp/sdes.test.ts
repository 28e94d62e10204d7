import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RtcpPacketConverter, RtcpSourceDescriptionPacket, SourceDescriptionChunk, SourceDescriptionItem } from 'werift'
import { writeBye } from '../../../../src/rtp/rtcp/bye.js'
import { RtcpReader } from '../../../../src/rtp/rtcp/rtcp-reader.js'
import { readSdesCnames, writeSdesCname } from '../../../../src/rtp/rtcp/sdes.js'
import { guarded } from '../guarded-bytes.js'
import { openPacket, shortenedPackets } from './open-packet.js'
import { randomCompound } from './random-compound.js'

function written(ssrc: number, cname: string): Buffer {
  const buffer = Buffer.alloc(300, 0xff)
  return buffer.subarray(0, writeSdesCname(buffer, 0, ssrc, cname))
}

describe('source descriptions', () => {
  it('come back for names of every length, always ended by a zero', () => {
    for (let length = 0; length <= 255; length++) {
      const cname = 'n'.repeat(length)
      const packet = written(0xffff_fff0, cname)
      expect(packet.length % 4).toBe(0)
      expect(packet.at(-1)).toBe(0)
      const { buffer, reader } = openPacket(packet)
      expect(reader.length).toBe(packet.length)
      expect(readSdesCnames(buffer, reader)).toEqual([{ ssrc: 0xffff_fff0, cname }])
    }
  })

  it('cut long names between characters', () => {
    const { buffer, reader } = openPacket(written(1, 'é'.repeat(200)))
    expect(readSdesCnames(buffer, reader)).toEqual([{ ssrc: 1, cname: 'é'.repeat(127) }])
  })

  it('are understood by werift', () => {
    const [read] = RtcpPacketConverter.deSerialize(written(77, 'manycast')) as [RtcpSourceDescriptionPacket]
    expect(read.chunks).toMatchObject([{ source: 77, items: [{ type: 1, text: 'manycast' }] }])
  })

  it('are read when werift wrote them, even where it leaves out the ending zero', () => {
    for (const text of ['ab', 'abc', 'abcd', 'abcde']) {
      const bytes = new RtcpSourceDescriptionPacket({
        chunks: [
          new SourceDescriptionChunk({
            source: 5,
            items: [new SourceDescriptionItem({ type: 2, text: 'x' }), new SourceDescriptionItem({ type: 1, text })],
          }),
        ],
      }).serialize()
      const { buffer, reader } = openPacket(bytes)
      expect(readSdesCnames(buffer, reader)).toEqual([{ ssrc: 5, cname: text }])
    }
  })

  it('give the names of several sources, other items left out', () => {
    const chunks = Buffer.concat([
      Buffer.from([0, 0, 0, 1, 2, 3, 120, 120, 120, 1, 1, 97, 0, 0, 0, 0]),
      Buffer.from([0, 0, 0, 2, 1, 2, 98, 98, 0, 0, 0, 0]),
      Buffer.from([0, 0, 0, 3, 0, 0, 0, 0]),
      Buffer.from([0, 0, 0, 4, 1, 1, 99, 0]),
    ])
    const packet = Buffer.concat([Buffer.from([0x84, 202, 0, chunks.length / 4]), chunks])
    const { buffer, reader } = openPacket(packet)
    expect(readSdesCnames(buffer, reader)).toEqual([
      { ssrc: 1, cname: 'a' },
      { ssrc: 2, cname: 'bb' },
      { ssrc: 4, cname: 'c' },
    ])
  })

  it('give nothing of a name that is cut off', () => {
    for (const shorter of shortenedPackets(written(9, 'a-longer-name'))) {
      const { buffer, reader } = openPacket(shorter)
      expect(readSdesCnames(buffer, reader)).toEqual([])
    }
  })

  it('need no more room than they take', () => {
    const buffer = Buffer.alloc(24)
    expect(writeSdesCname(buffer, 8, 1, 'four')).toBe(24)
    expect(writeBye(buffer, 8, [1], 'seven..')).toBe(24)
  })

  it('give no more names than random bytes can hold, reading nothing outside', () => {
    // Small bytes look like item types and lengths more often than not.
    const byte = fc.oneof(
      { weight: 3, arbitrary: fc.constant(1) },
      { weight: 3, arbitrary: fc.nat(6) },
      { weight: 1, arbitrary: fc.nat(255) },
    )
    const body = fc.array(byte, { minLength: 12, maxLength: 60 }).map((b) => b.slice(0, b.length & ~3))
    let names = 0
    fc.assert(
      fc.property(body, fc.integer({ min: 1, max: 31 }), (bytes, count) => {
        const { buffer, reader } = openPacket(Buffer.from([0x80 | count, 202, 0, bytes.length / 4, ...bytes]))
        const found = readSdesCnames(buffer, reader)
        expect(found.reduce((sum, { cname }) => sum + 2 + cname.length, 0)).toBeLessThanOrEqual(bytes.length)
        names += found.length
      }),
      { numRuns: 2000 },
    )
    expect(names).toBeGreaterThan(20)
  })

  it('are not seen in other packets', () => {
    const reader = new RtcpReader()
    fc.assert(
      fc.property(randomCompound, (bytes) => {
        const { buffer, start, end } = guarded(bytes)
        if (!reader.reset(buffer, start, end)) return
        while (reader.next()) if (reader.packetType !== 202) expect(readSdesCnames(buffer, reader)).toEqual([])
      }),
    )
  })
})
