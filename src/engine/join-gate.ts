/**
 * How many sessions a shard is asked to make at a time. A crowd's requests wait here, in the control plane, where a session that is closed meanwhile costs
 * nothing; all at once, they would hold up the shard's media for as long as all of them take.
 */

/** One per shard. */
export class JoinGate {
  readonly #maxInside: number
  readonly #nextTurn: (fn: () => void) => void
  readonly #waiting: (() => void)[] = []
  #inside = 0

  /**
   * @param maxInside so many may be inside at a time.
   * @param nextTurn calls back in the next turn of the event loop: a shard in this very thread has its packets in between.
   */
  constructor(maxInside = 2, nextTurn: (fn: () => void) => void = (fn) => void setImmediate(fn)) {
    this.#maxInside = maxInside
    this.#nextTurn = nextTurn
  }

  /** Does `work` when it is its turn, first come, first served; settles as it does. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#maxInside) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#inside++
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #leave(): void {
    const next = this.#waiting.shift()
    // Its place is kept for it, so that nobody who comes in between is faster.
    if (next) this.#nextTurn(next)
    else this.#inside--
  }
}
