/** A view of an RTP header in place (RFC 3550, section 5.1): no copy, no allocation per packet. */
import { readUint16, readUint32 } from './bytes.js'

/** Length of the fixed part, in bytes. */
export const RTP_FIXED_HEADER_LENGTH = 12

/**
 * The fields of one RTP packet, reused from packet to packet.
 *
 * `parse` reads what is never encrypted; the padding, which SRTP encrypts, is read by `parsePadding` once the payload is plain.
 */
export class RtpHeader {
  marker = false
  payloadType = 0
  /** 16 bit. */
  seq = 0
  /** 32 bit, unsigned. */
  timestamp = 0
  /** 32 bit, unsigned. */
  ssrc = 0
  hasPadding = false
  /** Fixed part, CSRCs and extensions together, in bytes. */
  headerLength = 0
  /** The "defined by profile" field: 0xBEDE one-byte, 0x100x two-byte form (RFC 8285); 0 where there is no extension. */
  extensionProfile = 0
  /** Where the extension elements begin, as an offset into the buffer. */
  extensionOffset = 0
  /** Bytes of extension elements, without their 4-byte head. */
  extensionLength = 0

  /** Reads the header of `buffer[start, end)`; false if it is not a whole RTP header. */
  parse(buffer: Uint8Array, start: number, end: number): boolean {
    if (end - start < RTP_FIXED_HEADER_LENGTH) return false
    const first = buffer[start] as number
    if (first >> 6 !== 2) return false
    const second = buffer[start + 1] as number
    this.hasPadding = (first & 0x20) !== 0
    this.marker = (second & 0x80) !== 0
    this.payloadType = second & 0x7f
    this.seq = readUint16(buffer, start + 2)
    this.timestamp = readUint32(buffer, start + 4)
    this.ssrc = readUint32(buffer, start + 8)
    let length = RTP_FIXED_HEADER_LENGTH + 4 * (first & 0x0f)
    this.extensionProfile = 0
    this.extensionLength = 0
    this.extensionOffset = start + length
    if ((first & 0x10) !== 0) {
      if (start + length + 4 > end) return false
      const at = start + length
      this.extensionProfile = readUint16(buffer, at)
      this.extensionLength = 4 * readUint16(buffer, at + 2)
      this.extensionOffset = at + 4
      length += 4 + this.extensionLength
    }
    this.headerLength = length
    return start + length <= end
  }

  /** Bytes of padding at the end of the plain packet `buffer[start, end)`, its count byte included; -1 if that count is impossible. */
  parsePadding(buffer: Uint8Array, start: number, end: number): number {
    if (!this.hasPadding) return 0
    const room = end - start - this.headerLength
    const padding = room > 0 ? (buffer[end - 1] as number) : 0
    return padding === 0 || padding > room ? -1 : padding
  }
}
