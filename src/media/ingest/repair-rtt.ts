/**
 * How long a repair takes, from asking for a packet to its arrival: smoothed as RFC 6298 does for TCP, with its answer to samples that cannot be
 * told apart (Karn's algorithm: only what was asked for once counts, and waiting backs off while nothing is heard).
 */

/** Taken for granted before the first repair. */
const INITIAL_MS = 100
const FLOOR_MS = 5
const CEILING_MS = 1000
/** Never asks again sooner: queues and timers have their grain. */
const MIN_TIMEOUT_MS = 20
/** A repair waits in the sender's pacer besides, so the variation alone is too tight. */
const MARGIN_MS = 10
const MAX_BACKOFF = 4

/** The round trip of one stream's repairs. */
export class RepairRtt {
  #smoothedMs = INITIAL_MS
  #variationMs = INITIAL_MS / 4
  #known = false
  #backoff = 1
  #backedOffMs = Number.NEGATIVE_INFINITY
  #sampledMs = Number.NEGATIVE_INFINITY

  /** The smoothed round trip. */
  get ms(): number {
    return this.#smoothedMs
  }

  /** What a repair takes at most, as a rule. */
  get expectedMs(): number {
    return this.#smoothedMs + Math.max(MARGIN_MS, 2 * this.#variationMs)
  }

  /** A repair that has not come after this is asked for again. */
  get timeoutMs(): number {
    return Math.min(CEILING_MS, Math.max(MIN_TIMEOUT_MS, this.expectedMs * this.#backoff))
  }

  /** A packet that was asked for several times has come, `sinceFirstMs` after the first. That is too much as a rule, and used only when all else is in vain. */
  sampleRepeated(sinceFirstMs: number, nowMs: number): void {
    if (this.#backoff === MAX_BACKOFF) this.sample(sinceFirstMs, nowMs)
  }

  /** A packet that was asked for once has come after `rttMs`. */
  sample(rttMs: number, nowMs: number): void {
    const clampedMs = Math.min(CEILING_MS, Math.max(FLOOR_MS, rttMs))
    if (this.#known) {
      this.#variationMs += (Math.abs(clampedMs - this.#smoothedMs) - this.#variationMs) / 4
      this.#smoothedMs += (clampedMs - this.#smoothedMs) / 8
    } else {
      this.#known = true
      this.#smoothedMs = clampedMs
      this.#variationMs = clampedMs / 4
    }
    this.#backoff = 1
    this.#sampledMs = nowMs
  }

  /** Nothing has come of what was asked for at `askedMs`. Waits longer from now on unless other repairs show that the estimate holds. */
  timedOut(askedMs: number, nowMs: number): void {
    if (this.#sampledMs >= askedMs || this.#backedOffMs > askedMs) return
    this.#backoff = Math.min(MAX_BACKOFF, 2 * this.#backoff)
    this.#backedOffMs = nowMs
  }
}
