/** What the readers of media files have in common: tracks, and frames as packetizers want them (see `media/payload/types.ts`). */
import { BroadcastError } from '../../errors.js'
import type { Codec, MediaKind } from '../../rtp/types.js'

/** One track of a file that can be sent. */
export interface MediaFileTrack {
  readonly kind: MediaKind
  readonly codec: Codec
  /** Of its pictures; undefined for audio, or where the first keyframe does not state it. */
  readonly width?: number | undefined
  readonly height?: number | undefined
}

/** One frame of a file. */
export interface MediaFrame {
  readonly kind: MediaKind
  /** It is the receiver's, and stays as it is. */
  readonly data: Uint8Array
  readonly keyframe: boolean
  /** When it is shown, from the start of the file. */
  readonly timestampUs: number
  /** How long, as far as is known. */
  readonly durationUs: number
}

/** A file that is open. It has at most one track of each kind. */
export interface MediaFile {
  readonly tracks: readonly MediaFileTrack[]
  /** Undefined where the file does not say it. */
  readonly durationMs: number | undefined
  /** The tracks that are left out, as people call their codecs. */
  readonly skipped: readonly string[]
  /**
   * The frames of all tracks in the order in which they are sent, beginning with the last keyframe at or before `fromMs`. Whoever has enough
   * returns the iterator. Rejects with `file-unreadable` or `track-unsupported`.
   */
  frames(fromMs: number): AsyncGenerator<MediaFrame, void, undefined>
  /** Closes the file. Idempotent. */
  close(): Promise<void>
}

/** How files are read. */
export interface MediaFileOptions {
  /** Of raw H.264 and H.265 that does not say it, in frames per second. */
  readonly frameRate: number | undefined
  /** Leave out the tracks that WebRTC cannot carry, instead of refusing the file. */
  readonly skipUnsupported: boolean
  /** Take video whose frames are shown in another order than they are decoded in. */
  readonly allowReordering: boolean
  /** A larger frame makes the file unreadable. */
  readonly maxFrameBytes: number
}

/** The file `path` cannot be played: `why`. */
export function fileUnreadable(path: string, why: string, cause?: unknown): BroadcastError {
  return new BroadcastError('file-unreadable', `${path}: ${why}`, { details: { path }, cause })
}

/** A track of the file `path` cannot be carried by WebRTC: `why`. */
export function trackUnsupported(path: string, codec: string, why: string): BroadcastError {
  return new BroadcastError('track-unsupported', `${path}: ${why}`, { details: { path, codec } })
}

/** Of a video with B-frames. */
export function reorderedVideo(path: string, codec: string): BroadcastError {
  const why =
    `its ${codec} video has B-frames, which WebRTC has no way to put in order; ` +
    'encode it without them (ffmpeg: -bf 0, libx265: -x265-params bframes=0), or allow them by the option allowReordering'
  return trackUnsupported(path, codec, why)
}
