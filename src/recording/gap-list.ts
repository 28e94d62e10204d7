/** Where a recording has no sound or no picture, and why. */
import type { MediaKind } from '../rtp/types.js'

/**
 * Why something is missing:
 *
 * - `loss`: packets did not come and were not repaired; pictures are missing up to the next keyframe.
 * - `paused`: the publisher sent nothing of that kind.
 * - `publisher-gone`: the publisher left, and came back or was replaced.
 * - `queue-full`: the disk was too slow.
 */
export type GapReason = 'loss' | 'paused' | 'publisher-gone' | 'queue-full'

/** One stretch without sound or picture. Times are Unix milliseconds. */
export interface RecordingGap {
  readonly kind: MediaKind
  readonly reason: GapReason
  readonly fromUnixMs: number
  readonly toUnixMs: number
}

interface OpenGap {
  readonly reason: GapReason
  readonly fromMs: number
}

/** Follows the gaps of both tracks, at most one of each open at a time; the first reason is the one that counts. */
export class OpenGaps {
  readonly #open = new Map<MediaKind, OpenGap>()
  readonly #onGap: (kind: MediaKind, reason: GapReason, fromMs: number, toMs: number) => void

  /** @param onGap told when a gap is over. */
  constructor(onGap: (kind: MediaKind, reason: GapReason, fromMs: number, toMs: number) => void) {
    this.#onGap = onGap
  }

  /** From `fromMs` on there is nothing of `kind`. */
  begin(kind: MediaKind, reason: GapReason, fromMs: number): void {
    if (!this.#open.has(kind) && Number.isFinite(fromMs)) this.#open.set(kind, { reason, fromMs })
  }

  /** There is something again. */
  finish(kind: MediaKind, toMs: number): void {
    const gap = this.#open.get(kind)
    if (gap === undefined) return
    this.#open.delete(kind)
    if (toMs > gap.fromMs) this.#onGap(kind, gap.reason, gap.fromMs, toMs)
  }
}
