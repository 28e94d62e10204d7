/** The OBUs that an AV1 payload holds or begins (RTP Payload Format For AV1, v1.0, sections 4.4 and 4.5; AV1 specification, section 5.3). */

/** A leb128 number has at most 8 bytes (AV1 specification, section 4.10.5). */
const MAX_LEB128_LENGTH = 8

/** Goes through the OBUs of one payload after the other, without allocating. */
export class Av1Obus {
  /** obu_type. */
  type = 0
  /** What follows the OBU's header, as far as the payload has it, lies in `[start, end)`. */
  start = 0
  end = 0
  #buffer: Uint8Array = new Uint8Array(0)
  #at = 0
  #end = 0
  /** The elements that are left, of which the last has no length; infinite where every element has one. */
  #elements = 0

  /** Begins with the payload `buffer[start, end)`. The first OBU of one that continues a fragment cannot be read. */
  reset(buffer: Uint8Array, start: number, end: number): void {
    this.#buffer = buffer
    this.#at = start + 1
    this.#end = end
    // W.
    const count = start < end ? ((buffer[start] as number) >> 4) & 0x03 : 0
    this.#elements = count === 0 ? Number.POSITIVE_INFINITY : count
  }

  /** Goes to the next OBU; false if there is none. One that is cut off, against what the payload says of it, ends it. */
  next(): boolean {
    while (this.#at < this.#end) {
      const size = this.#elements-- === 1 ? this.#end - this.#at : this.#readLeb128(this.#end)
      if (size < 0 || this.#at + size > this.#end) {
        this.#at = this.#end
        return false
      }
      const at = this.#at
      this.#at += size
      if (size > 0) return this.#readHeader(at)
    }
    return false
  }

  #readHeader(at: number): boolean {
    const header = this.#buffer[at] as number
    const next = this.#at
    this.type = (header >> 3) & 0x0f
    this.start = at + ((header & 0x04) === 0 ? 1 : 2)
    this.end = next
    // A size within the OBU is not needed in RTP, but allowed.
    if ((header & 0x02) === 0) return true
    this.#at = this.start
    const size = this.#readLeb128(next)
    if (size >= 0) {
      this.start = this.#at
      this.end = Math.min(this.start + size, next)
    }
    this.#at = next
    return true
  }

  /** Reads the little-endian base 128 number that comes next and goes behind it; -1 if it is cut off or too long. */
  #readLeb128(end: number): number {
    let value = 0
    for (let i = 0; i < MAX_LEB128_LENGTH && this.#at < end; i++) {
      const byte = this.#buffer[this.#at++] as number
      value += (byte & 0x7f) * 2 ** (7 * i)
      if ((byte & 0x80) === 0) return value
    }
    return -1
  }
}
