/** leb128(), in which AV1 writes lengths: seven bits a byte, the lowest first (AV1 specification, section 4.10.5). */

/** As many bytes as a number has at most. */
const MAX_LENGTH = 8

/** How many bytes a number takes. */
export function leb128Length(value: number): number {
  let length = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++
  return length
}

/** Writes a number at `at`; returns the offset behind it. */
export function writeLeb128(buffer: Uint8Array, at: number, value: number): number {
  let end = at
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) buffer[end++] = 0x80 | (rest % 0x80)
  buffer[end++] = rest
  return end
}

/** The number at `at`, and the offset behind it; undefined if it is cut off at `end`, or too long. */
export function readLeb128(buffer: Uint8Array, at: number, end: number): { value: number; next: number } | undefined {
  let value = 0
  for (let i = 0; i < MAX_LENGTH && at + i < end; i++) {
    const byte = buffer[at + i] as number
    value += (byte & 0x7f) * 2 ** (7 * i)
    if ((byte & 0x80) === 0) return { value, next: at + i + 1 }
  }
  return undefined
}
