/** When the next RTCP report is due (RFC 3550, section 6.2): about one interval apart, and never in step with those of other peers. */

/** A repeating deadline, varied by up to a quarter of its interval so that a thousand peers do not report in the same millisecond. */
export class ReportTimer {
  /** The core's time of the next report; infinity while disarmed. */
  dueMs = Number.POSITIVE_INFINITY
  readonly #intervalMs: number
  #state: number

  /** @param seed anything that differs between peers, such as an SSRC: the core has no randomness of its own. */
  constructor(intervalMs: number, seed: number) {
    this.#intervalMs = intervalMs
    this.#state = seed >>> 0
  }

  /** Sets the next report unless one is set: within half an interval to a whole one. */
  arm(nowMs: number): void {
    if (this.dueMs === Number.POSITIVE_INFINITY) this.dueMs = nowMs + this.#intervalMs * (0.5 + this.#fraction() / 2)
  }

  /** A report was sent; sets the next. */
  restart(nowMs: number): void {
    this.dueMs = nowMs + this.#intervalMs * (0.75 + this.#fraction() / 2)
  }

  /** No report until `arm`. */
  disarm(): void {
    this.dueMs = Number.POSITIVE_INFINITY
  }

  /** From 0 up to 1: a linear congruential generator, plenty for spreading deadlines. */
  #fraction(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return this.#state / 0x1_0000_0000
  }
}
