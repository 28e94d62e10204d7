/** Writes the fixed RTP header (RFC 3550, section 5.1). */
import { writeUint16, writeUint32 } from './bytes.js'
import { RTP_FIXED_HEADER_LENGTH } from './rtp-header.js'

/**
 * Writes the 12 bytes of a header without CSRCs and padding at `offset`; returns the offset behind them.
 *
 * `seq` and `timestamp` are taken modulo 2^16 and 2^32. With `hasExtension` the caller writes the extension block next
 * (see `ExtensionWriter`).
 */
export function writeRtpHeader(
  buffer: Uint8Array,
  offset: number,
  marker: boolean,
  payloadType: number,
  seq: number,
  timestamp: number,
  ssrc: number,
  hasExtension = false,
): number {
  buffer[offset] = hasExtension ? 0x90 : 0x80
  buffer[offset + 1] = (marker ? 0x80 : 0) | (payloadType & 0x7f)
  writeUint16(buffer, offset + 2, seq)
  writeUint32(buffer, offset + 4, timestamp)
  writeUint32(buffer, offset + 8, ssrc)
  return offset + RTP_FIXED_HEADER_LENGTH
}
