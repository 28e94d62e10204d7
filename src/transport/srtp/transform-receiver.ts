/** The receiving side of SRTP and SRTCP (RFC 3711, section 3.3 and 3.4): index estimation and replay protection around a transform. */
import { RTP_FIXED_HEADER_LENGTH } from '../../rtp/rtp-header.js'
import { SRTP_REFUSED, type SrtpReceiver } from '../types.js'
import { estimateIndex, RTCP_INDEX_LIMIT, RTP_INDEX_LIMIT } from './packet-index.js'
import { MAX_PACKET_BYTES, RTCP_CLEAR_BYTES, type SrtpTransform } from './srtp-transform.js'
import { SsrcWindows } from './ssrc-windows.js'

/** How many SSRCs of a peer are followed, RTP and RTCP each. Packets of further ones are refused. */
export const MAX_SSRCS = 128

/** Larger than the 64 that RFC 3711 asks for: a retransmission may come long after its neighbours. */
export const RTP_REPLAY_WINDOW = 1024
export const RTCP_REPLAY_WINDOW = 128

/**
 * Opens what is received under one set of keys.
 *
 * `SRTP_REFUSED.malformed`: too short or too long to be protected. `authentication`: not made with these keys, or changed.
 * `replay`: received before, too old to know, an index beyond the limit, or one SSRC more than {@link MAX_SSRCS}, which could
 * not be kept from being replayed.
 */
export class TransformReceiver implements SrtpReceiver {
  readonly #transform: SrtpTransform
  readonly #rtpWindows: SsrcWindows
  readonly #rtcpWindows: SsrcWindows

  constructor(
    transform: SrtpTransform,
    rtpWindows = new SsrcWindows(MAX_SSRCS, RTP_REPLAY_WINDOW),
    rtcpWindows = new SsrcWindows(MAX_SSRCS, RTCP_REPLAY_WINDOW),
  ) {
    this.#transform = transform
    this.#rtpWindows = rtpWindows
    this.#rtcpWindows = rtcpWindows
  }

  /** How many SSRCs state is kept for, RTP and RTCP together; at most twice {@link MAX_SSRCS}. */
  get ssrcStates(): number {
    return this.#rtpWindows.size + this.#rtcpWindows.size
  }

  unprotectRtp(buffer: Buffer, start: number, headerLength: number, end: number): number {
    const plainEnd = end - this.#transform.rtpOverhead
    if (headerLength < RTP_FIXED_HEADER_LENGTH || plainEnd < start + headerLength) return SRTP_REFUSED.malformed
    if (end > buffer.length || end - start > MAX_PACKET_BYTES) return SRTP_REFUSED.malformed
    const ssrc = buffer.readUInt32BE(start + 8)
    const window = this.#rtpWindows.get(ssrc)
    if (window === undefined && this.#rtpWindows.full) return SRTP_REFUSED.replay
    const index = estimateIndex(window === undefined ? -1 : window.highest, buffer.readUInt16BE(start + 2))
    if (index >= RTP_INDEX_LIMIT || (window !== undefined && !window.isFresh(index))) return SRTP_REFUSED.replay
    if (!this.#transform.openRtp(buffer, start, headerLength, end, index)) return SRTP_REFUSED.authentication
    const authenticWindow = window ?? this.#rtpWindows.add(ssrc)
    authenticWindow.record(index)
    return plainEnd
  }

  unprotectRtcp(buffer: Buffer, start: number, end: number): number {
    const plainEnd = end - this.#transform.rtcpOverhead
    if (plainEnd < start + RTCP_CLEAR_BYTES) return SRTP_REFUSED.malformed
    if (end > buffer.length || end - start > MAX_PACKET_BYTES) return SRTP_REFUSED.malformed
    const ssrc = buffer.readUInt32BE(start + 4)
    const window = this.#rtcpWindows.get(ssrc)
    if (window === undefined && this.#rtcpWindows.full) return SRTP_REFUSED.replay
    const word = buffer.readUInt32BE(end - this.#transform.rtcpWordFromEnd)
    const index = word % RTCP_INDEX_LIMIT
    if (window !== undefined && !window.isFresh(index)) return SRTP_REFUSED.replay
    if (!this.#transform.openRtcp(buffer, start, end, word)) return SRTP_REFUSED.authentication
    const authenticWindow = window ?? this.#rtcpWindows.add(ssrc)
    authenticWindow.record(index)
    return plainEnd
  }

  close(): void {
    this.#transform.close()
  }
}
