/** The common header of RTCP packets (RFC 3550, section 6.4.1) and the registered numbers that are used here. */
import { writeUint16 } from '../bytes.js'

/** RTCP packet types (RFC 3550, section 12.1; RFC 4585, section 6.1; RFC 3611). */
export const RTCP_TYPE = {
  senderReport: 200,
  receiverReport: 201,
  sdes: 202,
  bye: 203,
  app: 204,
  transportFeedback: 205,
  payloadFeedback: 206,
  extendedReport: 207,
} as const

/** FMT values of transport-layer feedback, packet type 205 (RFC 4585, section 6.2; RFC 7728, section 8). */
export const TRANSPORT_FEEDBACK = { nack: 1, pause: 9, transportWide: 15 } as const

/** FMT values of payload-specific feedback, packet type 206 (RFC 4585, section 6.3; RFC 5104, section 4.3). */
export const PAYLOAD_FEEDBACK = { pli: 1, fir: 4, applicationLayer: 15 } as const

/** Bytes of the common header. */
export const RTCP_HEADER_LENGTH = 4

/** The largest value of the 5-bit count field. */
export const RTCP_MAX_COUNT = 31

/** One packet of a compound, as a reader shows it. */
export interface RtcpPacketView {
  readonly packetType: number
  /** The 5-bit field: a count of blocks or sources, or the FMT of feedback. */
  readonly count: number
  /** Where the packet begins, as an offset into the buffer. */
  readonly offset: number
  /** Its bytes, common header included, padding excluded. */
  readonly length: number
}

/** Writes the common header of a packet of `length` bytes (a multiple of 4) at `offset`; returns the offset behind it. */
export function writeRtcpHeader(
  buffer: Uint8Array,
  offset: number,
  count: number,
  packetType: number,
  length: number,
): number {
  buffer[offset] = 0x80 | (count & 0x1f)
  buffer[offset + 1] = packetType
  return writeUint16(buffer, offset + 2, (length >> 2) - 1)
}

/** The largest value of the length byte before a text. */
const MAX_TEXT_LENGTH = 255

/**
 * Writes a length byte and `text` in UTF-8 at `offset`; returns the offset behind them. A text that is too long for the byte or the
 * buffer is cut between two characters.
 */
export function writeRtcpText(buffer: Buffer, offset: number, text: string): number {
  // Buffer.write refuses a length that the buffer does not have, however short the text.
  const room = Math.min(MAX_TEXT_LENGTH, buffer.length - offset - 1)
  const length = buffer.write(text, offset + 1, room, 'utf8')
  buffer[offset] = length
  return offset + 1 + length
}
