/** A stream of the application's that gets a file as it is made: `Writable` of Node or `WritableStream` of the web. */
import type { ByteTarget } from './byte-target.js'

/** As much of Node's `Writable` as is used. */
export interface NodeWritableLike {
  /** Takes bytes; false while it wants no more before `drain`. */
  write(data: Uint8Array, onWritten: (error?: Error | null) => void): boolean
  /** Nothing comes any more. */
  end(onEnded: () => void): unknown
  /** Hears why it failed. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Hears that it wants more. */
  on(event: 'drain', listener: () => void): unknown
  /** Undoes `on`. */
  removeListener(event: string, listener: (...args: never[]) => void): unknown
}

/** As much of the web's `WritableStream` as is used. */
export interface WebWritableLike {
  /** Locks it for the one who writes. */
  getWriter(): WebWriterLike
}

/** As much of the web's `WritableStreamDefaultWriter` as is used. */
export interface WebWriterLike {
  /** Resolves when it wants more. */
  readonly ready: Promise<unknown>
  /** Takes bytes; rejects with why it failed. */
  write(data: Uint8Array): Promise<unknown>
  /** Nothing comes any more. */
  close(): Promise<unknown>
}

/** A stream that takes bytes. */
export type WritableLike = NodeWritableLike | WebWritableLike

/** A target that appends to `writable`, and waits when that says so. */
export function streamTarget(writable: WritableLike, name: string): ByteTarget {
  return 'getWriter' in writable ? new WebTarget(writable, name) : new NodeTarget(writable, name)
}

class NodeTarget implements ByteTarget {
  readonly appendsOnly = true
  bytes = 0
  #error: Error | undefined
  #wake: (() => void) | undefined
  readonly #onError = (error: Error): void => {
    this.#error ??= error
    this.#wake?.()
  }
  readonly #onDrain = (): void => this.#wake?.()

  constructor(
    readonly writable: NodeWritableLike,
    readonly name: string,
  ) {
    writable.on('error', this.#onError)
    writable.on('drain', this.#onDrain)
  }

  async write(data: Uint8Array): Promise<void> {
    this.#check()
    this.bytes += data.length
    const goesOn = this.writable.write(data, (error) => {
      if (error) this.#onError(error)
    })
    if (!goesOn) await this.#drained()
    this.#check()
  }

  async flush(): Promise<void> {
    this.#check()
  }

  async close(): Promise<void> {
    this.writable.removeListener('drain', this.#onDrain)
    if (this.#error === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        this.writable.end(resolve)
      })
    }
    // The listener for errors stays: one that comes late must not end the process.
    this.#check()
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #check(): void {
    if (this.#error !== undefined) throw this.#error
  }
}

class WebTarget implements ByteTarget {
  readonly appendsOnly = true
  bytes = 0
  readonly #writer: ReturnType<WebWritableLike['getWriter']>
  #error: unknown

  constructor(
    writable: WebWritableLike,
    readonly name: string,
  ) {
    this.#writer = writable.getWriter()
  }

  async write(data: Uint8Array): Promise<void> {
    await this.#writer.ready
    await this.flush()
    this.bytes += data.length
    this.#writer.write(data).catch((error) => {
      this.#error ??= error ?? new Error('the stream failed')
    })
  }

  async flush(): Promise<void> {
    if (this.#error !== undefined) throw this.#error
  }

  async close(): Promise<void> {
    await this.#writer.close()
    await this.flush()
  }
}
