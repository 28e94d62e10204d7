/**
 * Inter-group delay variation (draft-ietf-rmcat-gcc-02, sections 5.1 and 5.2): packets that left within 5 ms, or that arrived as one burst,
 * are one group; what counts is how much further apart two groups arrive than they were sent.
 */

/** Packets sent within this belong together. */
const BURST_MS = 5
/** A burst of arrivals is no longer than this. */
const MAX_BURST_MS = 100
/** After such a silence, or such a jump of the receiver's clock, the past says nothing any more. */
const RESTART_MS = 2000

/** Groups packets in the order in which they were sent. */
export class ArrivalGroups {
  /** How much later the newest complete group was sent than the one before it. */
  sendDeltaMs = 0
  /** How much later it arrived; negative if it overtook the one before. */
  arrivalDeltaMs = 0
  /** When it arrived, by the receiver's clock. */
  arrivalMs = 0
  /** How often it had to start over: deltas on both sides do not belong together. */
  restarts = 0
  #firstSentMs = Number.NaN
  #lastSentMs = 0
  #firstArrivalMs = 0
  #lastArrivalMs = 0
  #previousSentMs = Number.NaN
  #previousArrivalMs = 0

  /** Takes a received packet; true if a group is complete now, and the deltas are its. */
  add(sentMs: number, arrivalMs: number): boolean {
    const sinceFirstMs = sentMs - this.#firstSentMs
    // One that was sent before the group: reported late.
    if (sinceFirstMs < 0) return false
    const sendGapMs = sentMs - this.#lastSentMs
    const arrivalGapMs = arrivalMs - this.#lastArrivalMs
    if (this.#belongs(sinceFirstMs, sendGapMs, arrivalMs, arrivalGapMs)) {
      this.#lastSentMs = sentMs
      if (arrivalGapMs > 0) this.#lastArrivalMs = arrivalMs
      return false
    }
    const isFirst = Number.isNaN(this.#firstSentMs)
    const isRestart = sendGapMs > RESTART_MS || Math.abs(arrivalGapMs - sendGapMs) > RESTART_MS
    const complete = !isFirst && (isRestart ? this.#restart() : this.#complete())
    this.#begin(sentMs, arrivalMs)
    return complete
  }

  /** False for the very first. */
  #belongs(sinceFirstMs: number, sendGapMs: number, arrivalMs: number, arrivalGapMs: number): boolean {
    if (sendGapMs > RESTART_MS || Math.abs(arrivalGapMs - sendGapMs) > RESTART_MS) return false
    if (sinceFirstMs <= BURST_MS) return true
    // Packets that waited somewhere together and were let go at once, as Wi-Fi does, tell nothing about a queue.
    const burst = arrivalGapMs <= BURST_MS && arrivalGapMs < sendGapMs
    return burst && arrivalMs - this.#firstArrivalMs < MAX_BURST_MS
  }

  /** The group belongs to another time. */
  #restart(): boolean {
    this.restarts++
    this.#previousSentMs = Number.NaN
    return false
  }

  /** The group ends with what came last; false if it is the first one. */
  #complete(): boolean {
    const complete = !Number.isNaN(this.#previousSentMs)
    this.sendDeltaMs = this.#lastSentMs - this.#previousSentMs
    this.arrivalDeltaMs = this.#lastArrivalMs - this.#previousArrivalMs
    this.arrivalMs = this.#lastArrivalMs
    this.#previousSentMs = this.#lastSentMs
    this.#previousArrivalMs = this.#lastArrivalMs
    return complete
  }

  #begin(sentMs: number, arrivalMs: number): void {
    this.#firstSentMs = sentMs
    this.#lastSentMs = sentMs
    this.#firstArrivalMs = arrivalMs
    this.#lastArrivalMs = arrivalMs
  }
}
