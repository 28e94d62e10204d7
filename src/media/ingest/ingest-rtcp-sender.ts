/** Our RTCP to a publisher: compound packets of a receiver report, our CNAME and what there is to ask (RFC 3550, section 6.1). */
import { writeBye } from '../../rtp/rtcp/bye.js'
import { FEEDBACK_HEADER_LENGTH, writeFir, writeNack, writePli, writeRemb } from '../../rtp/rtcp/feedback.js'
import { type PauseType, writePauseMessage } from '../../rtp/rtcp/pause.js'
import { RECEIVER_REPORT_LENGTH, writeReceiverReport } from '../../rtp/rtcp/receiver-report.js'
import { REPORT_BLOCK_LENGTH, type ReportBlock } from '../../rtp/rtcp/report-block.js'
import { writeSdesCname } from '../../rtp/rtcp/sdes.js'
import { TransportFeedbackWriter } from '../../rtp/rtcp/transport-feedback-writer.js'
import type { RtpOutput } from '../types.js'
import type { ReceptionStatistics } from './reception-statistics.js'

/** Blocks that one report holds. More streams than this at once take turns. */
const MAX_BLOCKS = 31

/** Header, SSRC, item head, text of at most 255 bytes, end and padding. */
const MAX_SDES_LENGTH = 272

/** The longest of the short parts that follow report and CNAME: a FIR, or a request to pause a stream. */
const SHORT_TAIL_LENGTH = 20

/** One transport-wide feedback message: with what precedes it, it fits any path's packets. */
const MAX_TRANSPORT_FEEDBACK_LENGTH = 800

/** A received stream as far as reports are about it. */
export interface ReportedStream {
  readonly ssrc: number
  readonly statistics: ReceptionStatistics
  readonly reportBlock: ReportBlock
  /** `statistics.received` at the last report. */
  receivedAtReport: number
}

/** Writes RTCP into a publisher's output. */
export class IngestRtcpSender {
  readonly #output: RtpOutput
  readonly #ssrc: number
  readonly #cname: string
  readonly #blocks: ReportBlock[] = []
  readonly #transportFeedback: TransportFeedbackWriter
  #sent = false

  constructor(output: RtpOutput, ssrc: number, cname: string) {
    this.#output = output
    this.#ssrc = ssrc
    this.#cname = cname
    this.#transportFeedback = new TransportFeedbackWriter(ssrc)
  }

  /** Reports on all streams of which something came since their last report; false if there is none. */
  sendReport(streams: Iterable<ReportedStream>, nowMs: number): boolean {
    const blocks = this.#blocks
    blocks.length = 0
    for (const stream of streams) {
      const { received } = stream.statistics
      if (received === stream.receivedAtReport || blocks.length === MAX_BLOCKS) continue
      stream.receivedAtReport = received
      stream.statistics.report(stream.ssrc, nowMs, stream.reportBlock)
      blocks.push(stream.reportBlock)
    }
    if (blocks.length === 0) return false
    const start = this.#begin(blocks)
    if (start >= 0) this.#finish(start, this.#at)
    return true
  }

  /** Asks for a keyframe by PLI; false if it could not be sent. */
  sendPli(mediaSsrc: number): boolean {
    const start = this.#begin([])
    if (start < 0) return false
    this.#finish(start, writePli(this.#output.buffer, this.#at, this.#ssrc, mediaSsrc))
    return true
  }

  /** Asks for a keyframe by FIR; false if it could not be sent. */
  sendFir(mediaSsrc: number, seqNr: number): boolean {
    const start = this.#begin([])
    if (start < 0) return false
    this.#finish(start, writeFir(this.#output.buffer, this.#at, this.#ssrc, mediaSsrc, seqNr))
    return true
  }

  /** Asks to pause a stream, or to resume it. */
  sendPauseRequest(type: PauseType, mediaSsrc: number, pauseId: number): void {
    const start = this.#begin([])
    if (start < 0) return
    this.#finish(start, writePauseMessage(this.#output.buffer, this.#at, this.#ssrc, type, mediaSsrc, pauseId))
  }

  /** Asks for the packets with the first `count` of `seqs`, 16 bit and ascending; false if it could not be sent. */
  sendNack(mediaSsrc: number, seqs: Uint16Array, count: number): boolean {
    const start = this.#begin([], FEEDBACK_HEADER_LENGTH + 4 * count)
    if (start < 0) return false
    this.#finish(start, writeNack(this.#output.buffer, this.#at, this.#ssrc, mediaSsrc, seqs, count))
    return true
  }

  /** Says how much the publisher may send with all `ssrcs` together. */
  sendRemb(bitrateBps: number, ssrcs: readonly number[]): void {
    const start = this.#begin([], FEEDBACK_HEADER_LENGTH + 8 + 4 * ssrcs.length)
    if (start >= 0) this.#finish(start, writeRemb(this.#output.buffer, this.#at, this.#ssrc, bitrateBps, ssrcs))
  }

  /** Tells the arrivals `ticks[0, count)`, in as many packets as it takes; returns the bytes of all of them. */
  sendTransportFeedback(mediaSsrc: number, baseSeq: number, ticks: Float64Array, count: number): number {
    const writer = this.#transportFeedback
    let bytes = 0
    for (let from = 0; from < count; from += writer.taken) {
      const start = this.#begin([], MAX_TRANSPORT_FEEDBACK_LENGTH)
      if (start < 0) break
      const limit = this.#at + MAX_TRANSPORT_FEEDBACK_LENGTH
      const end = writer.write(this.#output.buffer, this.#at, limit, mediaSsrc, baseSeq + from, ticks, from, count)
      this.#finish(start, end)
      bytes += end - start
    }
    return bytes
  }

  /** Says that our SSRC is leaving, unless it never said anything. */
  sendBye(): void {
    if (!this.#sent) return
    const start = this.#begin([])
    if (start >= 0) this.#finish(start, writeBye(this.#output.buffer, this.#at, [this.#ssrc]))
  }

  /** Where the next part goes. */
  #at = 0

  /** Writes what every compound begins with; returns where it starts, or -1 when there is no room. */
  #begin(blocks: readonly ReportBlock[], tailLength = SHORT_TAIL_LENGTH): number {
    const length = RECEIVER_REPORT_LENGTH + blocks.length * REPORT_BLOCK_LENGTH + MAX_SDES_LENGTH + tailLength
    const start = this.#output.reserve(length)
    if (start < 0) return -1
    const { buffer } = this.#output
    this.#at = writeReceiverReport(buffer, start, this.#ssrc, blocks)
    this.#at = writeSdesCname(buffer, this.#at, this.#ssrc, this.#cname)
    return start
  }

  #finish(start: number, end: number): void {
    this.#sent = true
    this.#output.sendRtcp(start, end - start)
  }
}
