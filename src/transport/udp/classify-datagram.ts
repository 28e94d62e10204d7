/**
 * What a datagram on the shared port is, from its first bytes (RFC 7983, section 7; RFC 5761, section 4 for RTP or RTCP).
 *
 * | first byte | protocol |
 * | --- | --- |
 * | 0..3 | STUN |
 * | 16..19 | ZRTP (not served) |
 * | 20..63 | DTLS |
 * | 64..79 | TURN channel data (not served) |
 * | 128..191 | RTP or RTCP |
 */

/** What {@link classifyDatagram} answers. Numbers, because it is asked for every datagram. */
export const DATAGRAM_KIND = { unknown: 0, stun: 1, dtls: 2, rtp: 3, rtcp: 4 } as const
export type DatagramKind = (typeof DATAGRAM_KIND)[keyof typeof DATAGRAM_KIND]

/** The shortest RTCP packet: its fixed head and the SSRC of its sender. */
const RTCP_MIN_LENGTH = 8
const RTP_MIN_LENGTH = 12
const STUN_HEADER_LENGTH = 20
const DTLS_RECORD_HEADER_LENGTH = 13

/** The protocol of `buffer[start, end)`; `unknown` too for what is too short to be what its first byte says. */
export function classifyDatagram(buffer: Uint8Array, start: number, end: number): DatagramKind {
  const length = end - start
  if (length < RTCP_MIN_LENGTH) return DATAGRAM_KIND.unknown
  const first = buffer[start] as number
  if (first >= 128 && first <= 191) {
    // The payload types 64..95 are never used for RTP when both share a port; as RTCP packet types they are 192..223.
    const payloadType = (buffer[start + 1] as number) & 0x7f
    if (payloadType >= 64 && payloadType <= 95) return DATAGRAM_KIND.rtcp
    return length >= RTP_MIN_LENGTH ? DATAGRAM_KIND.rtp : DATAGRAM_KIND.unknown
  }
  if (first <= 3) return length >= STUN_HEADER_LENGTH ? DATAGRAM_KIND.stun : DATAGRAM_KIND.unknown
  if (first >= 20 && first <= 63) {
    return length >= DTLS_RECORD_HEADER_LENGTH ? DATAGRAM_KIND.dtls : DATAGRAM_KIND.unknown
  }
  return DATAGRAM_KIND.unknown
}
