/** The sending side of SRTP and SRTCP (RFC 3711, section 3.3 and 3.4): indexes and their limits around a transform. */
import { RTP_FIXED_HEADER_LENGTH } from '../../rtp/rtp-header.js'
import type { SrtpSender } from '../types.js'
import { RTCP_INDEX_LIMIT, RTP_INDEX_LIMIT } from './packet-index.js'
import { MAX_PACKET_BYTES, RTCP_CLEAR_BYTES, type SrtpTransform } from './srtp-transform.js'

/**
 * Protects what is sent under one set of keys.
 *
 * Both `protect` methods return 0 when the packet must not be sent: the index is used up (2^48 RTP packets of an SSRC, 2^31 RTCP
 * packets; only a new DTLS handshake helps), `extSeq` does not end with the packet's own sequence number, or the packet or its
 * trailer does not fit; the bytes are then still plain. Or the cipher has failed, or is closed; then nobody knows what they are.
 *
 * The caller never passes two different packets with one SSRC and `extSeq`; sending the very same bytes again is harmless.
 */
export class TransformSender implements SrtpSender {
  readonly rtpOverhead: number
  readonly rtcpOverhead: number
  readonly #transform: SrtpTransform
  // One counter for all SSRCs: it grows for each of them, and a gap looks like a lost packet.
  #rtcpIndex: number

  constructor(transform: SrtpTransform, firstRtcpIndex = 0) {
    this.#transform = transform
    this.#rtcpIndex = firstRtcpIndex
    this.rtpOverhead = transform.rtpOverhead
    this.rtcpOverhead = transform.rtcpOverhead
  }

  protectRtp(buffer: Buffer, offset: number, headerLength: number, length: number, extSeq: number): number {
    const protectedLength = length + this.rtpOverhead
    if (headerLength < RTP_FIXED_HEADER_LENGTH || length < headerLength) return 0
    if (protectedLength > MAX_PACKET_BYTES || offset + protectedLength > buffer.length) return 0
    if (extSeq < 0 || extSeq >= RTP_INDEX_LIMIT) return 0
    const seq = ((buffer[offset + 2] as number) << 8) | (buffer[offset + 3] as number)
    if ((extSeq & 0xffff) !== seq) return 0
    return this.#transform.sealRtp(buffer, offset, headerLength, offset + length, extSeq) ? protectedLength : 0
  }

  protectRtcp(buffer: Buffer, offset: number, length: number): number {
    const protectedLength = length + this.rtcpOverhead
    if (length < RTCP_CLEAR_BYTES || this.#rtcpIndex >= RTCP_INDEX_LIMIT) return 0
    if (protectedLength > MAX_PACKET_BYTES || offset + protectedLength > buffer.length) return 0
    // Used up even where sealing fails: no two packets ever have one index.
    const index = this.#rtcpIndex++
    return this.#transform.sealRtcp(buffer, offset, offset + length, index) ? protectedLength : 0
  }

  close(): void {
    this.#transform.close()
  }
}
