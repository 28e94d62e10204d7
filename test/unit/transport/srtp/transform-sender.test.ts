import { describe, expect, it } from 'vitest'
import { AesGcmTransform } from '../../../../src/transport/srtp/aes-gcm-transform.js'
import { createSrtpReceiver, createSrtpSender } from '../../../../src/transport/srtp/create-srtp.js'
import { RTCP_INDEX_LIMIT, RTP_INDEX_LIMIT } from '../../../../src/transport/srtp/packet-index.js'
import { deriveSessionKeys } from '../../../../src/transport/srtp/session-keys.js'
import { TransformSender } from '../../../../src/transport/srtp/transform-sender.js'
import { keyPair, rtcpPacket, rtpPacket } from './srtp-fixtures.js'
import { PROFILES_OF_ALL } from './srtp-implementations.js'

describe.each(PROFILES_OF_ALL)('SRTP sender, %s, %s', (profile, _, createTransform) => {
  const { here, there } = keyPair(profile)

  it('works in place at any offset and touches nothing outside of packet and trailer', () => {
    const { bytes, headerLength } = rtpPacket({ seq: 9 })
    for (let offset = 0; offset < 9; offset++) {
      const sender = createSrtpSender(here, createTransform)
      const total = bytes.length + sender.rtpOverhead
      const arena = Buffer.alloc(offset + total + 8, 0xee)
      bytes.copy(arena, offset)
      expect(sender.protectRtp(arena, offset, headerLength, bytes.length, 9)).toBe(total)
      expect(arena.subarray(0, offset)).toEqual(Buffer.alloc(offset, 0xee))
      expect(arena.subarray(offset + total)).toEqual(Buffer.alloc(8, 0xee))
      expect(createSrtpReceiver(there).unprotectRtp(arena, offset, headerLength, offset + total)).toBe(
        offset + bytes.length,
      )
      expect(arena.subarray(offset, offset + bytes.length)).toEqual(bytes)
    }
  })

  it('seals the same packet under the same index to the same bytes, so that it may be sent again', () => {
    const sender = createSrtpSender(here, createTransform)
    const { bytes, headerLength } = rtpPacket({ seq: 1 })
    const [first, second] = [0, 1].map(() => {
      const buffer = Buffer.concat([bytes, Buffer.alloc(sender.rtpOverhead)])
      sender.protectRtp(buffer, 0, headerLength, bytes.length, 65536 + 1)
      return buffer
    })
    expect(first).toEqual(second)
  })

  it('seals differently for another rollover counter, SSRC or direction', () => {
    const { bytes, headerLength } = rtpPacket({ seq: 1 })
    const sealed = [
      { keys: here, extSeq: 1, ssrc: 5 },
      { keys: here, extSeq: 65537, ssrc: 5 },
      { keys: here, extSeq: 1, ssrc: 6 },
      { keys: there, extSeq: 1, ssrc: 5 },
    ].map(({ keys, extSeq, ssrc }) => {
      const sender = createSrtpSender(keys, createTransform)
      const buffer = Buffer.concat([bytes, Buffer.alloc(sender.rtpOverhead)])
      buffer.writeUInt32BE(ssrc, 8)
      sender.protectRtp(buffer, 0, headerLength, bytes.length, extSeq)
      return buffer.toString('hex', headerLength, bytes.length)
    })
    // The rollover counter is part of both the keystream and the tag.
    expect(new Set(sealed).size).toBe(4)
  })

  it('refuses, with the bytes as they were, an index out of range or not of this packet', () => {
    const sender = createSrtpSender(here, createTransform)
    const refused = (seq: number, extSeq: number) => {
      const { bytes, headerLength } = rtpPacket({ seq })
      const buffer = Buffer.concat([bytes, Buffer.alloc(sender.rtpOverhead)])
      const before = Buffer.from(buffer)
      const length = sender.protectRtp(buffer, 0, headerLength, bytes.length, extSeq)
      if (length === 0) expect(buffer).toEqual(before)
      return length === 0
    }
    expect(refused(0, RTP_INDEX_LIMIT)).toBe(true)
    expect(refused(65535, -1)).toBe(true)
    expect(refused(5, 6)).toBe(true)
    expect(refused(65535, RTP_INDEX_LIMIT - 1)).toBe(false)
    expect(refused(0, 0)).toBe(false)
  })

  it('refuses what has no room for the trailer or is shorter than its header', () => {
    const sender = createSrtpSender(here, createTransform)
    const { bytes, headerLength } = rtpPacket({ seq: 1 })
    const tight = Buffer.concat([bytes, Buffer.alloc(sender.rtpOverhead - 1)])
    expect(sender.protectRtp(tight, 0, headerLength, bytes.length, 1)).toBe(0)
    expect(sender.protectRtp(Buffer.alloc(100), 0, 12, 11, 0)).toBe(0)
    expect(sender.protectRtp(Buffer.alloc(100), 0, 8, 50, 0)).toBe(0)
    expect(sender.protectRtp(Buffer.alloc(70_000), 0, 12, 65_530, 0)).toBe(0)
    const report = rtcpPacket()
    expect(sender.protectRtcp(Buffer.concat([report, Buffer.alloc(sender.rtcpOverhead - 1)]), 0, report.length)).toBe(0)
    expect(sender.protectRtcp(Buffer.alloc(100), 0, 7)).toBe(0)
    expect(sender.protectRtcp(Buffer.alloc(70_000), 0, 65_530)).toBe(0)
  })

  it('protects the largest packet', () => {
    const sender = createSrtpSender(here, createTransform)
    const buffer = Buffer.alloc(0xffff, 0x80)
    const plainLength = 0xffff - sender.rtpOverhead
    expect(sender.protectRtp(buffer, 0, 12, plainLength, 0x8080)).toBe(0xffff)
    expect(createSrtpReceiver(there).unprotectRtp(buffer, 0, 12, 0xffff)).toBe(plainLength)
    expect(buffer.subarray(0, plainLength)).toEqual(Buffer.alloc(plainLength, 0x80))
  })

  it('counts the SRTCP index from zero, one for one', () => {
    const sender = createSrtpSender(here, createTransform)
    const wordAt = rtcpPacket().length + (profile === 'AEAD_AES_128_GCM' ? 16 : 0)
    for (let index = 0; index < 5; index++) {
      const plain = rtcpPacket()
      const buffer = Buffer.concat([plain, Buffer.alloc(sender.rtcpOverhead)])
      sender.protectRtcp(buffer, 0, plain.length)
      expect(buffer.readUInt32BE(wordAt)).toBe(0x8000_0000 + index)
    }
  })
})

describe('SRTCP index', () => {
  it('is never used twice: the sender refuses after the last of 2^31', () => {
    const { here, there } = keyPair('AEAD_AES_128_GCM')
    const keys = deriveSessionKeys(here.profile, here.localKey, here.localSalt)
    const sender = new TransformSender(new AesGcmTransform(keys), RTCP_INDEX_LIMIT - 2)
    const receiver = createSrtpReceiver(there)
    const lengths = [0, 1, 2, 3].map(() => {
      const plain = rtcpPacket()
      const buffer = Buffer.concat([plain, Buffer.alloc(sender.rtcpOverhead)])
      const length = sender.protectRtcp(buffer, 0, plain.length)
      if (length > 0) expect(receiver.unprotectRtcp(buffer, 0, length)).toBe(plain.length)
      else expect(buffer.subarray(0, plain.length)).toEqual(plain)
      return length
    })
    expect(lengths).toEqual([48, 48, 0, 0])
  })
})
