/** Network byte order (RFC 1700) on plain byte arrays: no bounds checks and no errors, for readers that have checked the length. */

/** The unsigned 16-bit number at `at`. */
export function readUint16(buffer: Uint8Array, at: number): number {
  return ((buffer[at] as number) << 8) | (buffer[at + 1] as number)
}

/** The unsigned 24-bit number at `at`. */
export function readUint24(buffer: Uint8Array, at: number): number {
  return ((buffer[at] as number) << 16) | ((buffer[at + 1] as number) << 8) | (buffer[at + 2] as number)
}

/** The unsigned 32-bit number at `at`. */
export function readUint32(buffer: Uint8Array, at: number): number {
  return (
    (((buffer[at] as number) << 24) |
      ((buffer[at + 1] as number) << 16) |
      ((buffer[at + 2] as number) << 8) |
      (buffer[at + 3] as number)) >>>
    0
  )
}

/** Writes the low 16 bits of `value` at `at`; returns the offset behind them. */
export function writeUint16(buffer: Uint8Array, at: number, value: number): number {
  buffer[at] = value >>> 8
  buffer[at + 1] = value
  return at + 2
}

/** Writes the low 24 bits of `value` at `at`; returns the offset behind them. */
export function writeUint24(buffer: Uint8Array, at: number, value: number): number {
  buffer[at] = value >>> 16
  buffer[at + 1] = value >>> 8
  buffer[at + 2] = value
  return at + 3
}

/** Writes the low 32 bits of `value` at `at`; returns the offset behind them. */
export function writeUint32(buffer: Uint8Array, at: number, value: number): number {
  buffer[at] = value >>> 24
  buffer[at + 1] = value >>> 16
  buffer[at + 2] = value >>> 8
  buffer[at + 3] = value
  return at + 4
}
