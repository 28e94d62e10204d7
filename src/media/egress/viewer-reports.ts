/** What a viewer reports about one of our streams: loss, jitter and round trip (RFC 3550, section 6.4.1). */
import { middle32ToMs } from '../../rtp/ntp-time.js'
import type { ReportBlock } from '../../rtp/rtcp/report-block.js'

/** How many of our newest sender reports a viewer may refer to. */
const KNOWN_REPORTS = 16

/** The reports of one stream's receiver. */
export class ViewerReports {
  /** Reports received. */
  count = 0
  /** Of the last interval, 0 to 1. */
  fractionLost = 0
  /** Since the beginning; negative if duplicates came. */
  packetsLost = 0
  /** In units of the RTP clock. */
  jitter = 0
  /** Undefined before a report has referred to one of ours. */
  rttMs: number | undefined
  /** A ring: the middle 32 bits of our sender reports' NTP times, and when they were sent. */
  readonly #references = new Uint32Array(KNOWN_REPORTS)
  readonly #sentMs = new Float64Array(KNOWN_REPORTS)
  #sent = 0

  /** Our sender report with that NTP time goes out. */
  senderReportSent(reference: number, nowMs: number): void {
    const at = this.#sent++ % KNOWN_REPORTS
    this.#references[at] = reference
    this.#sentMs[at] = nowMs
  }

  /** Takes a report block about the stream. */
  receive(block: ReportBlock, nowMs: number): void {
    this.count++
    this.fractionLost = block.fractionLost / 256
    this.packetsLost = block.packetsLost
    this.jitter = block.jitter
    if (block.lastSenderReport === 0) return
    // By when that very report was sent, not by its NTP time: that one follows the publisher's clock.
    const known = Math.min(this.#sent, KNOWN_REPORTS)
    for (let back = 1; back <= known; back++) {
      const at = (this.#sent - back) % KNOWN_REPORTS
      if (this.#references[at] !== block.lastSenderReport) continue
      const heldMs = middle32ToMs(block.delaySinceLastSenderReport)
      this.rttMs = Math.max(0, nowMs - (this.#sentMs[at] as number) - heldMs)
      return
    }
  }
}
