/**
 * Keeps a WebM file readable while it is being written. The muxer fills in the sizes of the segment and of each cluster when they are over; if that never happens, what
 * stands there makes readers stop. So they are first written as "unknown", which readers take as "to the end" (RFC 8794, section 6.2). Some readers know
 * the shortest form of that only: it gets one byte, and an empty element (section 11.3.2) the rest of the room.
 */

/** The ids of both elements are this long. */
const ID_BYTES = 4
const UNKNOWN_SIZE = 0xff
const VOID_ID = 0xec

/** See the top of the file. Positions are bytes from the beginning of the file. */
export class OpenSizes {
  /** Where elements begin whose size is not known, with how many bytes it has. */
  readonly #open = new Map<number, number>()
  #end = 0
  #isClosing = false

  /** The element at `position` has been begun; its size takes `sizeBytes`. */
  begin(position: number, sizeBytes: number): void {
    if (!this.#isClosing) this.#open.set(position, sizeBytes)
  }

  /** The muxer has filled in the size of the element at `position`. */
  finish(position: number): void {
    this.#open.delete(position)
  }

  /** The file is about to be completed: all sizes will be known. */
  close(): void {
    this.#isClosing = true
    this.#open.clear()
  }

  /** `data` is about to be written at `position`. Sizes that it has for the first time become unknown, in `data` itself. */
  patch(data: Uint8Array, position: number): void {
    const end = position + data.length
    for (const [start, sizeBytes] of this.#open) {
      const at = start + ID_BYTES
      if (at < this.#end || at < position || at + sizeBytes > end) continue
      data.fill(0, at - position, at - position + sizeBytes)
      data.set([UNKNOWN_SIZE, VOID_ID, 0x80 + sizeBytes - 3], at - position)
    }
    this.#end = Math.max(this.#end, end)
  }
}
