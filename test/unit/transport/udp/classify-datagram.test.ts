import { describe, expect, test } from 'vitest'
import { classifyDatagram, DATAGRAM_KIND } from '../../../../src/transport/udp/classify-datagram.js'

function kindOf(first: number, second = 0, length = 100): number {
  const buffer = Buffer.alloc(length + 2)
  buffer[1] = first
  buffer[2] = second
  return classifyDatagram(buffer, 1, 1 + length)
}

describe('classification', () => {
  test('goes by the first byte, in the ranges of RFC 7983', () => {
    for (let first = 0; first < 256; first++) {
      let expected: number = DATAGRAM_KIND.unknown
      if (first <= 3) expected = DATAGRAM_KIND.stun
      else if (first >= 20 && first <= 63) expected = DATAGRAM_KIND.dtls
      else if (first >= 128 && first <= 191) expected = DATAGRAM_KIND.rtp
      expect(kindOf(first), `first byte ${first}`).toBe(expected)
    }
  })

  test('RTCP packet types are 192 to 223, the payload types that RFC 5761 forbids', () => {
    for (let second = 0; second < 256; second++) {
      const isRtcp = (second & 0x7f) >= 64 && (second & 0x7f) <= 95
      expect(kindOf(0x80, second), `second byte ${second}`).toBe(isRtcp ? DATAGRAM_KIND.rtcp : DATAGRAM_KIND.rtp)
    }
    for (const type of [200, 201, 202, 203, 205, 206]) expect(kindOf(0x81, type)).toBe(DATAGRAM_KIND.rtcp)
  })

  test.each([
    ['STUN', 0, 0, 20],
    ['DTLS', 22, 0, 13],
    ['RTP', 0x80, 96, 12],
    ['RTCP', 0x80, 200, 8],
  ])('%s shorter than its header is nothing', (_name, first, second, length) => {
    expect(kindOf(first, second, length)).not.toBe(DATAGRAM_KIND.unknown)
    for (let short = 0; short < length; short++) expect(kindOf(first, second, short)).toBe(DATAGRAM_KIND.unknown)
  })
})
