/** A token bucket: lets an average rate through, and bursts up to a bound. */
export class TokenBucket {
  readonly #capacity: number
  #tokens: number
  #refilledMs = Number.NEGATIVE_INFINITY

  /** @param capacity the longest burst, in tokens; it begins full. */
  constructor(capacity: number) {
    this.#capacity = capacity
    this.#tokens = capacity
  }

  /** Adds what has accrued since the last call at `tokensPerSecond`. */
  refill(tokensPerSecond: number, nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#refilledMs)
    this.#refilledMs = nowMs
    // Before the first call an infinite time has elapsed, at whatever rate, and it is full anyway.
    if (!Number.isFinite(elapsedMs)) return
    this.#tokens = Math.min(this.#capacity, this.#tokens + (elapsedMs * tokensPerSecond) / 1000)
  }

  /** How long until there are `tokens` at that rate, as of the last refill; 0 if there are. */
  waitMs(tokens: number, tokensPerSecond: number): number {
    return Math.max(0, ((tokens - this.#tokens) * 1000) / tokensPerSecond)
  }

  /** Takes `tokens` if there are as many; false, with nothing taken, otherwise. */
  take(tokens: number): boolean {
    if (tokens > this.#tokens) return false
    this.#tokens -= tokens
    return true
  }
}
