/** A receiver's transport-wide feedback: remembers when each numbered packet arrived, and tells about it from time to time, as a browser does. */
import { NOT_RECEIVED, TICKS_PER_MS } from '../../../src/rtp/rtcp/transport-feedback.js'
import { TransportFeedbackWriter } from '../../../src/rtp/rtcp/transport-feedback-writer.js'
import { SequenceUnwrapper } from '../../../src/rtp/sequence.js'
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'

const MAX_FEEDBACK_BYTES = 1200
/** Arrivals are remembered for so many packets, in case one comes that was given up. */
const REMEMBERED = 500

export interface TransportFeedbackOptions {
  readonly intervalMs?: number
  /** The receiver's clock minus the sender's: they have nothing to do with each other. */
  readonly clockOffsetMs?: number
}

export class TransportFeedbackReporter {
  /** False for one that gives no feedback. */
  enabled = true
  readonly #clock: VirtualClock
  readonly #send: (feedback: Buffer) => void
  readonly #intervalMs: number
  readonly #clockOffsetMs: number
  readonly #unwrapper = new SequenceUnwrapper()
  readonly #writer = new TransportFeedbackWriter(1)
  readonly #arrivalTicks = new Map<number, number>()
  #reportedTo = -1
  #pending = false

  constructor(clock: VirtualClock, options: TransportFeedbackOptions, send: (feedback: Buffer) => void) {
    this.#clock = clock
    this.#send = send
    this.#intervalMs = options.intervalMs ?? 100
    this.#clockOffsetMs = options.clockOffsetMs ?? 987_654.25
  }

  /** How many arrivals are remembered. */
  get remembered(): number {
    return this.#arrivalTicks.size
  }

  /** The packet with that transport-wide number has arrived. */
  arrived(seq: number): void {
    const nowMs = this.#clock.nowMs()
    const extSeq = this.#unwrapper.unwrap(seq)
    if (this.#reportedTo < 0) this.#reportedTo = extSeq - 1
    // One that comes after it was reported missing is reported again, with everything behind it.
    if (extSeq <= this.#reportedTo) this.#reportedTo = extSeq - 1
    this.#arrivalTicks.set(extSeq, Math.round((nowMs + this.#clockOffsetMs) * TICKS_PER_MS))
    if (this.#pending) return
    this.#pending = true
    this.#clock.at(nowMs + this.#intervalMs, () => this.#report())
  }

  #report(): void {
    this.#pending = false
    const { newest } = this.#unwrapper
    const ticks: number[] = []
    for (let extSeq = this.#reportedTo + 1; extSeq <= newest; extSeq++) {
      ticks.push(this.#arrivalTicks.get(extSeq) ?? NOT_RECEIVED)
    }
    for (let from = 0; from < ticks.length; ) {
      const feedback = Buffer.alloc(MAX_FEEDBACK_BYTES)
      const baseSeq = (this.#reportedTo + 1) & 0xffff
      const end = this.#writer.write(feedback, 0, feedback.length, 2, baseSeq, ticks, from, ticks.length)
      if (this.#writer.taken === 0) break
      from += this.#writer.taken
      this.#reportedTo += this.#writer.taken
      if (this.enabled) this.#send(feedback.subarray(0, end))
    }
    for (const extSeq of this.#arrivalTicks.keys()) {
      if (extSeq >= newest - REMEMBERED) break
      this.#arrivalTicks.delete(extSeq)
    }
  }
}
