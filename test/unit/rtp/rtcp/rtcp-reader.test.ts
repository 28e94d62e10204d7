import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeBye } from '../../../../src/rtp/rtcp/bye.js'
import { writePli } from '../../../../src/rtp/rtcp/feedback.js'
import { writeReceiverReport } from '../../../../src/rtp/rtcp/receiver-report.js'
import { RtcpReader } from '../../../../src/rtp/rtcp/rtcp-reader.js'
import { writeSdesCname } from '../../../../src/rtp/rtcp/sdes.js'
import { guarded, truncations } from '../guarded-bytes.js'
import { randomCompound } from './random-compound.js'

function compound(): Buffer {
  const buffer = Buffer.alloc(200)
  let at = writeReceiverReport(buffer, 0, 1)
  at = writeSdesCname(buffer, at, 1, 'someone')
  at = writePli(buffer, at, 1, 2)
  at = writeBye(buffer, at, [1])
  return buffer.subarray(0, at)
}

describe('RtcpReader', () => {
  it('walks the packets of a compound', () => {
    const { buffer, start, end } = guarded(compound())
    const reader = new RtcpReader()
    expect(reader.reset(buffer, start, end)).toBe(true)
    const seen: number[][] = []
    while (reader.next()) seen.push([reader.packetType, reader.count, reader.offset - start, reader.length])
    expect(seen).toEqual([
      [201, 0, 0, 8],
      [202, 1, 8, 20],
      [206, 1, 28, 12],
      [203, 1, 40, 8],
    ])
    expect(reader.next()).toBe(false)
    expect(reader.bodyOffset).toBe(start + 44)
    expect(reader.bodyEnd).toBe(end)
  })

  it('accepts reduced-size packets, which begin with no report', () => {
    const buffer = Buffer.alloc(12)
    writePli(buffer, 0, 1, 2)
    const reader = new RtcpReader()
    expect(reader.reset(buffer, 0, 12)).toBe(true)
    expect(reader.next()).toBe(true)
    expect(reader.packetType).toBe(206)
  })

  it('takes the padding off the last packet', () => {
    const packet = Buffer.concat([compound(), Buffer.from([0, 0, 0, 0, 0, 0, 0, 8])])
    const last = packet.length - 16
    packet[last] = 0xa1
    packet[last + 3] = 3
    const reader = new RtcpReader()
    expect(reader.reset(packet, 0, packet.length)).toBe(true)
    while (reader.next());
    expect([reader.packetType, reader.length, reader.bodyEnd]).toEqual([203, 8, packet.length - 8])
  })

  it.each([
    ['zero', 0],
    ['into the common header', 8],
    ['beyond the packet', 252],
  ])('refuses padding that is %s', (_, count) => {
    const packet = Buffer.from([0xa0, 201, 0, 1, 0, 0, 0, count])
    expect(new RtcpReader().reset(packet, 0, 8)).toBe(false)
  })

  it('takes padding of less than a word off any packet, as browsers pad transport-wide feedback', () => {
    const packet = compound()
    packet[0] = (packet[0] as number) | 0x20
    packet[7] = 3
    const reader = new RtcpReader()
    expect(reader.reset(packet, 0, packet.length)).toBe(true)
    expect(reader.next()).toBe(true)
    expect([reader.packetType, reader.length, reader.bodyEnd]).toEqual([201, 5, 5])
    expect(reader.next()).toBe(true)
    expect([reader.packetType, reader.offset]).toEqual([202, 8])
  })

  it('refuses every compound that is cut off inside of a packet', () => {
    const packet = compound()
    const whole = [8, 28, 40]
    for (const { buffer, start, end } of truncations(packet)) {
      const reader = new RtcpReader()
      const accepted = whole.includes(end - start)
      expect(reader.reset(buffer, start, end), `${end - start} bytes`).toBe(accepted)
      expect(reader.next()).toBe(accepted)
    }
  })

  it.each([
    ['another version', 0, 0x41],
    ['a packet type below RTCP', 1, 191],
    ['a packet type above RTCP', 1, 224],
    ['a length beyond the end', 3, 200],
  ])('refuses %s', (_, at, value) => {
    const packet = compound()
    packet[at] = value
    const reader = new RtcpReader()
    expect(reader.reset(packet, 0, packet.length)).toBe(false)
    expect(reader.next()).toBe(false)
  })

  it('refuses bytes behind the last packet', () => {
    const packet = Buffer.concat([compound(), Buffer.from([0x80, 201, 0])])
    expect(new RtcpReader().reset(packet, 0, packet.length)).toBe(false)
  })

  it('covers each accepted compound without gaps, reading nothing outside of it', () => {
    let accepted = 0
    fc.assert(
      fc.property(randomCompound, (bytes) => {
        const { buffer, start, end } = guarded(bytes)
        const reader = new RtcpReader()
        if (!reader.reset(buffer, start, end)) return
        accepted++
        let at = start
        while (reader.next()) {
          expect(reader.offset).toBe(at)
          expect(reader.length).toBeGreaterThanOrEqual(4)
          at = reader.offset + 4 * (buffer.readUInt16BE(at + 2) + 1)
          expect(reader.bodyEnd).toBeLessThanOrEqual(at)
        }
        expect(at).toBe(end)
      }),
      { numRuns: 500 },
    )
    expect(accepted).toBeGreaterThan(50)
  })
})
