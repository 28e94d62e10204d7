/** Files one after the other on one line of time, without gap, again and again if wanted. */
import type { Codec, MediaKind } from '../../rtp/types.js'
import type { MediaFile } from './media-file.js'

/** A frame on the line. */
export interface PlaylistFrame {
  readonly kind: MediaKind
  readonly codec: Codec
  readonly data: Uint8Array
  readonly keyframe: boolean
  /** When it is shown, from where the line begins. */
  readonly lineUs: number
  readonly durationUs: number
  /** Of which file, counted from 0, and where in it. */
  readonly item: number
  readonly itemUs: number
  readonly itemDurationMs: number | undefined
  /** How many times the whole list was played before. */
  readonly round: number
}

/** What is played. */
export interface PlaylistOptions {
  readonly paths: readonly string[]
  readonly loop: boolean
  open(path: string): Promise<MediaFile>
  /** A file of several could not be played, or not to its end: the next one follows. */
  onItemFailed(item: number, error: unknown): void
}

/** The list, with one file open at a time. */
export class Playlist {
  readonly #options: PlaylistOptions
  #open: { readonly path: string; readonly file: MediaFile } | undefined

  constructor(options: PlaylistOptions) {
    this.#options = options
  }

  /** How many files there are. */
  get length(): number {
    return this.#options.paths.length
  }

  /**
   * The frames from a place in a file on, or rather from the last keyframe before it; returns where the line ends. Only one such way can be gone
   * at a time. Rejects when none of the files can be played.
   *
   * @param round how many times the list was played before.
   */
  async *frames(item: number, fromMs: number, round = 0): AsyncGenerator<PlaylistFrame, number, undefined> {
    const { paths, loop, onItemFailed } = this.#options
    let endUs = 0
    let failures = 0
    let beginMs = fromMs
    const endPlace = loop ? Number.POSITIVE_INFINITY : (round + 1) * paths.length
    for (let place = round * paths.length + item; place < endPlace; place++) {
      const index = place % paths.length
      try {
        const frames = this.#item(index, beginMs, endUs, Math.floor(place / paths.length))
        for await (const frame of frames) {
          endUs = Math.max(endUs, frame.lineUs + frame.durationUs)
          failures = 0
          yield frame
        }
      } catch (error) {
        if (paths.length === 1 || ++failures >= paths.length) throw error
        onItemFailed(index, error)
      }
      beginMs = 0
    }
    return endUs
  }

  /** Closes the file that is open. Idempotent. */
  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await open?.file.close()
  }

  async *#item(
    item: number,
    fromMs: number,
    startUs: number,
    round: number,
  ): AsyncGenerator<PlaylistFrame, void, undefined> {
    const file = await this.#file(this.#options.paths[item] as string)
    const { durationMs } = file
    let firstUs: number | undefined
    for await (const { kind, data, keyframe, timestampUs, durationUs } of file.frames(fromMs)) {
      firstUs ??= timestampUs
      const codec = codecOf(file, kind)
      const lineUs = startUs + Math.max(0, timestampUs - firstUs)
      const place = { item, itemUs: timestampUs, itemDurationMs: durationMs, round }
      yield { kind, codec, data, keyframe, lineUs, durationUs, ...place }
    }
  }

  /** The file stays open for the next round and for seeking, until another one is wanted. */
  async #file(path: string): Promise<MediaFile> {
    if (this.#open?.path === path) return this.#open.file
    await this.close()
    const file = await this.#options.open(path)
    this.#open = { path, file }
    return file
  }
}

function codecOf(file: MediaFile, kind: MediaKind): Codec {
  return (file.tracks.find((track) => track.kind === kind) as MediaFile['tracks'][number]).codec
}
