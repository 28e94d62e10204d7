/** Our RTCP to a publisher: compound packets of a receiver report, our CNAME and what there is to ask (RFC 3550, section 6.1). */
import { writeBye } from '../../rtp/rtcp/bye.js'
import { writeFir, writePli } from '../../rtp/rtcp/feedback.js'
import { RECEIVER_REPORT_LENGTH, writeReceiverReport } from '../../rtp/rtcp/receiver-report.js'
import { REPORT_BLOCK_LENGTH, type ReportBlock } from '../../rtp/rtcp/report-block.js'
import { writeSdesCname } from '../../rtp/rtcp/sdes.js'
import type { RtpOutput } from '../types.js'
import type { StreamRoute } from './stream-router.js'

/** Blocks that one report holds. More streams than this at once take turns. */
const MAX_BLOCKS = 31

/** Header, SSRC, item head, text of at most 255 bytes, end and padding. */
const MAX_SDES_LENGTH = 272

/** The longest of the parts that follow report and CNAME: a FIR. */
const MAX_TAIL_LENGTH = 20

/** Writes RTCP into a publisher's output. */
export class IngestRtcpSender {
  readonly #output: RtpOutput
  readonly #ssrc: number
  readonly #cname: string
  readonly #blocks: ReportBlock[] = []
  #sent = false

  constructor(output: RtpOutput, ssrc: number, cname: string) {
    this.#output = output
    this.#ssrc = ssrc
    this.#cname = cname
  }

  /** Reports on all streams of which something came since their last report; false if there is none. */
  sendReport(routes: Iterable<StreamRoute>, nowMs: number): boolean {
    const blocks = this.#blocks
    blocks.length = 0
    for (const { stream } of routes) {
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

  /** Says that our SSRC is leaving, unless it never said anything. */
  sendBye(): void {
    if (!this.#sent) return
    const start = this.#begin([])
    if (start >= 0) this.#finish(start, writeBye(this.#output.buffer, this.#at, [this.#ssrc]))
  }

  /** Where the next part goes. */
  #at = 0

  /** Writes what every compound begins with; returns where it starts, or -1 when there is no room. */
  #begin(blocks: readonly ReportBlock[]): number {
    const length = RECEIVER_REPORT_LENGTH + blocks.length * REPORT_BLOCK_LENGTH + MAX_SDES_LENGTH + MAX_TAIL_LENGTH
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
