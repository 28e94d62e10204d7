/** A file that is written in a few large pieces. */
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ByteTarget } from './byte-target.js'

/** So much is gathered before it is written. */
const GATHERED_BYTES = 256 * 1024

interface Piece {
  position: number
  readonly parts: Uint8Array[]
  length: number
}

/** See the top of the file. */
export class FileTarget implements ByteTarget {
  readonly name: string
  readonly appendsOnly = false
  #bytes = 0
  #pieces: Piece[] = []
  #gathered = 0

  private constructor(
    path: string,
    readonly handle: FileHandle,
  ) {
    this.name = basename(path)
  }

  /** Makes the file. Rejects if there is one of that name: no recording is ever written over. */
  static async create(path: string): Promise<FileTarget> {
    return new FileTarget(path, await open(path, 'wx'))
  }

  get bytes(): number {
    return this.#bytes
  }

  async write(data: Uint8Array, position: number): Promise<void> {
    this.#bytes = Math.max(this.#bytes, position + data.length)
    this.#gathered += data.length
    const last = this.#pieces.at(-1)
    if (last !== undefined && last.position + last.length === position) {
      last.parts.push(data)
      last.length += data.length
    } else this.#pieces.push({ position, parts: [data], length: data.length })
    if (this.#gathered >= GATHERED_BYTES) await this.flush()
  }

  async flush(): Promise<void> {
    const pieces = this.#pieces
    this.#pieces = []
    this.#gathered = 0
    for (const { position, parts } of pieces) await this.#writeAll(Buffer.concat(parts), position)
  }

  /** Closes it even if what was gathered cannot be written any more; rejects with why. */
  async close(): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.handle.close()
    }
  }

  async #writeAll(data: Buffer, position: number): Promise<void> {
    let at = 0
    while (at < data.length) {
      const { bytesWritten } = await this.handle.write(data, at, data.length - at, position + at)
      at += bytesWritten
    }
  }
}
