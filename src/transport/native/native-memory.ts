/**
 * Memory that native code is given addresses into. It is a Buffer of JavaScript's own, so whoever holds on to a view of it for too long reads
 * stale bytes at worst, and it goes when nobody needs it. Every address that is handed to C comes from `at`, which checks the bounds.
 */
import { BroadcastError } from '../../errors.js'
import type { NativeLibrary } from './koffi-library.js'

/** One block, all zero at first: what the kernel reads of a structure that nobody has written must not be garbage. */
export class NativeMemory {
  readonly buffer: Buffer
  readonly length: number
  readonly #address: number

  constructor(library: NativeLibrary, length: number) {
    this.buffer = Buffer.alloc(length)
    this.length = length
    this.#address = library.addressOf(this.buffer)
  }

  /** The address of `buffer[offset, offset + length)`. Throws `internal-error` unless all of it lies within. */
  at(offset: number, length: number): number {
    // Written so that NaN and fractions fail, too.
    if (!(offset >= 0 && length >= 0 && offset + length <= this.length && Number.isInteger(offset + length))) {
      throw new BroadcastError('internal-error', 'an address outside of the native memory', {
        details: { offset, length, size: this.length },
      })
    }
    return this.#address + offset
  }

  /** Writes an address (or any 64-bit number below 2^53) as C has it on a little-endian machine with 64 bits. */
  writeAddress(offset: number, address: number): void {
    this.buffer.writeUInt32LE(address % 0x1_0000_0000, offset)
    this.buffer.writeUInt32LE(Math.floor(address / 0x1_0000_0000), offset + 4)
  }
}
