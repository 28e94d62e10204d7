/** RTP header extension elements, read in place: the one-byte and the two-byte form of RFC 8285, sections 4.2 and 4.3. */
import type { RtpHeader } from './rtp-header.js'

/** The "defined by profile" value of the one-byte form. */
export const ONE_BYTE_PROFILE = 0xbede

/** The "defined by profile" value of the two-byte form, with its four application bits zero. */
export const TWO_BYTE_PROFILE = 0x1000

/** In the one-byte form this id ends the elements, whatever follows. */
const ONE_BYTE_STOP_ID = 15

/**
 * A cursor over the elements of one header extension, reused from packet to packet.
 *
 * @example
 * ```ts
 * element.reset(header)
 * while (element.next(buffer)) use(element.id, element.offset, element.length)
 * ```
 */
export class ExtensionElement {
  /** The local identifier, 1 to 14 or, in the two-byte form, 1 to 255. */
  id = 0
  /** Where the element's data begins, as an offset into the buffer. */
  offset = 0
  /** Bytes of data; 0 is possible in the two-byte form. */
  length = 0
  #at = 0
  #end = 0
  #twoByte = false

  /** Goes before the first element of the header. An unknown profile has no elements. */
  reset(header: RtpHeader): void {
    const { extensionProfile } = header
    this.#twoByte = (extensionProfile & 0xfff0) === TWO_BYTE_PROFILE
    this.#at = header.extensionOffset
    this.#end = this.#at
    if (this.#twoByte || extensionProfile === ONE_BYTE_PROFILE) this.#end += header.extensionLength
  }

  /** Moves to the next element; false at the end and at an element that is cut off. */
  next(buffer: Uint8Array): boolean {
    while (this.#at < this.#end) {
      const first = buffer[this.#at] as number
      // A byte of padding; in the two-byte form an id of zero has no length byte either.
      if (first === 0) {
        this.#at++
        continue
      }
      return this.#twoByte ? this.#twoByteElement(buffer, first) : this.#oneByteElement(first)
    }
    return false
  }

  /** Moves to the first element with that id; false if there is none. */
  find(buffer: Uint8Array, header: RtpHeader, id: number): boolean {
    this.reset(header)
    while (this.next(buffer)) if (this.id === id) return true
    return false
  }

  #oneByteElement(first: number): boolean {
    const id = first >> 4
    // An id of zero with a length is neither padding nor an element: nothing behind it can be trusted.
    if (id === ONE_BYTE_STOP_ID || id === 0) return this.#stop()
    return this.#take(id, this.#at + 1, (first & 0x0f) + 1)
  }

  #twoByteElement(buffer: Uint8Array, id: number): boolean {
    if (this.#at + 2 > this.#end) return this.#stop()
    return this.#take(id, this.#at + 2, buffer[this.#at + 1] as number)
  }

  #take(id: number, offset: number, length: number): boolean {
    if (offset + length > this.#end) return this.#stop()
    this.id = id
    this.offset = offset
    this.length = length
    this.#at = offset + length
    return true
  }

  #stop(): false {
    this.#at = this.#end
    return false
  }
}

const cursor = new ExtensionElement()

/** Where the data of the first element with that id begins, as an offset into the buffer, or -1. */
export function findExtension(buffer: Uint8Array, header: RtpHeader, id: number): number {
  return cursor.find(buffer, header, id) ? cursor.offset : -1
}

/** Bytes of the element whose data {@link findExtension} found at `offset`. */
export function extensionElementLength(buffer: Uint8Array, header: RtpHeader, offset: number): number {
  const lengthByte = buffer[offset - 1] as number
  return header.extensionProfile === ONE_BYTE_PROFILE ? (lengthByte & 0x0f) + 1 : lengthByte
}
