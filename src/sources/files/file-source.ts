/** Plays media files into a broadcast. */
import { BroadcastError } from '../../errors.js'
import type { LocalSource, SourceContext } from '../../media/local-ends.js'
import type { MediaSource } from '../../media/types.js'
import { TypedEmitter } from '../../util/emitter.js'
import { integerOption, numberOption } from '../../util/options.js'
import type { DeadlineQueue } from '../../util/scheduler.js'
import type { LocalTracks } from '../local-tracks.js'
import { FilePlayback } from './file-playback.js'
import {
  type FileProgress,
  type FileSourceConfig,
  type FileSourceOptions,
  fileSourceConfig,
  MAX_POSITION_MS,
} from './file-source-options.js'
import { FileTracks } from './file-tracks.js'
import type { MediaFile } from './media-file.js'
import { openMediaFile } from './open-media-file.js'
import { Playlist, type PlaylistFrame } from './playlist.js'

/** Events of a {@link FileSource}. */
export type FileSourceEvents = {
  /** Where it is, from time to time; see `progressIntervalMs`. */
  progress: [progress: FileProgress]
  /** A file of the playlist begins, also the first one. */
  item: [path: string, item: number]
  /** The playlist begins anew, after so many times. */
  looped: [rounds: number]
  /** Everything was played; its session ends next. */
  ended: []
  /** Reading, or this process, was so slow that the media was put off by that much. */
  stalled: [shiftMs: number]
  /** A file of several could not be played, or not to its end; the next one follows. */
  'item-failed': [path: string, error: BroadcastError]
}

/** What a {@link FileSource} is doing. */
export type FileSourceState = 'new' | 'playing' | 'paused' | 'closed'

/** What a {@link FileSource} has done. */
export interface FileSourceStats {
  readonly state: FileSourceState
  /** Undefined before the first frame was played. */
  readonly progress: FileProgress | undefined
  /** Frames played, of audio and video. */
  readonly frames: number
  /** Bytes of frames that are read, and not due yet. */
  readonly readAheadBytes: number
  /** How often the media was put off, and by how much in all. */
  readonly stalls: number
  readonly stalledMs: number
  /** The tracks that are left out, by their codecs; see `skipUnsupported`. */
  readonly skipped: readonly string[]
}

/** A publisher that plays files; made by {@link fileSource}. It goes into one broadcast, once. */
export class FileSource extends TypedEmitter<FileSourceEvents> implements LocalSource {
  readonly #config: FileSourceConfig
  readonly #open: (path: string) => Promise<MediaFile>
  readonly #playlist: Playlist
  readonly #tracks: FileTracks
  readonly #skipped = new Set<string>()
  #scheduler: DeadlineQueue | undefined
  #source: LocalTracks | undefined
  #playback: FilePlayback | undefined
  #state: FileSourceState = 'new'
  #progress: FileProgress | undefined
  #progressDueMs = Number.NEGATIVE_INFINITY
  #frames = 0
  #stalls = 0
  #stalledMs = 0

  /** @internal */
  constructor(config: FileSourceConfig, open = (path: string) => openMediaFile(path, config.file)) {
    super()
    const { paths, loop, onProgress } = config
    this.#config = config
    this.#open = open
    this.#tracks = new FileTracks(config.maxPayloadBytes)
    const onItemFailed = (item: number, error: unknown) => {
      this.emit('item-failed', paths[item] as string, BroadcastError.from(error))
    }
    this.#playlist = new Playlist({ paths, loop, open, onItemFailed })
    if (onProgress) this.on('progress', onProgress)
  }

  /**
   * Called by the broadcast that takes it: looks into every file. Rejects with `file-unreadable`, `track-unsupported`, `package-missing`, and with
   * `request-invalid` the second time.
   */
  async open(context: SourceContext): Promise<MediaSource> {
    if (this.#scheduler) throw new BroadcastError('request-invalid', 'a source is added to one broadcast, once')
    this.#scheduler = context.scheduler
    for (const path of new Set(this.#config.paths)) {
      const file = await this.#open(path)
      this.#tracks.add(file)
      for (const name of file.skipped) this.#skipped.add(name)
      await file.close()
    }
    this.#source = this.#tracks.join()
    return this.#source.open(context)
  }

  /** Called by the broadcast that takes it. */
  start(onEnd: (error?: unknown) => void): void {
    const playback = new FilePlayback(this.#config, this.#playlist, this.#scheduler as DeadlineQueue, {
      onFrame: (frame, timestampUs) => this.#play(frame, timestampUs),
      onStall: (shiftMs) => this.#stall(shiftMs),
      onEnd: (error) => this.#end(error),
    })
    this.#source?.start(onEnd)
    this.#playback = playback
    if (this.#state === 'paused') playback.pause()
    else this.#state = 'playing'
    playback.begin(0, this.#config.startAtMs, 0)
  }

  /** Called by the broadcast when its session has ended; use `session.close()`. Idempotent. */
  async close(): Promise<void> {
    this.#state = 'closed'
    this.#source?.close()
    await this.#playback?.close()
  }

  /** Stops where it is, and viewers keep the last picture. Before it is in a broadcast, it begins as a pause. */
  pause(): void {
    if (this.#state === 'closed') return
    this.#state = 'paused'
    this.#playback?.pause()
  }

  /** Goes on where it was paused. */
  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = this.#playback ? 'playing' : 'new'
    this.#playback?.resume()
  }

  /**
   * Goes on elsewhere: at the last keyframe at or before `positionMs`, in the file that is being played, or in the one of the playlist that `item` says, from
   * 0. A pause stays one. Resolves when it is read from there; of several at the same time the last one counts.
   *
   * Rejects with `option-invalid`, with `request-invalid` before it is in a broadcast, and with `closed`.
   */
  async seek(positionMs: number, options: { readonly item?: number } = {}): Promise<void> {
    const fromMs = numberOption('positionMs', positionMs, 0, 0, MAX_POSITION_MS)
    const { item: current = 0, round = 0 } = this.#progress ?? {}
    const item = integerOption('item', options.item, current, 0, this.#config.paths.length - 1)
    if (this.#state === 'closed') throw new BroadcastError('closed', 'it is not being played any more')
    if (!this.#playback) throw new BroadcastError('request-invalid', 'it is not in a broadcast yet; see startAtMs')
    await this.#playback.seek(item, fromMs, round)
  }

  /** Snapshot. */
  stats(): FileSourceStats {
    return {
      state: this.#state,
      progress: this.#progress,
      frames: this.#frames,
      readAheadBytes: this.#playback?.readAheadBytes ?? 0,
      stalls: this.#stalls,
      stalledMs: this.#stalledMs,
      skipped: [...this.#skipped],
    }
  }

  #play(frame: PlaylistFrame, timestampUs: number): void {
    this.#tracks.write(frame, timestampUs)
    this.#frames++
    const before = this.#progress
    const { item, round, itemUs, itemDurationMs } = frame
    const path = this.#config.paths[item] as string
    const items = this.#config.paths.length
    const progress = { path, item, items, round, positionMs: itemUs / 1000, durationMs: itemDurationMs }
    this.#progress = progress
    if (before && round > before.round) this.emit('looped', round)
    if (item !== before?.item) this.emit('item', path, item)
    const nowMs = (this.#scheduler as DeadlineQueue).clock.nowMs()
    if (nowMs < this.#progressDueMs) return
    this.#progressDueMs = nowMs + this.#config.progressIntervalMs
    this.emit('progress', progress)
  }

  #stall(shiftMs: number): void {
    this.#stalls++
    this.#stalledMs += shiftMs
    this.emit('stalled', shiftMs)
  }

  #end(error: unknown): void {
    this.#state = 'closed'
    if (this.#progress) this.emit('progress', this.#progress)
    if (error === undefined) this.emit('ended')
    this.#source?.end(error)
  }
}

/**
 * Plays a file into a broadcast, in real time, as a publisher like any other: WebM, Matroska, MP4, QuickTime (fragmented or not) and Ogg with VP8, VP9, AV1, H264, H265
 * and Opus in them (by the package `mediabunny`, which has to be installed), IVF, and raw H.264 and H.265 in the byte stream format. Files are told by what is in them,
 * and read a little at a time. See `docs/sources-and-recording.md`.
 *
 * Files are opened by `broadcast.addSource`, which rejects with `file-unreadable`, `track-unsupported` or `package-missing`. When all is played, the session ends with
 * `source-ended`, and with `source-failed` where reading fails; `session.close()` ends it before.
 *
 * Throws `option-invalid`.
 *
 * @example
 * ```ts
 * const film = fileSource('film.webm', { loop: true })
 * film.on('looped', (rounds) => console.log('shown', rounds, 'times'))
 * await broadcast.addSource(film)
 * ```
 */
export function fileSource(path: string, options: FileSourceOptions = {}): FileSource {
  return new FileSource(fileSourceConfig(path, options))
}
