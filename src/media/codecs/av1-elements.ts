/** The OBU elements of an AV1 payload: OBUs and fragments of them (RTP Payload Format For AV1, v1.0, section 4.4). */
import { leb128Length, readLeb128 } from './leb128.js'

/** Goes through the elements of one payload after the other, without allocating. */
export class Av1Elements {
  /** The element lies in `[start, end)`. It may be empty. */
  start = 0
  end = 0
  /** Z: the first element continues the last one of the packet before. */
  continues = false
  /** Y: the last element is continued in the next packet. */
  continued = false
  /** True once an element was cut off, against what the payload says of it. That ends the payload. */
  cutOff = false
  #buffer: Uint8Array = new Uint8Array(0)
  #at = 0
  #end = 0
  /** The elements that are left, of which the last has no length; infinite where every element has one. */
  #left = 0

  /** Begins with the payload `buffer[start, end)`. */
  reset(buffer: Uint8Array, start: number, end: number): void {
    this.#buffer = buffer
    this.#at = start + 1
    this.#end = end
    const header = start < end ? (buffer[start] as number) : 0
    this.continues = (header & 0x80) !== 0
    this.continued = (header & 0x40) !== 0
    this.cutOff = false
    // W.
    const count = (header >> 4) & 0x03
    this.#left = count === 0 ? Number.POSITIVE_INFINITY : count
  }

  /** Goes to the next element; false if there is none. */
  next(): boolean {
    if (this.#at >= this.#end) return false
    const size = this.#left-- === 1 ? this.#end - this.#at : this.#readSize()
    if (size < 0 || this.#at + size > this.#end) {
      this.cutOff = true
      this.#at = this.#end
      return false
    }
    this.start = this.#at
    this.end = this.#at + size
    this.#at = this.end
    return true
  }

  /** Reads the length of the next element and goes behind it; -1 if it is none. */
  #readSize(): number {
    const size = readLeb128(this.#buffer, this.#at, this.#end)
    if (size >= 0) this.#at += leb128Length(this.#buffer, this.#at)
    return size
  }
}
