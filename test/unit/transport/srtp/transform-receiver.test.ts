import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSrtpSender } from '../../../../src/transport/srtp/create-srtp.js'
import { RTP_INDEX_LIMIT } from '../../../../src/transport/srtp/packet-index.js'
import { deriveSessionKeys } from '../../../../src/transport/srtp/session-keys.js'
import { SsrcWindows } from '../../../../src/transport/srtp/ssrc-windows.js'
import {
  MAX_SSRCS,
  RTCP_REPLAY_WINDOW,
  RTP_REPLAY_WINDOW,
  TransformReceiver,
} from '../../../../src/transport/srtp/transform-receiver.js'
import { SRTP_REFUSED, type SrtpSender } from '../../../../src/transport/types.js'
import { keyPair, pattern, rtcpPacket, rtpPacket, SSRC } from './srtp-fixtures.js'
import { PROFILES_OF_ALL } from './srtp-implementations.js'

const { malformed, authentication, replay } = SRTP_REFUSED

describe.each(PROFILES_OF_ALL)('SRTP receiver, %s, %s', (profile, _, createTransform) => {
  const { here, there } = keyPair(profile)

  function newReceiver(windows?: SsrcWindows): TransformReceiver {
    const keys = deriveSessionKeys(profile, there.remoteKey, there.remoteSalt)
    const transform = createTransform(profile, keys)
    return windows === undefined ? new TransformReceiver(transform) : new TransformReceiver(transform, windows)
  }

  function sealRtp(extSeq: number, ssrc = SSRC, sender: SrtpSender = createSrtpSender(here)): Buffer {
    const { bytes, headerLength } = rtpPacket({ seq: extSeq % 65536, ssrc })
    const buffer = Buffer.concat([bytes, Buffer.alloc(sender.rtpOverhead)])
    expect(sender.protectRtp(buffer, 0, headerLength, bytes.length, extSeq)).toBe(buffer.length)
    return buffer
  }

  /** What the receiver says to a copy of that packet; an accepted one is checked to be the plain one again. */
  function open(receiver: TransformReceiver, sealed: Buffer): number {
    const buffer = Buffer.from(sealed)
    const result = receiver.unprotectRtp(buffer, 0, 12, buffer.length)
    if (result < 0) expect(buffer).toEqual(sealed)
    else {
      const { bytes } = rtpPacket({ seq: sealed.readUInt16BE(2), ssrc: sealed.readUInt32BE(8) })
      expect(buffer.subarray(0, result)).toEqual(bytes)
    }
    return result
  }

  function sealRtcp(sender: SrtpSender, ssrc = SSRC): Buffer {
    const plain = rtcpPacket(ssrc)
    const buffer = Buffer.concat([plain, Buffer.alloc(sender.rtcpOverhead)])
    sender.protectRtcp(buffer, 0, plain.length)
    return buffer
  }

  function openRtcp(receiver: TransformReceiver, sealed: Buffer): number {
    const buffer = Buffer.from(sealed)
    const result = receiver.unprotectRtcp(buffer, 0, buffer.length)
    if (result < 0) expect(buffer).toEqual(sealed)
    else expect(buffer.subarray(0, result)).toEqual(rtcpPacket(sealed.readUInt32BE(4)))
    return result
  }

  const plainLength = rtpPacket({ seq: 0 }).bytes.length

  it('refuses a packet that comes twice', () => {
    const receiver = newReceiver()
    const sealed = [10, 11, 12].map((extSeq) => sealRtp(extSeq))
    for (const packet of sealed) expect(open(receiver, packet)).toBe(plainLength)
    for (const packet of sealed) expect(open(receiver, packet)).toBe(replay)
  })

  it('takes a late retransmission as long as its window reaches, then refuses it', () => {
    const receiver = newReceiver()
    const newest = 5000
    expect(open(receiver, sealRtp(1))).toBe(plainLength)
    expect(open(receiver, sealRtp(newest))).toBe(plainLength)
    expect(open(receiver, sealRtp(newest - RTP_REPLAY_WINDOW + 1))).toBe(plainLength)
    expect(open(receiver, sealRtp(newest - RTP_REPLAY_WINDOW))).toBe(replay)
  })

  it('follows the rollover counter through wraps with losses and reordering', () => {
    const receiver = newReceiver()
    const arrivals = [65530, 65538, 65533, 65535, 65536, 65534, 65537, 90000, 120000, 131070, 131080, 131071, 131072]
    for (const extSeq of arrivals) expect(open(receiver, sealRtp(extSeq))).toBe(plainLength)
    for (const extSeq of [131070, 131072]) expect(open(receiver, sealRtp(extSeq))).toBe(replay)
  })

  it('keeps the rollover counters of two SSRCs apart', () => {
    const receiver = newReceiver()
    for (const extSeq of [65000, 65600]) expect(open(receiver, sealRtp(extSeq, 1))).toBe(plainLength)
    for (const extSeq of [30, 65]) expect(open(receiver, sealRtp(extSeq, 2))).toBe(plainLength)
    expect(open(receiver, sealRtp(65601, 1))).toBe(plainLength)
  })

  it('opens in the very last cycle and refuses to start over after it', () => {
    const windows = new SsrcWindows(4, RTP_REPLAY_WINDOW)
    windows.add(SSRC).record(RTP_INDEX_LIMIT - 10)
    const receiver = newReceiver(windows)
    expect(open(receiver, sealRtp(RTP_INDEX_LIMIT - 1))).toBe(plainLength)
    expect(open(receiver, sealRtp(0))).toBe(replay)
    expect(open(receiver, sealRtp(RTP_INDEX_LIMIT - 2))).toBe(plainLength)
  })

  it('refuses a packet with any byte changed, and takes the right one afterwards', () => {
    const receiver = newReceiver()
    const sealed = sealRtp(100)
    for (let at = 0; at < sealed.length; at++) {
      for (const change of [0x01, 0x80, 0xff]) {
        const tampered = Buffer.from(sealed)
        tampered[at] = (tampered[at] as number) ^ change
        expect(open(receiver, tampered)).toBe(authentication)
      }
    }
    expect(receiver.ssrcStates).toBe(0)
    expect(open(receiver, sealed)).toBe(plainLength)
  })

  it('refuses a packet cut at any length, and takes the whole one afterwards', () => {
    const receiver = newReceiver()
    const sealed = sealRtp(100)
    for (let end = 0; end < sealed.length; end++) {
      const cut = Buffer.from(sealed)
      const expected = end < 12 + sealed.length - plainLength ? malformed : authentication
      expect(receiver.unprotectRtp(cut, 0, 12, end)).toBe(expected)
      expect(receiver.unprotectRtp(cut.subarray(0, end), 0, 12, end)).toBe(expected)
      expect(cut).toEqual(sealed)
    }
    expect(open(receiver, sealed)).toBe(plainLength)
  })

  it('refuses a header that ends elsewhere than in the packet, or beyond it', () => {
    const receiver = newReceiver()
    const sealed = sealRtp(100)
    for (const headerLength of [0, 11, plainLength + 1, 70_000]) {
      expect(receiver.unprotectRtp(Buffer.from(sealed), 0, headerLength, sealed.length)).toBe(malformed)
    }
    expect(receiver.unprotectRtp(Buffer.from(sealed), 0, 12, sealed.length + 1)).toBe(malformed)
    expect(receiver.unprotectRtp(Buffer.alloc(70_000), 0, 12, 70_000)).toBe(malformed)
    expect(receiver.unprotectRtcp(Buffer.alloc(70_000), 0, 70_000)).toBe(malformed)
  })

  it('opens a packet without payload', () => {
    const sender = createSrtpSender(here)
    const { bytes, headerLength } = rtpPacket({ seq: 3, payload: Buffer.alloc(0) })
    const buffer = Buffer.concat([bytes, Buffer.alloc(sender.rtpOverhead)])
    expect(sender.protectRtp(buffer, 0, headerLength, bytes.length, 3)).toBe(buffer.length)
    expect(newReceiver().unprotectRtp(buffer, 0, headerLength, buffer.length)).toBe(12)
  })

  it('lets a forged sequence number neither move the window nor the rollover counter', () => {
    const receiver = newReceiver()
    expect(open(receiver, sealRtp(65500))).toBe(plainLength)
    const forged = sealRtp(65501)
    for (const seq of [65535, 0, 1, 32767, 40000]) {
      forged.writeUInt16BE(seq, 2)
      expect([authentication, replay]).toContain(open(receiver, forged))
    }
    expect(open(receiver, sealRtp(65499))).toBe(plainLength)
    expect(open(receiver, sealRtp(65536))).toBe(plainLength)
  })

  it('does not open packets of other keys, nor its own direction reflected', () => {
    const receiver = newReceiver()
    expect(open(receiver, sealRtp(1, SSRC, createSrtpSender(keyPair(profile, 2).here)))).toBe(authentication)
    expect(open(receiver, sealRtp(1, SSRC, createSrtpSender(there)))).toBe(authentication)
  })

  it('keeps no state for a flood of unauthentic SSRCs', () => {
    const receiver = newReceiver()
    const sealed = sealRtp(100)
    const report = sealRtcp(createSrtpSender(here))
    for (let ssrc = 0; ssrc < 2000; ssrc++) {
      sealed.writeUInt32BE(ssrc, 8)
      report.writeUInt32BE(ssrc, 4)
      expect(open(receiver, sealed)).toBe(authentication)
      expect(openRtcp(receiver, report)).toBe(authentication)
    }
    expect(receiver.ssrcStates).toBe(0)
  })

  it('follows a bounded number of authentic SSRCs and goes on serving those', () => {
    const receiver = newReceiver()
    const sender = createSrtpSender(here)
    for (let ssrc = 0; ssrc < MAX_SSRCS; ssrc++) expect(open(receiver, sealRtp(1, ssrc))).toBe(plainLength)
    for (let ssrc = 0; ssrc < MAX_SSRCS; ssrc++) expect(openRtcp(receiver, sealRtcp(sender, ssrc))).toBe(28)
    expect(open(receiver, sealRtp(1, MAX_SSRCS))).toBe(replay)
    expect(openRtcp(receiver, sealRtcp(sender, MAX_SSRCS))).toBe(replay)
    expect(receiver.ssrcStates).toBe(2 * MAX_SSRCS)
    expect(open(receiver, sealRtp(1, 0))).toBe(replay)
    expect(open(receiver, sealRtp(2, 0))).toBe(plainLength)
    expect(openRtcp(receiver, sealRtcp(sender, 0))).toBe(28)
  })

  it('refuses SRTCP that comes twice or from before its window', () => {
    const receiver = newReceiver()
    const sender = createSrtpSender(here)
    const sealed = Array.from({ length: RTCP_REPLAY_WINDOW + 2 }, () => sealRtcp(sender))
    const [oldest, older, old] = sealed as [Buffer, Buffer, Buffer]
    const newest = sealed[sealed.length - 1] as Buffer
    expect(openRtcp(receiver, older)).toBe(28)
    expect(openRtcp(receiver, newest)).toBe(28)
    expect(openRtcp(receiver, newest)).toBe(replay)
    expect(openRtcp(receiver, oldest)).toBe(replay)
    expect(openRtcp(receiver, older)).toBe(replay)
    expect(openRtcp(receiver, old)).toBe(28)
  })

  it('refuses SRTCP with any byte changed or cut at any length, E bit and index included', () => {
    const receiver = newReceiver()
    const sealed = sealRtcp(createSrtpSender(here))
    for (let at = 0; at < sealed.length; at++) {
      const tampered = Buffer.from(sealed)
      tampered[at] = (tampered[at] as number) ^ 0x80
      expect(openRtcp(receiver, tampered)).toBe(authentication)
    }
    for (let end = 0; end < sealed.length; end++) {
      const expected = end < 8 + sealed.length - 28 ? malformed : authentication
      expect(openRtcp(receiver, sealed.subarray(0, end))).toBe(expected)
    }
    expect(receiver.ssrcStates).toBe(0)
    expect(openRtcp(receiver, sealed)).toBe(28)
  })

  it('neither throws nor keeps anything of random bytes', () => {
    const receiver = newReceiver()
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 220 }),
        (bytes, start, headerLength) => {
          const buffer = Buffer.concat([Buffer.alloc(start), bytes])
          const before = Buffer.from(buffer)
          expect([malformed, authentication]).toContain(
            receiver.unprotectRtp(buffer, start, headerLength, buffer.length),
          )
          expect([malformed, authentication]).toContain(receiver.unprotectRtcp(buffer, start, buffer.length))
          expect(buffer).toEqual(before)
          expect(receiver.ssrcStates).toBe(0)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('is not disturbed by mutations of live packets: every original is opened exactly once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.nat(), value: fc.integer({ min: 1, max: 255 }) }), { maxLength: 40 }),
        fc.integer({ min: 0, max: 65535 }),
        (mutations, firstSeq) => {
          const receiver = newReceiver()
          const sender = createSrtpSender(here)
          mutations.forEach(({ at, value }, i) => {
            const sealed = sealRtp(firstSeq + i, SSRC, sender)
            const mutated = Buffer.from(sealed)
            mutated[at % mutated.length] = (mutated[at % mutated.length] as number) ^ value
            expect(open(receiver, mutated)).toBeLessThan(0)
            expect(open(receiver, sealed)).toBe(plainLength)
            expect(open(receiver, sealed)).toBe(replay)
          })
          expect(receiver.ssrcStates).toBe(mutations.length > 0 ? 1 : 0)
        },
      ),
    )
  })

  it('opens packets of every length', () => {
    const receiver = newReceiver()
    const sender = createSrtpSender(here)
    for (let length = 0; length < 1300; length += 7) {
      const { bytes, headerLength } = rtpPacket({ seq: length, payload: pattern(length, length) })
      const buffer = Buffer.concat([bytes, Buffer.alloc(sender.rtpOverhead)])
      sender.protectRtp(buffer, 0, headerLength, bytes.length, length)
      expect(receiver.unprotectRtp(buffer, 0, headerLength, buffer.length)).toBe(bytes.length)
      expect(buffer.subarray(0, bytes.length).equals(bytes)).toBe(true)
    }
  })
})
