/** What users pass to `record`, and what it comes to. */

import { BroadcastError } from '../errors.js'
import type { MediaKind } from '../rtp/types.js'
import { booleanOption, choiceOption, integerOption, numberOption, refuseOption } from '../util/options.js'
import type { ContainerName } from './segment-plan.js'
import type { WritableLike } from './stream-target.js'

/** How far a recording is. */
export interface RecordingProgress {
  /** Of all files together. */
  readonly bytes: number
  /** Of what is in the files. */
  readonly durationMs: number
}

/** Where each file of a recording goes, if it is a stream: told the name that it would have in a folder. */
export type OpenWritable = (name: string) => WritableLike | Promise<WritableLike>

/** Options of `record`. Exactly one of `dir`, `file` and `writable` has to be there. */
export interface RecordOptions {
  /** A folder, which is made if it is not there: the files are named after the broadcast and the time, with a sidecar `.json` beside them. */
  readonly dir?: string
  /** The path of the first file; further ones get a number, and the sidecar `.json` for its ending. Files that exist are not written over. */
  readonly file?: string
  /**
   * A stream (`Writable` of Node, `WritableStream` of the web) for one file, or a function that opens one for each. There is no sidecar, and
   * WebM lacks what makes it easy to seek in. A recording to a single stream fails where it would need another file.
   */
  readonly writable?: WritableLike | OpenWritable
  /** `webm` by default. Video that the format cannot hold goes into the other one: VP8 into WebM, H264 and H265 into MP4. */
  readonly format?: ContainerName
  /** Another file begins at the first keyframe after so many seconds; one is asked for. 3600 by default, 0 for never. */
  readonly segmentSeconds?: number
  /** The name of the publisher (`addPublisher(offer, { as })`); by default whoever publishes first. */
  readonly publisher?: string
  /** The `rid` of the layer that is recorded; by default the best that comes. */
  readonly layer?: string
  /** Whether pictures are recorded; true by default. */
  readonly video?: boolean
  /** Whether sound is recorded; true by default. */
  readonly audio?: boolean
  /** A keyframe is asked for where none has come for so many seconds, as players seek by them. 10 by default, 0 for never. */
  readonly keyframeSeconds?: number
  /** Without frames for so many seconds, a file is over. 10 by default. */
  readonly maxGapSeconds?: number
  /** What may wait for the disk, in bytes; what comes on top is left out up to a keyframe. 32 MiB by default. */
  readonly maxQueueBytes?: number
  /** Called about once a second, and at the end. */
  readonly onProgress?: (progress: RecordingProgress) => void
}

/** {@link RecordOptions}, resolved. */
export interface RecordConfig {
  readonly dir: string | undefined
  readonly file: string | undefined
  readonly writable: WritableLike | OpenWritable | undefined
  readonly format: ContainerName
  /** Infinity for never. */
  readonly segmentMs: number
  readonly publisher: string | undefined
  readonly layer: string | undefined
  readonly kinds: readonly MediaKind[]
  /** Infinity for never. */
  readonly keyframeMs: number
  readonly maxGapMs: number
  readonly maxQueueBytes: number
  readonly onProgress: ((progress: RecordingProgress) => void) | undefined
}

/** Throws `option-invalid`. */
export function resolveRecordOptions(options: RecordOptions): RecordConfig {
  const { dir, file, writable, publisher, layer, onProgress } = options
  const places = [dir, file, writable].filter((place) => place !== undefined)
  if (places.length !== 1) {
    throw new BroadcastError('option-invalid', 'a recording goes to one of dir, file and writable', {
      details: { option: 'dir' },
    })
  }
  const kinds: MediaKind[] = []
  if (booleanOption('video', options.video, true)) kinds.push('video')
  if (booleanOption('audio', options.audio, true)) kinds.push('audio')
  if (kinds.length === 0) refuseOption('audio', 'true where video is false', false)
  return {
    dir: textOption('dir', dir),
    file: textOption('file', file),
    writable: writableOption(writable),
    format: choiceOption('format', options.format, 'webm', ['webm', 'mp4']),
    segmentMs: secondsOption('segmentSeconds', options.segmentSeconds, 3600, 1),
    publisher: textOption('publisher', publisher),
    layer: textOption('layer', layer),
    kinds,
    keyframeMs: secondsOption('keyframeSeconds', options.keyframeSeconds, 10, 1),
    maxGapMs: 1000 * numberOption('maxGapSeconds', options.maxGapSeconds, 10, 1, 86_400),
    maxQueueBytes: integerOption('maxQueueBytes', options.maxQueueBytes, 32 * 1024 * 1024, 64 * 1024, 2 ** 40),
    onProgress: onProgress === undefined || typeof onProgress === 'function' ? onProgress : refuseProgress(onProgress),
  }
}

function textOption(name: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  return refuseOption(name, 'a text', value)
}

function writableOption(value: RecordOptions['writable']): RecordConfig['writable'] {
  if (value === undefined || typeof value === 'function') return value
  const isStream = typeof value === 'object' && value !== null && ('getWriter' in value || 'write' in value)
  return isStream ? value : refuseOption('writable', 'a stream, or a function that opens one', value)
}

function refuseProgress(value: unknown): never {
  return refuseOption('onProgress', 'a function', value)
}

/** Seconds as milliseconds; 0 is never. */
function secondsOption(name: string, value: number | undefined, fallback: number, least: number): number {
  const seconds = numberOption(name, value, fallback, 0, 1e9)
  if (seconds > 0 && seconds < least) refuseOption(name, `0, or ${least} and more`, value)
  return seconds === 0 ? Number.POSITIVE_INFINITY : 1000 * seconds
}
