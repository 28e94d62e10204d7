/** Brings transport-wide feedback together with what was sent, and hands each packet's fate to those who go by it. */
import type { AcknowledgedBitrate } from './acknowledged-bitrate.js'
import type { DelayDetector } from './delay-detector.js'
import type { LossBasedLimit } from './loss-based.js'
import type { ProbeController } from './probe-controller.js'
import { MAX_FEEDBACK_PACKETS, ReceivedPackets } from './received-packets.js'
import type { SendHistory } from './send-history.js'

/** Packets between two reports that are taken for received when no report covers them. */
const MAX_UNCOVERED = 2048

// Scratch memory of the thread.
const received = new ReceivedPackets()

/** What a transport-wide feedback packet says (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1). It is only read during the call. */
export interface PacketFeedback {
  /** The unwrapped number of the first packet; see `BandwidthEstimator.unwrap`. */
  readonly baseExtSeq: number
  /** How many packets it covers. */
  readonly count: number
  /** When each of them arrived, by the receiver's clock in milliseconds; NaN for those that did not. At least `count` long. */
  readonly arrivalMs: Float64Array
}

/** Who goes by the fate of packets. */
export interface FeedbackTakers {
  readonly acknowledged: AcknowledgedBitrate
  readonly detector: DelayDetector
  readonly loss: LossBasedLimit
  readonly probes: ProbeController
}

/** Reads the feedback of one transport. */
export class FeedbackReader {
  /** The newest number that feedback has covered; -1 before. */
  coveredTo = -1
  /** When the newest packet that the last report has as received was sent; NaN if it has none. */
  newestSentMs = Number.NaN
  /** Packets with a known fate. */
  packetsReported = 0
  packetsLost = 0
  readonly #history: SendHistory
  readonly #takers: FeedbackTakers

  constructor(history: SendHistory, takers: FeedbackTakers) {
    this.#history = history
    this.#takers = takers
  }

  /** Takes a report; false, with nothing changed, if it is about no packet that we know. */
  read({ baseExtSeq, count, arrivalMs }: PacketFeedback, appLimited: boolean, nowMs: number): boolean {
    const history = this.#history
    const { acknowledged, detector, loss, probes } = this.#takers
    const end = Math.min(count, MAX_FEEDBACK_PACKETS)
    let known = false
    let reported = 0
    let lost = 0
    let bytes = 0
    let sentMs = Number.NaN
    let newestSentMs = Number.NaN
    received.count = 0
    for (let i = 0; i < end; i++) {
      const slot = history.slot(baseExtSeq + i)
      if (slot < 0) continue
      known = true
      sentMs = history.sentMs(slot, nowMs)
      if (history.isReceived(slot)) continue
      const atMs = arrivalMs[i] as number
      const wasLost = history.isLost(slot)
      const packetBytes = history.bytes(slot)
      if (!Number.isFinite(atMs)) {
        if (wasLost) continue
        history.markLost(slot)
        lost++
      } else {
        // One that was given up comes after all: it was not lost.
        if (wasLost) lost--
        if (received.count === 0) this.#assumeUncovered(baseExtSeq)
        newestSentMs = sentMs
        const at = received.count++
        received.sentMs[at] = sentMs
        received.arrivalMs[at] = atMs
        received.bytes[at] = history.isAssumed(slot) ? 0 : packetBytes
        const clusterId = history.clusterId(slot)
        if (clusterId !== 0) probes.packetReceived(clusterId, sentMs, atMs, packetBytes)
        history.markReceived(slot)
      }
      if (wasLost) continue
      reported++
      bytes += packetBytes
    }
    this.newestSentMs = newestSentMs
    if (!known) return false
    acknowledged.addAll(received, appLimited)
    detector.addAll(received, nowMs)
    loss.count(lost, reported, bytes, sentMs)
    this.packetsReported += reported
    this.packetsLost += lost
    this.coveredTo = Math.max(this.coveredTo, Math.min(baseExtSeq + count - 1, history.newestExtSeq))
    return true
  }

  /** The report about the packets before `baseExtSeq` was lost: their bytes are taken for received, or the rate would seem to fall. */
  #assumeUncovered(baseExtSeq: number): void {
    if (this.coveredTo < 0 || baseExtSeq - this.coveredTo > MAX_UNCOVERED) return
    const history = this.#history
    let bytes = 0
    for (let extSeq = this.coveredTo + 1; extSeq < baseExtSeq; extSeq++) {
      const slot = history.slot(extSeq)
      if (slot < 0) continue
      history.markAssumed(slot)
      bytes += history.bytes(slot)
    }
    this.#takers.acknowledged.addUntimed(bytes)
  }
}
