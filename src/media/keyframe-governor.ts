/**
 * When to ask upstream for a keyframe (RFC 4585, section 6.3.1; RFC 5104, section 3.5.1).
 *
 * A keyframe is several times the size of other frames, so the wishes of all viewers of a layer become as few requests as serve
 * them: one while its answer is awaited, never two within the minimum spacing, again when no keyframe came.
 */
import type { MediaConfig } from './types.js'

/** The governor's settings, a part of {@link MediaConfig}. */
export type KeyframeGovernorConfig = Pick<
  MediaConfig,
  'keyframeMinSpacingMs' | 'keyframeRetryMs' | 'keyframeIntervalMs'
>

/** Decides about the keyframe requests of one layer. */
export class KeyframeGovernor {
  /** Requests sent upstream, repetitions included. */
  sent = 0
  /** Wishes that needed no request of their own. */
  coalesced = 0
  readonly #config: KeyframeGovernorConfig
  readonly #send: (nowMs: number) => void
  #wanted = false
  #watched = false
  #lastSentMs = Number.NEGATIVE_INFINITY
  #lastKeyframeMs = Number.NEGATIVE_INFINITY
  /** True while the answer to the last request is awaited. */
  #awaiting = false

  /** @param send asks upstream. */
  constructor(config: KeyframeGovernorConfig, send: (nowMs: number) => void) {
    this.#config = config
    this.#send = send
  }

  /** When `tick` has something to do; infinity for never. */
  get dueMs(): number {
    if (!this.#watched && !this.#wanted) return Number.POSITIVE_INFINITY
    if (this.#awaiting)
      return this.#lastSentMs + Math.max(this.#config.keyframeRetryMs, this.#config.keyframeMinSpacingMs)
    if (this.#wanted) return this.#lastSentMs + this.#config.keyframeMinSpacingMs
    return this.#intervalDueMs
  }

  /** Somebody cannot go on without a keyframe. Asks now, or later (see `dueMs`), or relies on a request that is on its way. */
  request(nowMs: number): void {
    if (this.#wanted) {
      this.coalesced++
      return
    }
    this.#wanted = true
    if (nowMs - this.#lastSentMs >= this.#config.keyframeMinSpacingMs) this.#ask(nowMs)
  }

  /** A keyframe begins: everybody who has asked so far is served. */
  keyframeArrived(nowMs: number): void {
    this.#wanted = false
    this.#awaiting = false
    this.#lastKeyframeMs = nowMs
  }

  /** Whether anybody watches. Without anybody nothing is repeated, and the interval rests. */
  setWatched(watched: boolean): void {
    this.#watched = watched
    if (watched) return
    this.#wanted = false
    this.#awaiting = false
  }

  /** Sends what is due. */
  tick(nowMs: number): void {
    if (nowMs < this.dueMs) return
    this.#wanted = true
    this.#ask(nowMs)
  }

  get #intervalDueMs(): number {
    const { keyframeIntervalMs, keyframeMinSpacingMs } = this.#config
    const lastMs = Math.max(this.#lastKeyframeMs, this.#lastSentMs)
    // Nothing yet to count from: the first sink's own request begins it.
    if (keyframeIntervalMs <= 0 || lastMs === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY
    return Math.max(this.#lastKeyframeMs + keyframeIntervalMs, this.#lastSentMs + keyframeMinSpacingMs)
  }

  #ask(nowMs: number): void {
    this.#awaiting = true
    this.#lastSentMs = nowMs
    this.sent++
    this.#send(nowMs)
  }
}
