/** The parts of a recording: which container carries what, and what is written to it, as plain values. */
import type { MediaKind } from '../rtp/types.js'
import type { VideoCodecName, VideoFormat } from './video-format.js'

/** The containers that are written. */
export type ContainerName = 'webm' | 'mp4'

/** One file of a recording. */
export interface SegmentPlan {
  /** From 1. */
  readonly index: number
  readonly container: ContainerName
  /** When its first frame was captured, in the core's time. */
  readonly startMs: number
  readonly video: VideoFormat | undefined
  /** Whether it has a track of Opus. */
  readonly audio: boolean
}

/** What there is to write. Times are milliseconds from the beginning of the segment. */
export type WriteOp =
  | { readonly op: 'begin'; readonly plan: SegmentPlan }
  | {
      readonly op: 'frame'
      readonly kind: MediaKind
      readonly data: Uint8Array
      readonly keyframe: boolean
      readonly timeMs: number
      readonly durationMs: number
    }
  /** Nothing of that kind follows in this segment. */
  | { readonly op: 'close-track'; readonly kind: MediaKind }
  | { readonly op: 'end' }

/** WebM has no place for H264 and H265, MP4 none that players know for VP8; everything else goes where it is wanted. */
export function containerFor(wanted: ContainerName, codec: VideoCodecName | undefined): ContainerName {
  if (codec === 'H264' || codec === 'H265') return 'mp4'
  return codec === 'VP8' ? 'webm' : wanted
}
