/** Interoperability of SRTP with an independent implementation: werift's, in both directions. */
import { describe, expect, it } from 'vitest'
import { RtpPacket, SrtcpSession, SrtpSession } from 'werift'
import { createSrtpReceiver, createSrtpSender } from '../../../../src/transport/srtp/create-srtp.js'
import { MAX_SSRCS } from '../../../../src/transport/srtp/transform-receiver.js'
import type { SrtpKeyingMaterial } from '../../../../src/transport/types.js'
import { keyPair, pattern, rtcpPacket, rtpPacket, SSRC } from './srtp-fixtures.js'
import { PROFILES_OF_ALL } from './srtp-implementations.js'

function weriftConfig(keys: SrtpKeyingMaterial) {
  return {
    profile: keys.profile === 'AEAD_AES_128_GCM' ? (7 as const) : (1 as const),
    keys: {
      localMasterKey: keys.localKey,
      localMasterSalt: keys.localSalt,
      remoteMasterKey: keys.remoteKey,
      remoteMasterSalt: keys.remoteSalt,
    },
  }
}

function weriftSeal(session: SrtpSession, plain: Buffer): Buffer {
  const packet = RtpPacket.deSerialize(plain)
  return session.encrypt(packet.payload, packet.header)
}

/** Unwrapped sequence numbers across three wraps, every third one lost and neighbours exchanged, the wrap itself included. */
function bumpyRide(): number[] {
  const ride: number[] = []
  for (const wrapAt of [65536, 2 * 65536, 3 * 65536]) {
    // Steps small enough for any receiver, from one wrap to the next.
    for (let at = wrapAt - 60000; at < wrapAt - 20; at += 2000) ride.push(at)
    for (let at = wrapAt - 20; at < wrapAt + 20; at += 2) {
      if (at % 3 === 0) continue
      ride.push(at + 1, at)
    }
  }
  return ride
}

describe.each(PROFILES_OF_ALL)('SRTP %s with werift, %s', (profile, _, createTransform) => {
  const { here, there } = keyPair(profile)

  it('is opened by werift across wraps, losses and reordering', () => {
    const sender = createSrtpSender(here, createTransform)
    const session = new SrtpSession(weriftConfig(there))
    for (const extSeq of bumpyRide()) {
      const { bytes, headerLength } = rtpPacket({ seq: extSeq, payload: pattern(extSeq % 1200, extSeq) })
      const buffer = Buffer.alloc(bytes.length + sender.rtpOverhead)
      bytes.copy(buffer)
      expect(sender.protectRtp(buffer, 0, headerLength, bytes.length, extSeq)).toBe(buffer.length)
      expect(session.decrypt(buffer).equals(bytes)).toBe(true)
    }
  })

  it('opens what werift sealed across wraps, losses and reordering', () => {
    const session = new SrtpSession(weriftConfig(there))
    const receiver = createSrtpReceiver(here, MAX_SSRCS, createTransform)
    for (const extSeq of bumpyRide()) {
      const { bytes, headerLength } = rtpPacket({ seq: extSeq, payload: pattern(extSeq % 1200, extSeq) })
      const sealed = weriftSeal(session, bytes)
      expect(sealed.equals(bytes)).toBe(false)
      expect(receiver.unprotectRtp(sealed, 0, headerLength, sealed.length)).toBe(bytes.length)
      expect(sealed.subarray(0, bytes.length).equals(bytes)).toBe(true)
    }
  })

  it('agrees on headers with CSRCs and extensions', () => {
    const extension = Buffer.from('10ff320001020000', 'hex')
    const shape = { seq: 7, csrcs: [1, 2, 3], extension, payload: pattern(333, 1) }
    const { bytes, headerLength } = rtpPacket(shape)
    expect(headerLength).toBe(12 + 12 + 4 + 8)

    const sender = createSrtpSender(here, createTransform)
    const buffer = Buffer.concat([bytes, Buffer.alloc(sender.rtpOverhead)])
    sender.protectRtp(buffer, 0, headerLength, bytes.length, 7)
    expect(buffer.subarray(0, headerLength)).toEqual(bytes.subarray(0, headerLength))
    expect(new SrtpSession(weriftConfig(there)).decrypt(buffer)).toEqual(bytes)

    const sealed = weriftSeal(new SrtpSession(weriftConfig(there)), bytes)
    expect(
      createSrtpReceiver(here, MAX_SSRCS, createTransform).unprotectRtp(sealed, 0, headerLength, sealed.length),
    ).toBe(bytes.length)
    expect(sealed.subarray(0, bytes.length)).toEqual(bytes)
  })

  it('agrees on SRTCP, packet after packet of two SSRCs', () => {
    const sender = createSrtpSender(here, createTransform)
    const receiver = createSrtpReceiver(here, MAX_SSRCS, createTransform)
    const session = new SrtcpSession(weriftConfig(there))
    for (let i = 0; i < 50; i++) {
      const plain = rtcpPacket(SSRC + (i % 2), pattern(4 * i, i))
      const buffer = Buffer.concat([plain, Buffer.alloc(sender.rtcpOverhead)])
      expect(sender.protectRtcp(buffer, 0, plain.length)).toBe(buffer.length)
      expect(session.decrypt(buffer)).toEqual(plain)

      const sealed = session.encrypt(plain)
      expect(receiver.unprotectRtcp(sealed, 0, sealed.length)).toBe(plain.length)
      expect(sealed.subarray(0, plain.length)).toEqual(plain)
    }
  })
})
