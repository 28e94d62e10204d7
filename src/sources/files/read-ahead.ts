/** Frames read before they are due, so that a slow disk is not noticed; bounded in time and bytes. */
import type { PlaylistFrame } from './playlist.js'

/** How much is read ahead at most; a frame more, as its size is not known before. */
export interface ReadAheadLimits {
  readonly maxMs: number
  readonly maxBytes: number
}

/** A queue that fills itself. */
export class ReadAhead {
  readonly #frames: AsyncGenerator<PlaylistFrame, number, undefined>
  readonly #limits: ReadAheadLimits
  readonly #onReady: () => void
  /** Frames before `#head` are gone. */
  #queue: (PlaylistFrame | undefined)[] = []
  #head = 0
  #bytes = 0
  #newestUs = 0
  #reading = false
  #stopped = false
  #endUs: number | undefined
  #error: unknown

  /** @param onReady the queue was empty, and has a frame now, or is at its end. */
  constructor(frames: AsyncGenerator<PlaylistFrame, number, undefined>, limits: ReadAheadLimits, onReady: () => void) {
    this.#frames = frames
    this.#limits = limits
    this.#onReady = onReady
    void this.#read()
  }

  /** The bytes of frames that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** The next frame; undefined while there is none. */
  get first(): PlaylistFrame | undefined {
    return this.#queue[this.#head]
  }

  /** Where the line ends, once all of it was read; frames may still wait. */
  get endUs(): number | undefined {
    return this.#endUs
  }

  /** Why reading failed, behind the frames that wait. */
  get error(): unknown {
    return this.#error
  }

  /** Goes to the next frame. */
  shift(): void {
    const frame = this.first
    if (frame === undefined) return
    this.#queue[this.#head++] = undefined
    this.#bytes -= frame.data.length
    if (this.#head === this.#queue.length || this.#head >= 1024) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    if (!this.#isFull(0.5)) void this.#read()
  }

  /** Reads no more, and forgets what waits. Resolves when the file is left alone. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#queue = []
    this.#head = 0
    this.#bytes = 0
    await this.#frames.return(0)
  }

  async #read(): Promise<void> {
    if (this.#reading || this.#stopped || this.#endUs !== undefined || this.#error !== undefined) return
    this.#reading = true
    while (!this.#isFull(1)) {
      try {
        const { done, value } = await this.#frames.next()
        if (this.#stopped) return
        if (done) this.#endUs = value
        else this.#push(value)
      } catch (error) {
        if (this.#stopped) return
        this.#error = error ?? new Error('reading failed')
      }
      if (this.#endUs !== undefined || this.#error !== undefined) break
    }
    this.#reading = false
    if (this.first === undefined) this.#onReady()
  }

  #push(frame: PlaylistFrame): void {
    const wasEmpty = this.first === undefined
    this.#queue.push(frame)
    this.#bytes += frame.data.length
    this.#newestUs = frame.lineUs
    if (wasEmpty) this.#onReady()
  }

  #isFull(part: number): boolean {
    const { first } = this
    if (first === undefined) return false
    const { maxMs, maxBytes } = this.#limits
    return this.#bytes >= part * maxBytes || this.#newestUs - first.lineUs >= part * maxMs * 1000
  }
}
