/** The way out of media that the application reads itself: an async iterable with a bounded queue. */
import { BroadcastError } from '../errors.js'

/** How much waits at most for a reader that is slow. */
export interface TapLimits {
  readonly maxQueued: number
  readonly maxQueuedBytes: number
}

/** What a {@link TapStream} carries. */
export interface Tapped {
  readonly data: Uint8Array
}

/**
 * What `broadcast.frames()` and `broadcast.packets()` return. Reading begins with what comes next, waits while nobody publishes, and ends when the broadcast is
 * closed. `break` and {@link TapStream.close} end it before. It is read by one reader at a time.
 */
export class TapStream<Item extends Tapped> implements AsyncIterableIterator<Item> {
  /** How many items were left out because the reader was too slow. */
  dropped = 0
  readonly #limits: TapLimits
  readonly #queue: Item[] = []
  #queuedBytes = 0
  #waiting: Waiting<IteratorResult<Item>> | undefined
  #ended = false
  #error: unknown
  #onClose: (() => void) | undefined

  /** @internal */
  constructor(limits: TapLimits) {
    this.#limits = limits
  }

  /** How many items wait. */
  get queued(): number {
    return this.#queue.length
  }

  /** The next item, once it is there. Rejects with `request-invalid` while another one is waited for, and with why the stream could not begin. */
  next(): Promise<IteratorResult<Item>> {
    const item = this.#queue.shift()
    if (item !== undefined) {
      this.#queuedBytes -= item.data.length
      return Promise.resolve({ done: false, value: item })
    }
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    if (this.#waiting) return Promise.reject(new BroadcastError('request-invalid', 'a stream has one reader at a time'))
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  /** Ends it, as `break` does. */
  async return(): Promise<IteratorResult<Item>> {
    this.close()
    return { done: true, value: undefined }
  }

  /** Ends it: what waits is gone, and a reader that waits gets the end. Idempotent. */
  close(): void {
    this.#queue.length = 0
    this.#queuedBytes = 0
    this.end()
  }

  /** Itself, for `for await`. */
  [Symbol.asyncIterator](): this {
    return this
  }

  /** False, and counted, where there is no room. @internal */
  push(item: Item): boolean {
    if (this.#ended) return false
    const waiting = this.#waiting
    if (waiting) {
      this.#waiting = undefined
      waiting.resolve({ done: false, value: item })
      return true
    }
    const { maxQueued, maxQueuedBytes } = this.#limits
    if (this.#queue.length >= maxQueued || this.#queuedBytes + item.data.length > maxQueuedBytes) {
      this.dropped++
      return false
    }
    this.#queue.push(item)
    this.#queuedBytes += item.data.length
    return true
  }

  /** Something was left out, as the reader was too slow before. @internal */
  skip(): void {
    if (!this.#ended) this.dropped++
  }

  /** Nothing comes any more; what waits can still be read. @internal */
  end(error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    const waiting = this.#waiting
    this.#waiting = undefined
    if (error === undefined) waiting?.resolve({ done: true, value: undefined })
    else waiting?.reject(error)
    this.#onClose?.()
  }

  /** What to do at the end; at once, if it has come. @internal */
  set onClose(onClose: () => void) {
    if (this.#ended) onClose()
    else this.#onClose = onClose
  }
}

interface Waiting<T> {
  resolve(value: T): void
  reject(error: unknown): void
}
