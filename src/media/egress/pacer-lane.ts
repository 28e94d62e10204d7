/** One video stream's place in its viewer's pacer: whether it is waiting for a keyframe, and when it may ask for one. */
import type { PacedStream } from './pacer-config.js'

/** Requests for a keyframe after dropping are this far apart, twice as far after each further dropping, up to the longest. */
const FIRST_REQUEST_SPACING_MS = 1000
const LONGEST_REQUEST_SPACING_MS = 16_000
/** After so long without dropping it begins anew. */
const CALM_MS = 10_000

/** The lane of one stream. */
export class PacerLane {
  readonly stream: PacedStream
  /** Packets were dropped, and none is taken before a keyframe. */
  skipping = false
  /** When a keyframe may be asked for; infinity while none is missing. */
  requestDueMs = Number.POSITIVE_INFINITY
  #spacingMs = FIRST_REQUEST_SPACING_MS
  #requestedMs = Number.NEGATIVE_INFINITY
  /** When packets began to flow again after the last dropping. */
  #resumedMs = Number.NEGATIVE_INFINITY

  constructor(stream: PacedStream) {
    this.stream = stream
  }

  /** Packets were dropped, up to a keyframe that waits or, if there is none, up to the next one that comes. */
  dropped(keyframeWaits: boolean, nowMs: number): void {
    if (!this.skipping && nowMs - this.#resumedMs > CALM_MS) this.#spacingMs = FIRST_REQUEST_SPACING_MS
    this.skipping = !keyframeWaits
    if (keyframeWaits) this.#resumedMs = nowMs
    // A keyframe, as large as many other frames, is what a network that is too slow needs least, and all viewers of the layer get it.
    this.requestDueMs = keyframeWaits ? Number.POSITIVE_INFINITY : Math.max(nowMs, this.#requestedMs + this.#spacingMs)
    this.stream.skipToKeyframe(nowMs)
  }

  /** A keyframe has come, or something else is sent. */
  resumed(nowMs: number): void {
    this.skipping = false
    this.#resumedMs = nowMs
    this.requestDueMs = Number.POSITIVE_INFINITY
  }

  /** Asks for the keyframe that is missing. */
  request(nowMs: number): void {
    this.requestDueMs = Number.POSITIVE_INFINITY
    if (this.#requestedMs > Number.NEGATIVE_INFINITY) this.#spacingMs *= 2
    this.#spacingMs = Math.min(LONGEST_REQUEST_SPACING_MS, this.#spacingMs)
    this.#requestedMs = nowMs
    this.stream.requestKeyframe(nowMs)
  }
}
