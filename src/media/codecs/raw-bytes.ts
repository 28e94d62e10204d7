/**
 * The raw bytes of a NAL unit: on the wire, a 3 behind two zeros keeps a start code from appearing, and does not belong to the syntax
 * (ITU-T H.264, section 7.3.1; H.265, section 7.3.1.1).
 */
import type { BitReader } from './bit-reader.js'

/** Up to the picture size, the longest sequence parameter set there can be needs less: 12 scaling lists and 255 frame offsets. */
const MAX_RAW_BYTES = 4096

// Scratch memory of the thread, where packets are handled one at a time.
const raw = new Uint8Array(MAX_RAW_BYTES)

/** `bits` begins with what the payload of a NAL unit in `buffer[start, end)` means. Valid until the next call; cut off where it is too long. */
export function readRawBytes(bits: BitReader, buffer: Uint8Array, start: number, end: number): void {
  let length = 0
  let zeros = 0
  for (let at = start; at < end && length < MAX_RAW_BYTES; at++) {
    const byte = buffer[at] as number
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    zeros = byte === 0 ? zeros + 1 : 0
    raw[length++] = byte
  }
  bits.reset(raw, 0, length)
}
