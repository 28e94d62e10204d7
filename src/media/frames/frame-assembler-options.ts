/** How frames are put together, what is told about them, and what is counted. */
import type { MediaKind } from '../../rtp/types.js'
import type { EncodedFrame } from './encoded-frame.js'

/** Something is missing between two frames. */
export interface FrameGap {
  readonly kind: MediaKind
  /** 32-bit RTP timestamp of the frame before what is missing. */
  readonly fromTimestamp: number
  /** Of the frame behind it. */
  readonly toTimestamp: number
  /** From the one to the other, so with the frame before; 0 where their codecs have different clock rates. */
  readonly durationMs: number
  /** Packets that did not come. 0 where frames were left out for another reason: they were malformed, or the codec changed without a keyframe. */
  readonly missingPackets: number
}

/** Options of a {@link FrameAssembler}. */
export interface FrameAssemblerOptions {
  /** Gets each frame, in order. */
  readonly onFrame: (frame: EncodedFrame) => void
  /** Something is missing before the frame that is handed over next. */
  readonly onGap?: (gap: FrameGap) => void
  /**
   * The source counts anew (another SSRC, a restart): the timestamps of the frames from now on have nothing to do with those before. Frames
   * may be missing in between, so the next one has `gapBefore`; `onGap` is not called for it.
   */
  readonly onRestart?: () => void
  /** How long missing packets are waited for. 500 by default. */
  readonly patienceMs?: number
  /** What waiting packets may take. 8 MiB by default; then what is missing is given up, or a frame that is larger. */
  readonly maxBufferedBytes?: number
  /** What comes of video frames behind a gap, and at the beginning, until a keyframe comes: left out ('drop', the default), or handed over. */
  readonly untilKeyframe?: 'drop' | 'emit'
}

/** What a {@link FrameAssembler} has done so far. */
export interface FrameAssemblerStats {
  /** Packets that came, late and duplicate ones included. */
  readonly packets: number
  /** Packets that came when they were given up already, or for the second time. */
  readonly latePackets: number
  /** Packets that were given up. */
  readonly missingPackets: number
  /** Frames handed over. */
  readonly frames: number
  /** Of those, keyframes; all of audio are. */
  readonly keyframes: number
  /** Frames left out since the first one was handed over, as far as a packet of theirs came: damaged, malformed, or in want of a keyframe. */
  readonly droppedFrames: number
  /** Of those, complete but malformed. */
  readonly malformedFrames: number
  /** How often something was missing before a frame that was handed over, and for how much media time together. */
  readonly gaps: number
  readonly gapMs: number
  /** How often the source has begun to count anew. */
  readonly restarts: number
  readonly keyframeRequests: number
  /** What the packets that wait take now. */
  readonly bufferedBytes: number
}

/** {@link FrameAssemblerStats} while they are counted. */
export class FrameAssemblerCounters {
  packets = 0
  latePackets = 0
  missingPackets = 0
  frames = 0
  keyframes = 0
  droppedFrames = 0
  malformedFrames = 0
  gaps = 0
  gapMs = 0
  restarts = 0
  keyframeRequests = 0
}
