import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RtpHeader as WeriftHeader, RtpPacket as WeriftPacket } from 'werift'
import { RtpHeader } from '../../../src/rtp/rtp-header.js'
import { writeRtpHeader } from '../../../src/rtp/rtp-writer.js'
import { guarded, truncations } from './guarded-bytes.js'

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })
const fields = fc.record({
  marker: fc.boolean(),
  payloadType: fc.nat(127),
  seq: fc.nat(0xffff),
  timestamp: uint32,
  ssrc: uint32,
})

describe('RtpHeader', () => {
  it('reads back what writeRtpHeader writes', () => {
    fc.assert(
      fc.property(fields, (f) => {
        const packet = Buffer.alloc(20, 0xff)
        expect(writeRtpHeader(packet, 4, f.marker, f.payloadType, f.seq, f.timestamp, f.ssrc)).toBe(16)
        expect(packet.readUInt32BE(0)).toBe(0xffff_ffff)
        expect(packet.readUInt32BE(16)).toBe(0xffff_ffff)
        const header = new RtpHeader()
        expect(header.parse(packet, 4, 20)).toBe(true)
        expect(header).toMatchObject({
          ...f,
          hasPadding: false,
          headerLength: 12,
          extensionProfile: 0,
          extensionLength: 0,
        })
      }),
    )
  })

  it('writes what werift reads, with sequence number and timestamp taken modulo their size', () => {
    const packet = Buffer.alloc(12)
    writeRtpHeader(packet, 0, true, 111, 0x1_2345, 0x1_0000_0002, 0xfedc_ba98)
    const read = WeriftPacket.deSerialize(packet).header
    expect(read).toMatchObject({
      marker: true,
      payloadType: 111,
      sequenceNumber: 0x2345,
      timestamp: 2,
      ssrc: 0xfedc_ba98,
    })
  })

  it('reads what werift writes: CSRCs, extensions and padding', () => {
    const packet = new WeriftPacket(
      new WeriftHeader({
        marker: false,
        payloadType: 96,
        sequenceNumber: 7,
        timestamp: 90_000,
        ssrc: 42,
        csrc: [1, 2, 3],
        extension: true,
        extensionProfile: 0xbede,
        extensions: [{ id: 1, payload: Buffer.from('mid') }],
        padding: true,
        paddingSize: 4,
      }),
      Buffer.from([9, 9, 9, 9, 9]),
    ).serialize()
    const { buffer, start, end } = guarded(packet)
    const header = new RtpHeader()
    expect(header.parse(buffer, start, end)).toBe(true)
    expect(header).toMatchObject({
      payloadType: 96,
      seq: 7,
      timestamp: 90_000,
      ssrc: 42,
      hasPadding: true,
      headerLength: 12 + 12 + 8,
      extensionProfile: 0xbede,
      extensionOffset: start + 28,
      extensionLength: 4,
    })
    expect(header.parsePadding(buffer, start, end)).toBe(4)
  })

  it('refuses every header that is cut off', () => {
    // Two CSRCs and one word of extension: 28 bytes.
    const packet = Buffer.alloc(28)
    writeRtpHeader(packet, 0, false, 0, 1, 2, 3)
    packet[0] = 0x92
    packet.writeUInt32BE(0xbede_0001, 20)
    for (const { buffer, start, end } of truncations(packet)) {
      expect(new RtpHeader().parse(buffer, start, end), `${end - start} bytes`).toBe(false)
    }
    expect(new RtpHeader().parse(packet, 0, 28)).toBe(true)
  })

  it('refuses other versions', () => {
    const packet = Buffer.alloc(12)
    for (const version of [0, 1, 3]) {
      packet[0] = version << 6
      expect(new RtpHeader().parse(packet, 0, 12)).toBe(false)
    }
  })

  it.each([
    ['zero', 0, -1],
    ['longer than the payload', 5, -1],
    ['the whole payload', 4, 4],
    ['one byte', 1, 1],
  ])('says how much padding there is when the count is %s', (_, count, expected) => {
    const packet = Buffer.alloc(16)
    packet[0] = 0xa0
    packet[15] = count
    const header = new RtpHeader()
    expect(header.parse(packet, 0, 16)).toBe(true)
    expect(header.parsePadding(packet, 0, 16)).toBe(expected)
  })

  it('takes no padding count from the header when the payload is empty', () => {
    const packet = Buffer.alloc(12, 1)
    packet[0] = 0xa0
    const header = new RtpHeader()
    expect(header.parse(packet, 0, 12)).toBe(true)
    expect(header.parsePadding(packet, 0, 12)).toBe(-1)
  })

  it('reads nothing outside of random bytes, and never claims more than there is', () => {
    const header = new RtpHeader()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, version2) => {
        if (version2 && bytes.length > 0) bytes[0] = 0x80 | ((bytes[0] as number) & 0x3f)
        const { buffer, start, end } = guarded(bytes)
        if (!header.parse(buffer, start, end)) return
        expect(start + header.headerLength).toBeLessThanOrEqual(end)
        expect(header.extensionOffset + header.extensionLength).toBeLessThanOrEqual(end)
        expect(header.parsePadding(buffer, start, end)).toBeLessThanOrEqual(end - start - header.headerLength)
      }),
      { numRuns: 1000 },
    )
  })
})
