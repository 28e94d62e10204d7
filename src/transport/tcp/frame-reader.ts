/** Takes a stream of bytes apart into packets: each one behind its length in 16 bits (RFC 4571, section 2). */

/** Takes one packet; false to read no further. */
export type OnFrame = (frame: Buffer) => boolean

/** The packets of one stream. It never holds more than the part of one packet that has come. */
export class FrameReader {
  /** Longer packets end the stream; may be changed at any time. */
  maxFrameBytes: number
  /** The first byte of a length whose second one has not come; -1 for none. */
  #lengthByte = -1
  #partial: Buffer | undefined
  #filled = 0

  constructor(maxFrameBytes: number) {
    this.maxFrameBytes = maxFrameBytes
  }

  /**
   * Takes the next bytes of the stream; packets that lie in them as a whole are views of `chunk`.
   *
   * @returns false if nothing more is to be read: a packet is too long, or `onFrame` said so.
   */
  push(chunk: Buffer, onFrame: OnFrame): boolean {
    let at = 0
    while (at < chunk.length) {
      if (this.#partial === undefined) {
        let length = chunk[at++] as number
        if (this.#lengthByte < 0) {
          this.#lengthByte = length
          continue
        }
        length |= this.#lengthByte << 8
        this.#lengthByte = -1
        if (length > this.maxFrameBytes) return false
        // A packet without content says nothing.
        if (length === 0) continue
        if (chunk.length - at >= length) {
          if (!onFrame(chunk.subarray(at, at + length))) return false
          at += length
          continue
        }
        this.#partial = Buffer.allocUnsafe(length)
        this.#filled = 0
      }
      const frame = this.#partial
      const copied = chunk.copy(frame, this.#filled, at)
      at += copied
      this.#filled += copied
      if (this.#filled < frame.length) return true
      this.#partial = undefined
      if (!onFrame(frame)) return false
    }
    return true
  }
}
