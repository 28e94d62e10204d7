/** The header extension block that nearly every packet of a video has: the transport-wide number, and nothing else (RFC 8285, section 4.2). */
import { ONE_BYTE_PROFILE } from '../../rtp/header-extension.js'

/** With one element of two bytes in the one-byte form. */
export const NUMBER_BLOCK_LENGTH = 8
/** The one-byte form has ids up to this. */
export const MAX_NUMBER_BLOCK_ID = 14

/** Writes the block at `offset`, the same that an `ExtensionWriter` writes for a single element. */
export function writeNumberBlock(out: Uint8Array, offset: number, id: number, number: number): void {
  out[offset] = ONE_BYTE_PROFILE >> 8
  out[offset + 1] = ONE_BYTE_PROFILE & 0xff
  out[offset + 2] = 0
  out[offset + 3] = 1
  out[offset + 4] = (id << 4) | 1
  out[offset + 5] = number >>> 8
  out[offset + 6] = number
  out[offset + 7] = 0
}
