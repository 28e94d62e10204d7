import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBye, writeBye } from '../../../../src/rtp/rtcp/bye.js'
import { writePli } from '../../../../src/rtp/rtcp/feedback.js'
import { openPacket, shortenedPackets } from './open-packet.js'

function written(ssrcs: readonly number[], reason?: string): Buffer {
  const buffer = Buffer.alloc(500, 0xff)
  return buffer.subarray(0, writeBye(buffer, 0, ssrcs, reason))
}

describe('BYE', () => {
  it('comes back with its sources, whatever the reason', () => {
    const ssrcs = fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { maxLength: 31 })
    fc.assert(
      fc.property(ssrcs, fc.string({ maxLength: 300 }), (sent, reason) => {
        const packet = written(sent, reason)
        expect(packet.length % 4).toBe(0)
        const { buffer, reader } = openPacket(packet)
        expect(reader.length).toBe(packet.length)
        const out: number[] = []
        expect(readBye(buffer, reader, out)).toBe(sent.length)
        expect(out).toEqual(sent)
      }),
    )
  })

  it('has its reason behind the sources, filled up with zeros', () => {
    expect(written([1, 2], 'bye').toString('hex')).toBe('82cb0003000000010000000203627965')
    expect(written([1], 'over').toString('hex')).toBe('81cb000300000001046f766572000000')
    expect(written([1]).toString('hex')).toBe('81cb000100000001')
  })

  it('names at most 31 sources', () => {
    const { buffer, reader } = openPacket(written(Array.from({ length: 40 }, (_, i) => i)))
    expect(readBye(buffer, reader, [])).toBe(31)
  })

  it('gives only the sources that are whole when the count promises more', () => {
    for (const shorter of shortenedPackets(written([1, 2, 3]))) {
      const { buffer, reader } = openPacket(shorter)
      expect(readBye(buffer, reader, [])).toBe(shorter.length / 4 - 1)
    }
  })

  it('never gives more than a typed array holds', () => {
    const { buffer, reader } = openPacket(written([7, 8, 9]))
    const out = new Uint32Array(2)
    expect(readBye(buffer, reader, out)).toBe(2)
    expect([...out]).toEqual([7, 8])
  })

  it('is not seen in other packets', () => {
    const packet = Buffer.alloc(12)
    writePli(packet, 0, 1, 2)
    const { buffer, reader } = openPacket(packet)
    expect(readBye(buffer, reader, [])).toBe(0)
  })
})
