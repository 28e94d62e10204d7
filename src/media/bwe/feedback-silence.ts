/** Notices that feedback has stopped while packets are being sent. Then the network carries nothing, or we do not know what it carries. */

/** Feedback is missed after so long, besides three round trips. */
const SILENCE_MS = 1000
/** The rate is lowered again and again this far apart. */
const STEP_MS = 500

/** Follows what is waiting for feedback. */
export class FeedbackSilence {
  #waitingSinceMs = Number.NaN
  #nextStepMs = Number.POSITIVE_INFINITY

  /** True from the first step down until feedback comes. */
  get isSilent(): boolean {
    return this.#nextStepMs < Number.POSITIVE_INFINITY
  }

  /** A packet goes out. */
  sent(nowMs: number): void {
    if (Number.isNaN(this.#waitingSinceMs)) this.#waitingSinceMs = nowMs
  }

  /** Feedback has come; the oldest packet that it does not cover was sent at `sentMs`, NaN for none. */
  heard(sentMs: number): void {
    this.#waitingSinceMs = sentMs
    this.#nextStepMs = Number.POSITIVE_INFINITY
  }

  /** When the next step down is due; infinity while nothing waits. */
  dueMs(rttMs: number): number {
    if (this.isSilent) return this.#nextStepMs
    return Number.isNaN(this.#waitingSinceMs) ? Number.POSITIVE_INFINITY : this.#waitingSinceMs + SILENCE_MS + 3 * rttMs
  }

  /** The rate is being lowered. */
  step(nowMs: number): void {
    this.#nextStepMs = nowMs + STEP_MS
  }
}
