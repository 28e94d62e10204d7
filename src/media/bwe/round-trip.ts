/** The round trip to a viewer: as its receiver reports tell, or else as its feedback lets suppose. */

/** One of which nothing is known. */
const DEFAULT_MS = 100
/** What is kept of the mean with each report. */
const KEPT = 0.8
/** Feedback waits for other packets before it is sent, so the least counts: it is followed fast down, and slowly up. */
const DOWN = 0.5
const UP = 0.05

/** Of one transport. */
export class RoundTrip {
  #reportedMs = Number.NaN
  #feedbackMs = Number.NaN

  /** NaN before anything is known. */
  get ms(): number {
    return Number.isNaN(this.#reportedMs) ? this.#feedbackMs : this.#reportedMs
  }

  /** The same, or what is common. */
  get msOrDefault(): number {
    const { ms } = this
    return Number.isNaN(ms) ? DEFAULT_MS : ms
  }

  /** A report tells it; what is no time is ignored. */
  report(ms: number): void {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) return
    this.#reportedMs = Number.isNaN(this.#reportedMs) ? ms : KEPT * this.#reportedMs + (1 - KEPT) * ms
  }

  /** The newest packet that feedback tells of was sent so long ago: it has arrived just before that was sent. */
  measure(ms: number): void {
    if (Number.isNaN(this.#feedbackMs)) this.#feedbackMs = ms
    else this.#feedbackMs += (ms < this.#feedbackMs ? DOWN : UP) * (ms - this.#feedbackMs)
  }
}
