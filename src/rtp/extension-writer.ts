/** Writes the header extension block of an RTP packet (RFC 8285, sections 4.2 and 4.3; its head: RFC 3550, section 5.3.1). */
import { writeUint16 } from './bytes.js'
import { ONE_BYTE_PROFILE, TWO_BYTE_PROFILE } from './header-extension.js'

/** The head of a block: profile and length. */
const BLOCK_HEAD_LENGTH = 4
const MAX_ELEMENTS = 32
const SCRATCH_LENGTH = 1024

/**
 * Collects elements and writes them as one block, reused from packet to packet.
 *
 * The one-byte form is written wherever it fits. An id above 14, or data that is empty or longer than 16 bytes, makes the whole
 * block two-byte form, which a peer understands only if it offered such ids or `extmap-allow-mixed`.
 */
export class ExtensionWriter {
  readonly #data = new Uint8Array(SCRATCH_LENGTH)
  readonly #ids = new Uint8Array(MAX_ELEMENTS)
  readonly #lengths = new Uint8Array(MAX_ELEMENTS)
  #count = 0
  #dataLength = 0
  #twoByte = false

  /** Forgets all elements. */
  reset(): void {
    this.#count = 0
    this.#dataLength = 0
    this.#twoByte = false
  }

  /** How many elements were added. */
  get count(): number {
    return this.#count
  }

  /** True if an element with that id was added. */
  has(id: number): boolean {
    for (let i = 0; i < this.#count; i++) if (this.#ids[i] === id) return true
    return false
  }

  /** Adds a copy of `source[start, start + length)`; false if id or length do not fit any form, or there is no room for it. */
  add(id: number, source: Uint8Array, start: number, length: number): boolean {
    if (start < 0 || start + length > source.length) return false
    const at = this.#open(id, length)
    if (at < 0) return false
    for (let i = 0; i < length; i++) this.#data[at + i] = source[start + i] as number
    return true
  }

  /** Adds an unsigned big-endian number of 1 to 4 bytes, such as a transport-wide sequence number; false as for `add`. */
  addNumber(id: number, value: number, length: number): boolean {
    if (length < 1 || length > 4) return false
    const at = this.#open(id, length)
    if (at < 0) return false
    for (let i = 0; i < length; i++) this.#data[at + i] = value >>> (8 * (length - 1 - i))
    return true
  }

  /** Adds text of one byte per character, such as a MID or rid; false as for `add`. */
  addAscii(id: number, text: string): boolean {
    const at = this.#open(id, text.length)
    if (at < 0) return false
    for (let i = 0; i < text.length; i++) this.#data[at + i] = text.charCodeAt(i)
    return true
  }

  /** Bytes that `write` is going to write: a multiple of 4, and 0 without elements. */
  get blockLength(): number {
    if (this.#count === 0) return 0
    const elements = this.#dataLength + this.#count * (this.#twoByte ? 2 : 1)
    return BLOCK_HEAD_LENGTH + ((elements + 3) & ~3)
  }

  /**
   * Writes the block at `offset`; returns its length, a multiple of 4. Without elements it writes nothing and returns 0, and the
   * header's extension bit must stay clear.
   */
  write(buffer: Uint8Array, offset: number): number {
    const length = this.blockLength
    if (length === 0) return 0
    let at = writeUint16(buffer, offset, this.#twoByte ? TWO_BYTE_PROFILE : ONE_BYTE_PROFILE)
    at = writeUint16(buffer, at, (length - BLOCK_HEAD_LENGTH) >> 2)
    let from = 0
    for (let i = 0; i < this.#count; i++) {
      const id = this.#ids[i] as number
      const elementLength = this.#lengths[i] as number
      if (this.#twoByte) {
        buffer[at++] = id
        buffer[at++] = elementLength
      } else {
        buffer[at++] = (id << 4) | (elementLength - 1)
      }
      for (const to = from + elementLength; from < to; from++) buffer[at++] = this.#data[from] as number
    }
    while (at < offset + length) buffer[at++] = 0
    return length
  }

  /** Room for one more element's data in the scratch memory, or -1. */
  #open(id: number, length: number): number {
    if (!(id >= 1 && id <= 255 && length >= 0 && length <= 255)) return -1
    if (this.#count === MAX_ELEMENTS || this.#dataLength + length > SCRATCH_LENGTH) return -1
    if (id > 14 || length > 16 || length === 0) this.#twoByte = true
    this.#ids[this.#count] = id
    this.#lengths[this.#count++] = length
    const at = this.#dataLength
    this.#dataLength += length
    return at
  }
}
