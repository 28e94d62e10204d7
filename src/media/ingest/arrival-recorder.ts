/**
 * When the packets of a publisher's transport arrived, by their transport-wide numbers, for the feedback that its congestion control runs on
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3).
 */
import { NOT_RECEIVED, TICKS_PER_MS } from '../../rtp/rtcp/transport-feedback.js'
import { SequenceUnwrapper } from '../../rtp/sequence.js'

/** How many of the newest numbers are remembered: more than a second of any publisher. */
const WINDOW = 4096

/** Arrivals since the last feedback. */
export class ArrivalRecorder {
  /** Packets recorded. */
  count = 0
  readonly #unwrapper = new SequenceUnwrapper()
  /** A ring of arrival ticks by unwrapped number; made with the first packet. */
  #ticks = new Float64Array(0)
  #newest = -1
  /** The first number that the next feedback is about; the newest plus one when there is nothing to tell. */
  #from = 0
  readonly #report = new Float64Array(WINDOW)

  /** True if something has come since the last feedback. */
  get pending(): boolean {
    return this.#newest >= this.#from && this.count > 0
  }

  /** A packet with the transport-wide number `seq` has come. */
  record(seq: number, nowMs: number): void {
    const extSeq = this.#unwrapper.unwrap(seq)
    if (this.count === 0) this.#start(extSeq)
    if (extSeq > this.#newest) this.#advance(extSeq)
    // Too old, or a second time.
    if (extSeq <= this.#newest - WINDOW || this.#ticks[extSeq % WINDOW] !== NOT_RECEIVED) return
    this.count++
    this.#ticks[extSeq % WINDOW] = Math.round(nowMs * TICKS_PER_MS)
    // It was reported missing: the next feedback tells again from there on.
    if (extSeq < this.#from) this.#from = extSeq
  }

  /**
   * Tells what has come since the last feedback, and what is missing in between: `write` gets the number of the first packet, and the arrival
   * ticks of it and those behind it, as many as `count` says, which are valid until the next call.
   */
  flush(write: (baseSeq: number, ticks: Float64Array, count: number) => void): void {
    if (!this.pending) return
    const from = Math.max(this.#from, this.#newest - WINDOW + 1)
    const count = this.#newest - from + 1
    for (let i = 0; i < count; i++) this.#report[i] = this.#ticks[(from + i) % WINDOW] as number
    this.#from = this.#newest + 1
    write(from & 0xffff, this.#report, count)
  }

  #start(extSeq: number): void {
    this.#ticks = new Float64Array(WINDOW).fill(NOT_RECEIVED)
    this.#newest = extSeq - 1
    this.#from = extSeq
  }

  #advance(extSeq: number): void {
    // A leap beyond the window is no loss to tell of: the sender has begun anew.
    if (extSeq - this.#newest > WINDOW) this.#from = extSeq
    for (let next = Math.max(this.#newest + 1, extSeq - WINDOW + 1); next <= extSeq; next++) {
      this.#ticks[next % WINDOW] = NOT_RECEIVED
    }
    this.#newest = extSeq
  }
}
