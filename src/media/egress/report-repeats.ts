/**
 * Says when a sender report is to be followed by others soon. Receivers know a stream's clock by several reports: libwebrtc draws a line through the
 * newest twenty. Where a report contradicts the one before it, because another publisher's packets take longer or a publisher's own report
 * has corrected what its packets let think, that line swings for as long as it has both kinds among its twenty, at one a second for twenty
 * seconds, and the receiver moves its audio and video after it. So then twenty come at once.
 */
import { timestampDelta } from '../../rtp/sequence.js'

/** Publishers' reports waver by less. */
const MAX_OFF_MS = 10

/** As many as receivers look at. */
const REPORTS = 20
const SPACING_MS = 100

/** Of one stream. */
export class ReportRepeats {
  /** When the next report is due because of the last one; infinity for none. */
  dueMs = Number.POSITIVE_INFINITY
  #left = 0
  /** The last report; NaN before the first. */
  #unixMs = Number.NaN
  #timestamp = 0

  /** It is time for a report. */
  next(nowMs: number): void {
    this.dueMs = this.#left > 0 ? nowMs + SPACING_MS : Number.POSITIVE_INFINITY
  }

  /** A report is being sent that says `timestamp` at `unixMs`. */
  sent(unixMs: number, timestamp: number, clockRate: number, nowMs: number): void {
    const offMs = (timestampDelta(timestamp, this.#timestamp) * 1000) / clockRate - (unixMs - this.#unixMs)
    this.#left = Math.abs(offMs) > MAX_OFF_MS ? REPORTS - 1 : Math.max(0, this.#left - 1)
    this.#unixMs = unixMs
    this.#timestamp = timestamp
    this.next(nowMs)
  }

  /** There is nothing to report on. */
  stop(): void {
    this.#left = 0
    this.dueMs = Number.POSITIVE_INFINITY
  }
}
