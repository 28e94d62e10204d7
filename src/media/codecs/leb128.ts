/** Little-endian base 128 numbers (AV1 specification, section 4.10.5). */

/** A number has at most 8 bytes. */
const MAX_LENGTH = 8

/** The number at `at`; -1 if it is cut off by `end` or too long. */
export function readLeb128(buffer: Uint8Array, at: number, end: number): number {
  const stop = Math.min(end, at + MAX_LENGTH)
  let value = 0
  let factor = 1
  for (let i = at; i < stop; i++, factor *= 128) {
    const byte = buffer[i] as number
    value += (byte & 0x7f) * factor
    if ((byte & 0x80) === 0) return value
  }
  return -1
}

/** How many bytes the number at `at` has, which must be whole: see {@link readLeb128}. */
export function leb128Length(buffer: Uint8Array, at: number): number {
  let length = 1
  while (((buffer[at + length - 1] as number) & 0x80) !== 0) length++
  return length
}

/** How many bytes it takes to write `value`. */
export function leb128Size(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

/** Writes `value` at `at`; returns the offset behind it. */
export function writeLeb128(buffer: Uint8Array, at: number, value: number): number {
  let end = at
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) buffer[end++] = 0x80 | (rest % 0x80)
  buffer[end++] = rest
  return end
}
