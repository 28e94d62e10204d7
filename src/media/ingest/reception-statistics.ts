/** What a receiver knows of one stream: loss and jitter for its report blocks (RFC 3550, section 6.4.1 and appendices A.1, A.3, A.8). */
import { middle32, msToMiddle32 } from '../../rtp/ntp-time.js'
import type { ReportBlock } from '../../rtp/rtcp/report-block.js'
import { SequenceUnwrapper, seqDelta, timestampDelta } from '../../rtp/sequence.js'
import { MAX_SEQ_GAP } from '../types.js'

/** How far a packet may come late before it is suspected to belong to another numbering. */
const MAX_MISORDER = 1024

/** Where the unwrapper begins to count. */
const FIRST_CYCLE = 0x1_0000

/** The reception of one SSRC. */
export class ReceptionStatistics {
  /** True if the packet of the last `receive` was the first of a new numbering of the same sender. */
  restarted = false
  /** Packets that `receive` has accepted, restarts included. */
  received = 0
  #unwrapper = new SequenceUnwrapper()
  /** The first number of the numbering, and the packets accepted since. */
  #baseExtSeq = -1
  #receivedSinceBase = 0
  #lostBeforeBase = 0
  #expectedAtReport = 0
  #receivedAtReport = 0
  /** The one number that proves a restart if it comes next. */
  #restartSeq = -1
  #jitter = 0
  #clockRate = 0
  #timestamp = 0
  #arrivalMs = 0
  #senderReport = 0
  #senderReportMs = 0

  /**
   * Notes a packet (with a clock rate of 0 where its timestamp means nothing); returns its unwrapped sequence number, or -1 for a packet far off the numbering, which counts only when its successor
   * follows it: then the sender has restarted (`restarted`), and its numbers begin anew.
   */
  receive(seq: number, timestamp: number, clockRate: number, nowMs: number): number {
    this.restarted = false
    if (this.#baseExtSeq >= 0) {
      const delta = seqDelta(seq, this.#unwrapper.newest & 0xffff)
      if (delta > MAX_SEQ_GAP || delta < -MAX_MISORDER) {
        if (seq !== this.#restartSeq) {
          this.#restartSeq = (seq + 1) & 0xffff
          return -1
        }
        this.#restart()
      }
    }
    this.#restartSeq = -1
    const extSeq = this.#unwrapper.unwrap(seq)
    if (this.#baseExtSeq < 0 || extSeq < this.#baseExtSeq) this.#baseExtSeq = extSeq
    this.received++
    this.#receivedSinceBase++
    this.#updateJitter(timestamp, clockRate, nowMs)
    return extSeq
  }

  /** The unwrapped number that `seq` has in the numbering as it is; -1 before the first packet. Nothing is noted. */
  extSeqOf(seq: number): number {
    return this.#baseExtSeq < 0 ? -1 : this.#unwrapper.peek(seq)
  }

  /** Notes the NTP time of a sender report, for the receiver's reports to refer to. */
  receiveSenderReport(ntpSeconds: number, ntpFraction: number, nowMs: number): void {
    this.#senderReport = middle32(ntpSeconds, ntpFraction)
    this.#senderReportMs = nowMs
  }

  /** Packets that never came so far; negative when more came than were sent. */
  get packetsLost(): number {
    return this.#lostBeforeBase + this.#lostSinceBase
  }

  /** Interarrival jitter in milliseconds. */
  get jitterMs(): number {
    return this.#clockRate === 0 ? 0 : (this.#jitter * 1000) / this.#clockRate
  }

  /** Fills a report block, and begins the next interval of the fraction lost. */
  report(ssrc: number, nowMs: number, out: ReportBlock): void {
    const expected = this.#expected - this.#expectedAtReport
    const lost = expected - (this.#receivedSinceBase - this.#receivedAtReport)
    this.#expectedAtReport = this.#expected
    this.#receivedAtReport = this.#receivedSinceBase
    out.ssrc = ssrc
    out.fractionLost = expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected))
    out.packetsLost = this.#lostSinceBase
    out.highestSeq = (this.#unwrapper.newest - FIRST_CYCLE) >>> 0
    out.jitter = Math.floor(this.#jitter)
    out.lastSenderReport = this.#senderReport
    out.delaySinceLastSenderReport = this.#senderReport === 0 ? 0 : msToMiddle32(nowMs - this.#senderReportMs)
  }

  get #expected(): number {
    return this.#baseExtSeq < 0 ? 0 : this.#unwrapper.newest - this.#baseExtSeq + 1
  }

  get #lostSinceBase(): number {
    return this.#expected - this.#receivedSinceBase
  }

  #restart(): void {
    this.restarted = true
    this.#lostBeforeBase += this.#lostSinceBase
    this.#unwrapper = new SequenceUnwrapper()
    this.#baseExtSeq = -1
    this.#receivedSinceBase = 0
    this.#expectedAtReport = 0
    this.#receivedAtReport = 0
    this.#clockRate = 0
  }

  #updateJitter(timestamp: number, clockRate: number, nowMs: number): void {
    if (clockRate === 0) return
    if (clockRate === this.#clockRate) {
      const elapsed = ((nowMs - this.#arrivalMs) * clockRate) / 1000
      const difference = Math.abs(elapsed - timestampDelta(timestamp, this.#timestamp))
      this.#jitter += (difference - this.#jitter) / 16
    } else {
      // Another codec may tick at another rate: the old difference means nothing in it.
      this.#clockRate = clockRate
      this.#jitter = 0
    }
    this.#timestamp = timestamp
    this.#arrivalMs = nowMs
  }
}
