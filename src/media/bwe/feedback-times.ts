/**
 * Arrival times on one time line: a transport-wide feedback counts them from a reference time of 24 bits, which wraps every 12 days
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1).
 */
import { NOT_RECEIVED, TICKS_PER_MS, type TransportFeedback } from '../../rtp/rtcp/transport-feedback.js'
import type { PacketFeedback } from './feedback-reader.js'
import { MAX_FEEDBACK_PACKETS } from './received-packets.js'

const REFERENCE_MS = 64

// Scratch memory of the thread: a feedback is used before the next is read.
const arrivalMs = new Float64Array(MAX_FEEDBACK_PACKETS)
const view = { baseExtSeq: 0, count: 0, arrivalMs }

/** The time line of one receiver. */
export class FeedbackTimes {
  #newest = -1

  /**
   * What `readTransportFeedback` has read, as the estimator takes it. It holds until the next call, of any instance.
   *
   * @param baseExtSeq the unwrapped number for `feedback.baseSeq`; `BandwidthEstimator.unwrap` knows it.
   */
  read(feedback: TransportFeedback, arrivalTicks: Int32Array, baseExtSeq: number): PacketFeedback {
    const referenceMs = this.#unwrap(feedback.referenceTime) * REFERENCE_MS
    const count = Math.min(feedback.statusCount, arrivalTicks.length, MAX_FEEDBACK_PACKETS)
    for (let i = 0; i < count; i++) {
      const ticks = arrivalTicks[i] as number
      arrivalMs[i] = ticks === NOT_RECEIVED ? Number.NaN : referenceMs + ticks / TICKS_PER_MS
    }
    view.baseExtSeq = baseExtSeq
    view.count = count
    return view
  }

  /** The nearest to the newest; one that comes late may be older. */
  #unwrap(referenceTime: number): number {
    if (this.#newest < 0) {
      this.#newest = referenceTime + 0x100_0000
      return this.#newest
    }
    const distance = ((referenceTime - this.#newest) << 8) >> 8
    const unwrapped = this.#newest + distance
    if (distance > 0) this.#newest = unwrapped
    return unwrapped
  }
}
