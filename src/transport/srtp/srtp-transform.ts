/** The cryptographic transform of one direction (RFC 3711, section 3.2): what differs between the protection profiles, and nothing else. */

/** The largest packet that is protected or opened: what fits into a UDP datagram or an RFC 4571 frame. */
export const MAX_PACKET_BYTES = 0xffff

/** Bytes of the fixed part of an SRTCP packet that stay in clear: the first header word and the sender's SSRC. */
export const RTCP_CLEAR_BYTES = 8

/** The E bit of the SRTCP word that ends with the index (RFC 3711, section 3.4). */
export const SRTCP_ENCRYPTED = 0x8000_0000

/**
 * Seals or opens packets whose index is already known. It keeps no state per packet, checks no replay and trusts the offsets
 * it gets; the sender and the receiver around it do that.
 */
export interface SrtpTransform {
  /** Bytes that sealing adds behind an RTP packet. */
  readonly rtpOverhead: number
  /** Bytes that sealing adds behind an RTCP packet, the word of E bit and index included. */
  readonly rtcpOverhead: number
  /** How far before the end of an SRTCP packet the word of E bit and index begins. */
  readonly rtcpWordFromEnd: number
  /**
   * Seals `buffer[start, end)` in place and writes the trailer from `end` on. `index` is ROC and sequence number, 48 bit. False if it could
   * not, after which nobody may send those bytes.
   */
  sealRtp(buffer: Buffer, start: number, headerLength: number, end: number, index: number): boolean
  /** Opens `buffer[start, end)`, trailer included, in place; false, with the buffer as it was, if it is not authentic. */
  openRtp(buffer: Buffer, start: number, headerLength: number, end: number, index: number): boolean
  /** Seals the compound packet `buffer[start, end)` in place and writes the trailer from `end` on. `index` has 31 bit. False as above. */
  sealRtcp(buffer: Buffer, start: number, end: number, index: number): boolean
  /** The counterpart of `sealRtcp`; `word` is the E bit and the index as received, unsigned. Packets without the E bit are only authenticated. */
  openRtcp(buffer: Buffer, start: number, end: number, word: number): boolean
  /** Lets go of the keys: nothing is sealed or opened any more. Idempotent. */
  close(): void
}
