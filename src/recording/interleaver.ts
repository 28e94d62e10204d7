/**
 * Puts the frames of a publisher's two tracks in one order, by when they were captured: audio and video wait for repairs for different times, and a file is
 * cut at one point of both.
 */
import type { EncodedFrame } from '../media/frames/encoded-frame.js'
import { timestampDelta } from '../rtp/sequence.js'
import type { MediaKind } from '../rtp/types.js'

/** A clock that was not known is no further off. */
const MAX_RETIMED_MS = 10_000

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

  add(frame: EncodedFrame, timeMs: number): void {
    this.orderMs = Math.max(this.orderMs, timeMs)
    this.frames.push({ frame, timeMs, orderMs: this.orderMs })
  }

  /** Gives all frames times that go with the time of the newest one. */
  retime(): void {
    const newest = this.frames.at(-1)
    if (newest === undefined) return
    const waiting = this.frames.splice(0)
    this.orderMs = Number.NEGATIVE_INFINITY
    for (const { frame, timeMs } of waiting) {
      const ticks = timestampDelta(newest.frame.timestamp, frame.timestamp)
      const retimedMs = newest.timeMs - (ticks * 1000) / frame.codec.clockRate
      // Another numbering has begun in between.
      const isFar = Math.abs(retimedMs - timeMs) > MAX_RETIMED_MS
      this.add(frame, isFar ? timeMs : retimedMs)
    }
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

  /**
   * Nothing has to wait for the beginning any more: all tracks have begun, and their clocks are known. What has waited goes by what is known now, by the
   * time of the newest frame.
   */
  release(): void {
    this.#heldUntilMs = Number.NEGATIVE_INFINITY
    for (const lane of this.#lanes.values()) lane.retime()
  }

  /** Frames come track by track in the order in which they are decoded. */
  add(frame: EncodedFrame, timeMs: number, nowMs: number): void {
    const lane = this.#lanes.get(frame.kind)
    if (lane === undefined) return
    lane.heardMs = nowMs
    lane.add(frame, timeMs)
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
