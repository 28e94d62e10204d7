/** A file read in large pieces from wherever it is wanted, with one piece in memory. */
import { type FileHandle, open } from 'node:fs/promises'

const CHUNK_BYTES = 256 * 1024

/** As much of a file handle as is used. */
export interface RandomAccess {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
  close(): Promise<void>
}

/** The piece of a file that is in memory. */
export class ByteWindow {
  readonly #file: RandomAccess
  #buffer: Buffer
  /** Where in the file the piece begins, and how long it is. */
  #start = 0
  #length = 0
  #closing: Promise<void> | undefined

  constructor(file: RandomAccess, chunkBytes = CHUNK_BYTES) {
    this.#file = file
    this.#buffer = Buffer.allocUnsafe(chunkBytes)
  }

  /** The window of the file at `path`. Rejects as `open` of Node does. */
  static async open(path: string): Promise<ByteWindow> {
    const handle: FileHandle = await open(path, 'r')
    return new ByteWindow(handle)
  }

  /**
   * What is in memory from `position` on: at least `length` bytes, fewer only where the file ends. Valid until the next call.
   */
  async peek(position: number, length: number): Promise<Buffer> {
    const end = this.#start + this.#length
    if (position < this.#start || position + length > end) await this.#load(position, length)
    const from = position - this.#start
    return this.#buffer.subarray(from, Math.max(from, this.#length))
  }

  /** Closes the file. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#file.close()
    return this.#closing
  }

  async #load(position: number, length: number): Promise<void> {
    const buffer = length > this.#buffer.length ? Buffer.allocUnsafe(2 * length) : this.#buffer
    const end = this.#start + this.#length
    const keeps = position >= this.#start && position < end
    const kept = keeps ? this.#buffer.copy(buffer, 0, position - this.#start, this.#length) : 0
    this.#buffer = buffer
    this.#start = position
    this.#length = kept
    while (this.#length < length) {
      const at = this.#length
      const { bytesRead } = await this.#file.read(buffer, at, buffer.length - at, position + at)
      if (bytesRead === 0) return
      this.#length += bytesRead
    }
  }
}
