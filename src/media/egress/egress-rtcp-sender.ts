/** Our RTCP to a viewer: sender reports, our CNAME, BYE (RFC 3550, sections 6.4.1, 6.5 and 6.6), and answers to pauses (RFC 7728). */
import { middle32, ntpFraction, ntpSeconds } from '../../rtp/ntp-time.js'
import { writeBye } from '../../rtp/rtcp/bye.js'
import { MAX_PAUSE_MESSAGE_LENGTH, PAUSE_TYPE, type PauseType, writePauseMessage } from '../../rtp/rtcp/pause.js'
import { RECEIVER_REPORT_LENGTH, writeReceiverReport } from '../../rtp/rtcp/receiver-report.js'
import { writeSdesCname } from '../../rtp/rtcp/sdes.js'
import { createSenderReport, SENDER_REPORT_LENGTH, writeSenderReport } from '../../rtp/rtcp/sender-report.js'
import type { RtpOutput } from '../types.js'
import type { EgressTrack } from './egress-track.js'
import type { SourceClock } from './source-clock.js'

/** Header, SSRC, item head, text of at most 255 bytes, end and padding. */
const MAX_SDES_LENGTH = 272

/** Room for a BYE of 31 sources. */
const MAX_BYE_LENGTH = 128

const report = createSenderReport()

/** Writes RTCP into a viewer's output. Each stream reports in a compound of its own, as a sender of one stream would. */
export class EgressRtcpSender {
  readonly #output: RtpOutput
  readonly #cname: string

  constructor(output: RtpOutput, cname: string) {
    this.#output = output
    this.#cname = cname
  }

  /** Reports on a stream, by the clock of what it carries. A stream that has paused has no time to report, so nothing is sent for it. */
  sendReport(track: EgressTrack, clock: SourceClock, nowMs: number): void {
    const { repeats, payloadCodec } = track
    if (payloadCodec === undefined) {
      repeats.stop()
      return
    }
    // Before it is known whether there is room: what cannot be sent is not tried again at once.
    repeats.next(nowMs)
    const offset = this.#output.reserve(SENDER_REPORT_LENGTH + MAX_SDES_LENGTH)
    if (offset < 0) return
    const { buffer } = this.#output
    const unixMs = clock.unixMs(nowMs)
    const { ssrc } = track.section
    report.ssrc = ssrc
    report.ntpSeconds = ntpSeconds(unixMs)
    report.ntpFraction = ntpFraction(unixMs)
    report.rtpTimestamp = track.timestampAt(nowMs, clock)
    const { packets, payloadBytes } = track.reported
    report.packetCount = packets
    report.octetCount = payloadBytes
    const at = writeSenderReport(buffer, offset, report)
    const end = writeSdesCname(buffer, at, ssrc, this.#cname)
    repeats.sent(unixMs, report.rtpTimestamp, payloadCodec.codec.clockRate, nowMs)
    track.reports.senderReportSent(middle32(report.ntpSeconds, report.ntpFraction), nowMs)
    this.#output.sendRtcp(offset, end - offset)
  }

  /** Says that a stream has paused, `newestExtSeq` being the last number that was sent; -1 if none was. */
  sendPaused(ssrc: number, pauseId: number, newestExtSeq: number): void {
    this.#sendPause(PAUSE_TYPE.paused, ssrc, pauseId, Math.max(0, newestExtSeq))
  }

  /** Says that a stream was not paused, and what a request has to have. */
  sendRefused(ssrc: number, nextPauseId: number): void {
    this.#sendPause(PAUSE_TYPE.refused, ssrc, nextPauseId, 0)
  }

  #sendPause(type: PauseType, ssrc: number, pauseId: number, extSeq: number): void {
    const offset = this.#output.reserve(RECEIVER_REPORT_LENGTH + MAX_SDES_LENGTH + MAX_PAUSE_MESSAGE_LENGTH)
    if (offset < 0) return
    const { buffer } = this.#output
    let at = writeReceiverReport(buffer, offset, ssrc)
    at = writeSdesCname(buffer, at, ssrc, this.#cname)
    at = writePauseMessage(buffer, at, ssrc, type, ssrc, pauseId, extSeq)
    this.#output.sendRtcp(offset, at - offset)
  }

  /** Says that the streams which were begun are leaving. */
  sendBye(tracks: readonly EgressTrack[]): void {
    const ssrcs = tracks.filter(({ packets }) => packets > 0).map(({ section }) => section.ssrc)
    const [first] = ssrcs
    if (first === undefined) return
    const offset = this.#output.reserve(RECEIVER_REPORT_LENGTH + MAX_SDES_LENGTH + MAX_BYE_LENGTH)
    if (offset < 0) return
    const { buffer } = this.#output
    let at = writeReceiverReport(buffer, offset, first)
    at = writeSdesCname(buffer, at, first, this.#cname)
    at = writeBye(buffer, at, ssrcs)
    this.#output.sendRtcp(offset, at - offset)
  }
}
