/**
 * Puts the frames of a publisher's two tracks in one order, by when they were captured: audio and video wait for repairs for different times, and a file is
 * cut at one point of both.
 */
import type { EncodedFrame } from '../media/frames/encoded-frame.js'
import type { MediaKind } from '../rtp/types.js'

/** A frame with its place on the time line. */
export interface TimedFrame {
  readonly frame: EncodedFrame
  /** When it was captured, in the core's time. */
  readonly timeMs: number
  /** Frames are decoded in this order; of frames that are shown in another order, it is the latest time up to there. */
  readonly orderMs: number
}

/** What a track is to an {@link Interleaver}. */
class Lane {
  readonly frames: TimedFrame[] = []
  /** When a frame came last, or it was begun. */
  heardMs: number
  orderMs = Number.NEGATIVE_INFINITY

  constructor(beganMs: number) {
    this.heardMs = beganMs
  }
}

/** See the top of the file. */
export class Interleaver {
  readonly #silenceMs: number
  readonly #lanes = new Map<MediaKind, Lane>()
  #heldUntilMs = Number.NEGATIVE_INFINITY

  /** @param silenceMs a track that has been silent for that long is not waited for any more. */
  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs
  }

  /** The tracks of a publisher that has come, in place of those before; whatever of them is left should be taken out first. */
  begin(kinds: readonly MediaKind[], nowMs: number, holdMs: number): void {
    this.#lanes.clear()
    for (const kind of kinds) this.#lanes.set(kind, new Lane(nowMs))
    this.#heldUntilMs = nowMs + holdMs
  }

  /** Nothing has to wait for the beginning any more: all tracks have begun, and their clocks are known. */
  release(): void {
    this.#heldUntilMs = Number.NEGATIVE_INFINITY
  }

  /** Frames come track by track in the order in which they are decoded. */
  add(frame: EncodedFrame, timeMs: number, nowMs: number): void {
    const lane = this.#lanes.get(frame.kind)
    if (lane === undefined) return
    lane.heardMs = nowMs
    lane.orderMs = Math.max(lane.orderMs, timeMs)
    lane.frames.push({ frame, timeMs, orderMs: lane.orderMs })
  }

  /** Whether every track has a frame that waits. */
  get isComplete(): boolean {
    for (const lane of this.#lanes.values()) if (lane.frames.length === 0) return false
    return true
  }

  /** The track of `kind` is there, and silent. */
  isSilent(kind: MediaKind, nowMs: number): boolean {
    const lane = this.#lanes.get(kind)
    return lane !== undefined && lane.frames.length === 0 && nowMs - lane.heardMs >= this.#silenceMs
  }

  /** The next frame, or undefined while it could still be another one. With `all`, whatever there is. */
  take(nowMs: number, all = false): TimedFrame | undefined {
    if (!all && nowMs < this.#heldUntilMs) return undefined
    let first: Lane | undefined
    for (const [kind, lane] of this.#lanes) {
      const head = lane.frames[0]
      if (head === undefined) {
        if (!all && !this.isSilent(kind, nowMs)) return undefined
      } else if (first === undefined || head.orderMs < (first.frames[0] as TimedFrame).orderMs) first = lane
    }
    return first?.frames.shift()
  }
}
