/** What is known about a recording, as plain values: the sidecar beside its files, and `recording.info()`. */
import type { MediaKind } from '../rtp/types.js'
import type { GapReason, RecordingGap } from './gap-list.js'
import type { ContainerName } from './segment-plan.js'

/** A track of a file. */
export interface RecordedTrack {
  readonly kind: MediaKind
  /** By its name in SDP, such as `VP8` or `opus`. */
  readonly codec: string
  /** Of the video when the file began; it may change within WebM, and within MP4 for VP9 and AV1. */
  readonly width?: number
  readonly height?: number
}

/** A file of a recording. */
export interface RecordedSegment {
  /** Its name, without the folder. */
  readonly file: string
  readonly format: ContainerName
  /** Where the file begins on the clock of this machine. */
  readonly startedAt: string
  readonly startedUnixMs: number
  readonly durationMs: number
  readonly bytes: number
  readonly tracks: readonly RecordedTrack[]
  /** False while it is being written, and for ever if that was broken off. Such a file plays up to where it ends, but players may not know how long it is. */
  readonly complete: boolean
}

/** A codec that came and could not be recorded. */
export interface LeftOutTrack {
  readonly kind: MediaKind
  readonly codec: string
}

/** How a recording is doing. */
export type RecordingState = 'recording' | 'ended' | 'failed'

/** The content of the sidecar. */
export interface RecordingInfo {
  readonly version: 1
  readonly broadcast: string
  /** The publisher's name; absent before one came. */
  readonly publisher?: string
  readonly state: RecordingState
  /** When `record` was called, on the clock of this machine. */
  readonly startedAt: string
  readonly startedUnixMs: number
  /** Absent while it is being recorded. */
  readonly endedAt?: string
  readonly segments: readonly RecordedSegment[]
  /** The first thousand of them; only those that are over. */
  readonly gaps: readonly RecordingGap[]
  /** How many there were, and how long they were together, by reason. */
  readonly gapTotals: Readonly<Partial<Record<GapReason, { readonly count: number; readonly ms: number }>>>
  readonly leftOut: readonly LeftOutTrack[]
  /** Why it failed. */
  readonly error?: string
}
