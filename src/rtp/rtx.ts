/** Retransmission packets (RFC 4588, section 4): an RTP packet of its own stream, with the original sequence number before the payload. */
import { readUint16, writeUint16, writeUint32 } from './bytes.js'

/** Bytes of the original sequence number (OSN). */
export const RTX_OSN_LENGTH = 2

/**
 * The original sequence number, 16 bit; -1 where there is none, as in packets of padding alone.
 *
 * @param payloadOffset where the payload begins; @param payloadEnd where it ends, padding excluded.
 */
export function readOriginalSeq(buffer: Uint8Array, payloadOffset: number, payloadEnd: number): number {
  return payloadOffset + RTX_OSN_LENGTH > payloadEnd ? -1 : readUint16(buffer, payloadOffset)
}

/** Writes the original sequence number, which precedes the original payload, at `offset`; returns the offset behind it. */
export function writeOriginalSeq(buffer: Uint8Array, offset: number, seq: number): number {
  return writeUint16(buffer, offset, seq)
}

/**
 * Turns the retransmission packet at `start` into the original, in place; returns where it begins now. Its end stays where it is, padding
 * included.
 *
 * Header extensions stay those of the retransmission. There must be an original sequence number (see {@link readOriginalSeq}).
 */
export function restoreOriginal(
  buffer: Uint8Array,
  start: number,
  headerLength: number,
  payloadType: number,
  ssrc: number,
): number {
  const originalSeq = readUint16(buffer, start + headerLength)
  const moved = start + RTX_OSN_LENGTH
  // The header moves over the number, as it is the shorter one to move.
  buffer.copyWithin(moved, start, start + headerLength)
  buffer[moved + 1] = ((buffer[moved + 1] as number) & 0x80) | payloadType
  writeUint16(buffer, moved + 2, originalSeq)
  writeUint32(buffer, moved + 8, ssrc)
  return moved
}
