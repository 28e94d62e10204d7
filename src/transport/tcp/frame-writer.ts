/**
 * Puts packets into a stream, each behind its length in 16 bits (RFC 4571, section 2): those of one turn of the event loop together, as each write
 * is a system call.
 */
import type { Socket } from 'node:net'

/** What is collected for one write, at most. */
const CHUNK_BYTES = 16 * 1024
const LENGTH_BYTES = 2

/** What is written to; a socket, or a test's. */
export type WritableSocket = Pick<Socket, 'write' | 'writableLength'>

/** The way out of one connection. */
export class FrameWriter {
  readonly #socket: WritableSocket
  #chunk: Buffer | undefined
  #used = 0

  constructor(socket: WritableSocket) {
    this.#socket = socket
  }

  /** Bytes that wait for the kernel. */
  get queuedBytes(): number {
    return this.#used + this.#socket.writableLength
  }

  /** True if nothing waits for `flush`. */
  get isEmpty(): boolean {
    return this.#used === 0
  }

  /** Adds the packet at `buffer[offset, offset + length)`, which may be written over afterwards. It leaves with `flush`. */
  add(buffer: Buffer, offset: number, length: number): void {
    const needed = length + LENGTH_BYTES
    if (this.#chunk !== undefined && this.#used + needed > this.#chunk.length) this.flush()
    if (this.#chunk === undefined || needed > this.#chunk.length) {
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, needed))
    }
    this.#used = this.#chunk.writeUInt16BE(length, this.#used)
    this.#used += buffer.copy(this.#chunk, this.#used, offset, offset + length)
  }

  /** Hands what was added to the socket. */
  flush(): void {
    if (this.#used === 0 || this.#chunk === undefined) return
    this.#socket.write(this.#chunk.subarray(0, this.#used))
    this.#used = 0
    // What the kernel has not taken at once still lies in the chunk.
    if (this.#socket.writableLength > 0) this.#chunk = undefined
  }
}
