/** Files that hold one video and no index: the way to a time leads through everything before it, once. */
import type { ByteWindow } from './byte-window.js'
import { fileUnreadable, type MediaFile, type MediaFileTrack, type MediaFrame } from './media-file.js'

/** Places are remembered at this distance at least, so that a day is two megabytes. */
const INDEX_SPACING_US = 1_000_000

/** A place to begin at. */
export interface RawPosition {
  /** The byte where the frame begins. */
  readonly offset: number
  readonly timestampUs: number
}

/** A frame, and where it was. */
export interface PlacedFrame extends RawPosition {
  readonly frame: MediaFrame
}

/** What differs from format to format. */
export interface RawFormat {
  readonly path: string
  readonly window: ByteWindow
  readonly track: MediaFileTrack
  readonly start: RawPosition
  /** The frames from a place on. */
  read(from: RawPosition): AsyncGenerator<PlacedFrame, void, undefined>
}

/** A file without containers around its frames. */
export class RawFile implements MediaFile {
  readonly tracks: readonly MediaFileTrack[]
  readonly durationMs = undefined
  readonly skipped: readonly string[] = []
  readonly #format: RawFormat
  /** Keyframes that were come by, in order; the first is where the file begins. */
  readonly #index: RawPosition[]

  constructor(format: RawFormat) {
    this.#format = format
    this.tracks = [format.track]
    this.#index = [format.start]
  }

  async *frames(fromMs: number): AsyncGenerator<MediaFrame, void, undefined> {
    const { path } = this.#format
    const from = fromMs > 0 ? await this.#find(fromMs * 1000) : this.#format.start
    try {
      let started = false
      for await (const placed of this.#format.read(from)) {
        this.#note(placed)
        started ||= placed.frame.keyframe
        if (started) yield placed.frame
      }
    } catch (error) {
      if (error instanceof Error && 'syscall' in error) throw fileUnreadable(path, 'it cannot be read', error)
      throw error
    }
  }

  close(): Promise<void> {
    return this.#format.window.close()
  }

  /** The last keyframe at or before that time. */
  async #find(timestampUs: number): Promise<RawPosition> {
    let best = this.#before(timestampUs)
    for await (const placed of this.#format.read(best)) {
      if (placed.timestampUs > timestampUs) break
      this.#note(placed)
      if (placed.frame.keyframe) best = placed
    }
    return { offset: best.offset, timestampUs: best.timestampUs }
  }

  #before(timestampUs: number): RawPosition {
    let low = 0
    let high = this.#index.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#index[middle] as RawPosition).timestampUs <= timestampUs) low = middle
      else high = middle - 1
    }
    return this.#index[low] as RawPosition
  }

  #note({ frame, offset, timestampUs }: PlacedFrame): void {
    const last = this.#index.at(-1) as RawPosition
    if (!frame.keyframe || timestampUs < last.timestampUs + INDEX_SPACING_US) return
    this.#index.push({ offset, timestampUs })
  }
}
