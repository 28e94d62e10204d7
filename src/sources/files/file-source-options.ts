/** What can be said about how a file is played. */
import { booleanOption, integerOption, numberOption, refuseOption } from '../../util/options.js'
import type { MediaFileOptions } from './media-file.js'
import type { ReadAheadLimits } from './read-ahead.js'

/** Where playing is, as {@link FileSourceOptions.onProgress} is told. */
export interface FileProgress {
  /** The file that is being played. */
  readonly path: string
  /** Which one of the playlist it is, from 0, and of how many. */
  readonly item: number
  readonly items: number
  /** How many times the whole playlist was played before. */
  readonly round: number
  /** Where in the file. */
  readonly positionMs: number
  /** Undefined where the file does not say it, as IVF and raw H.264 and H.265 never do. */
  readonly durationMs: number | undefined
}

/** How a {@link FileSource} plays. */
export interface FileSourceOptions {
  /** Begins anew at the end, of the whole playlist where there is one; default false. Timestamps go on. */
  readonly loop?: boolean
  /** Where in the first file to begin, from its last keyframe before that; default 0. */
  readonly startAtMs?: number
  /** Files that are played after the first one, at most 1000. They may have other codecs and sizes. */
  readonly playlist?: readonly string[]
  /**
   * Leave out tracks that WebRTC cannot carry, such as AAC audio, instead of refusing the file by `track-unsupported`; default false. A file with
   * nothing else is refused all the same.
   */
  readonly skipUnsupported?: boolean
  /**
   * Play video with B-frames instead of refusing it; default false. WebRTC receivers have no way to put frames in order: browsers show such video in
   * jerks or not at all. For receivers of one's own.
   */
  readonly allowReordering?: boolean
  /** Frames per second of raw H.264 and H.265, up to 1000; by default what the stream says, else 25. */
  readonly frameRate?: number
  /** How long the payloads may be that frames are split into: 100 to 1400 bytes, default 1200. */
  readonly maxPayloadBytes?: number
  /** How much is read before it is due: 100 to 60000 ms, default 2000, and 64 kB to 256 MB, default 8 MB. */
  readonly readAheadMs?: number
  readonly readAheadBytes?: number
  /** What comes later than this, as from a slow disk, is not caught up with, but played later: 20 to 10000 ms, default 300. */
  readonly maxLateMs?: number
  /** The largest frame: 64 kB to 64 MB, default 16 MB. A larger one makes the file `file-unreadable`. */
  readonly maxFrameBytes?: number
  /** Is called about every `progressIntervalMs` (100 to 60000, default 1000) while it plays. */
  readonly onProgress?: (progress: FileProgress) => void
  readonly progressIntervalMs?: number
}

/** The options, resolved. */
export interface FileSourceConfig {
  readonly paths: readonly string[]
  readonly loop: boolean
  readonly startAtMs: number
  readonly maxPayloadBytes: number
  readonly maxLateMs: number
  readonly progressIntervalMs: number
  readonly onProgress: ((progress: FileProgress) => void) | undefined
  readonly readAhead: ReadAheadLimits
  readonly file: MediaFileOptions
}

const MAX_PLAYLIST = 1000
/** A year. */
export const MAX_POSITION_MS = 366 * 86_400_000
const KB = 1024
const MB = 1024 * KB

/** Checks the options. Throws `option-invalid`. */
export function fileSourceConfig(path: string, options: FileSourceOptions): FileSourceConfig {
  const { frameRate, onProgress } = options
  if (onProgress !== undefined && typeof onProgress !== 'function') refuseOption('onProgress', 'a function', onProgress)
  return {
    paths: [pathOption('path', path), ...playlistOption(options.playlist)],
    loop: booleanOption('loop', options.loop, false),
    startAtMs: numberOption('startAtMs', options.startAtMs, 0, 0, MAX_POSITION_MS),
    maxPayloadBytes: integerOption('maxPayloadBytes', options.maxPayloadBytes, 1200, 100, 1400),
    maxLateMs: numberOption('maxLateMs', options.maxLateMs, 300, 20, 10_000),
    progressIntervalMs: numberOption('progressIntervalMs', options.progressIntervalMs, 1000, 100, 60_000),
    onProgress,
    readAhead: {
      maxMs: numberOption('readAheadMs', options.readAheadMs, 2000, 100, 60_000),
      maxBytes: integerOption('readAheadBytes', options.readAheadBytes, 8 * MB, 64 * KB, 256 * MB),
    },
    file: {
      frameRate: frameRate === undefined ? undefined : numberOption('frameRate', frameRate, 25, 0.1, 1000),
      skipUnsupported: booleanOption('skipUnsupported', options.skipUnsupported, false),
      allowReordering: booleanOption('allowReordering', options.allowReordering, false),
      maxFrameBytes: integerOption('maxFrameBytes', options.maxFrameBytes, 16 * MB, 64 * KB, 64 * MB),
    },
  }
}

function playlistOption(value: unknown): readonly string[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length > MAX_PLAYLIST) {
    refuseOption('playlist', `a list of at most ${MAX_PLAYLIST} paths`, value)
  }
  return value.map((item) => pathOption('playlist', item))
}

function pathOption(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') refuseOption(name, 'the path of a file', value)
  return value
}
