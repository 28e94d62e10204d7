/** Reads big-endian fields and length-prefixed vectors of TLS structures (RFC 5246, section 4) without ever reading past the end. */

const NOTHING = Buffer.alloc(0)

/**
 * A cursor over bytes of the network. A read past the end yields zero or nothing and marks the reader as failed, so that a parser
 * reads all its fields first and asks once at the end.
 */
export class ByteReader {
  readonly #bytes: Buffer
  #offset = 0
  #failed = false

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  /** Whether a read went past the end. */
  get failed(): boolean {
    return this.#failed
  }

  /** Whether everything was read, and nothing beyond. */
  get complete(): boolean {
    return !this.#failed && this.remaining === 0
  }

  uint8(): number {
    return this.#uint(1)
  }

  uint16(): number {
    return this.#uint(2)
  }

  uint24(): number {
    return this.#uint(3)
  }

  /** A view on the next `length` bytes. */
  bytes(length: number): Buffer {
    if (this.#failed || length > this.remaining) {
      this.#failed = true
      return NOTHING
    }
    const start = this.#offset
    this.#offset += length
    return this.#bytes.subarray(start, this.#offset)
  }

  /** A vector behind a length of `lengthBytes` bytes. */
  vector(lengthBytes: 1 | 2 | 3): Buffer {
    return this.bytes(this.#uint(lengthBytes))
  }

  #uint(length: 1 | 2 | 3): number {
    if (this.#failed || length > this.remaining) {
      this.#failed = true
      return 0
    }
    const value = this.#bytes.readUIntBE(this.#offset, length)
    this.#offset += length
    return value
  }
}
