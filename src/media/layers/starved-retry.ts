/**
 * When a viewer that gets no video for lack of bandwidth is given the least of it again: while nothing is sent, no estimate can rise, so
 * there is nothing to wait for but time.
 */

const FIRST_WAIT_MS = 10_000
const WAIT_MS = 25_000
/** After video has flowed for this long it begins anew. */
const CALM_MS = 30_000

/** The retries of one viewer. */
export class StarvedRetry {
  #dueMs = Number.POSITIVE_INFINITY
  #waitMs = FIRST_WAIT_MS
  /** When video began to flow again. */
  #resumedMs = Number.NaN

  /** True if the least should be sent again; `starved` says that nothing is, although there is something. */
  isDue(starved: boolean, nowMs: number): boolean {
    if (!starved) {
      if (this.#dueMs < Number.POSITIVE_INFINITY) this.#resumedMs = nowMs
      this.#dueMs = Number.POSITIVE_INFINITY
      return false
    }
    if (this.#dueMs === Number.POSITIVE_INFINITY) {
      if (nowMs - this.#resumedMs >= CALM_MS) this.#waitMs = FIRST_WAIT_MS
      this.#dueMs = nowMs + this.#waitMs
      this.#waitMs = WAIT_MS
    }
    return nowMs >= this.#dueMs
  }
}
