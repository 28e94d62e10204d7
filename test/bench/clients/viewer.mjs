/** A viewer that counts: every packet by its sequence number, one in so many decrypted to prove it and to read its age. */
import { middle32, msToMiddle32 } from '../../../dist/rtp/ntp-time.js'
import { writePli } from '../../../dist/rtp/rtcp/feedback.js'
import { writeReceiverReport } from '../../../dist/rtp/rtcp/receiver-report.js'
import { createReportBlock } from '../../../dist/rtp/rtcp/report-block.js'
import { RtcpReader } from '../../../dist/rtp/rtcp/rtcp-reader.js'
import { writeSdesCname } from '../../../dist/rtp/rtcp/sdes.js'
import { createSenderReport, readSenderReport } from '../../../dist/rtp/rtcp/sender-report.js'
import { RtpHeader } from '../../../dist/rtp/rtp-header.js'
import { Connection } from './connection.mjs'
import { RTX_PAYLOAD_TYPE, VIDEO_PAYLOAD_TYPE } from './sdp.mjs'
import { ViewerFeedback } from './viewer-feedback.mjs'
import { beginsVp8Keyframe, readSentAtMs } from './vp8-payload.mjs'

const REPORT_INTERVAL_MS = 1000
/** How often a viewer without a keyframe asks for one, as a decoder would. */
const PLI_INTERVAL_MS = 500
const RTCP_ROOM = 512

const header = new RtpHeader()
const reader = new RtcpReader()
const senderReport = createSenderReport()

export class Viewer {
  received = 0
  /** Came behind a later one, or a second time. */
  late = 0
  /** Came over RTX, after it had been asked for. */
  repaired = 0
  decrypted = 0
  authFailures = 0
  /** Milliseconds from the POST to the first packet of the first keyframe; undefined before. */
  firstKeyframeMs
  #ssrc = 0
  #firstExtSeq = 0
  #highestExtSeq = -1
  #reported = { expected: 0, received: 0 }
  #lastSenderReport = 0
  #lastSenderReportAtMs = 0
  #startedAtMs = 0
  #sampleRate
  #onLatency
  #connection
  #hasFeedback
  /** @type {ViewerFeedback | undefined} */
  #feedback
  #reportTimer
  #pliTimer

  /**
   * @param {number} sampleEvery one packet in so many is decrypted
   * @param {(ms: number) => void} onLatency
   * @param {object} [network]
   * @param {boolean} [network.hasFeedback] gives transport-wide feedback and asks for what is missing, as browsers do
   * @param {any} [network.impaired] the conditions of a relay in between
   */
  constructor(sampleEvery, onLatency, { hasFeedback = false, impaired } = {}) {
    this.#sampleRate = 1 / sampleEvery
    this.#onLatency = onLatency
    this.#hasFeedback = hasFeedback
    this.#connection = new Connection({
      onRtp: (packet) => this.#onRtp(packet),
      onRtcp: (buffer, end) => this.#onRtcp(buffer, end),
      hasFeedback,
      impaired,
    })
  }

  /** Resolves when the SRTP keys are there. */
  async join(url, srtp) {
    this.#startedAtMs = performance.now()
    await this.#connection.connect(url, 'recvonly', srtp)
    if (this.#hasFeedback) {
      const send = (buffer, length) => this.#connection.sendRtcp(buffer, length)
      this.#feedback = new ViewerFeedback(this.#connection.localSsrc, send)
    }
    // Spread, so that a thousand viewers do not report in the same millisecond.
    this.#reportTimer = setTimeout(() => {
      this.#reportTimer = setInterval(() => this.#report(), REPORT_INTERVAL_MS)
    }, Math.random() * REPORT_INTERVAL_MS)
    this.#pliTimer = setInterval(() => this.#requestKeyframe(), PLI_INTERVAL_MS)
  }

  /** Packets that there must have been, from the first one to the highest sequence number. */
  get expected() {
    return this.#highestExtSeq < 0 ? 0 : this.#highestExtSeq - this.#firstExtSeq + 1
  }

  get srtpProfile() {
    return this.#connection.srtpProfile
  }

  /** The session on the server. */
  get sessionUrl() {
    return this.#connection.sessionUrl
  }

  get rtcpAuthFailures() {
    return this.#connection.rtcpAuthFailures
  }

  async close() {
    clearInterval(this.#reportTimer)
    clearInterval(this.#pliTimer)
    this.#feedback?.close()
    await this.#connection.close()
  }

  #onRtp(packet) {
    const payloadType = packet[1] & 0x7f
    const nowMs = performance.now()
    if (this.#feedback && header.parse(packet, 0, packet.length)) {
      this.#feedback.arrived(packet, header, nowMs)
      if (payloadType === RTX_PAYLOAD_TYPE) this.#onRepair(packet, nowMs)
    }
    if (payloadType !== VIDEO_PAYLOAD_TYPE) return
    const seq = packet.readUInt16BE(2)
    let ahead = 0
    if (this.#highestExtSeq < 0) {
      this.#ssrc = packet.readUInt32BE(8)
      // One cycle up, so that a packet that came before the first one has a number too.
      this.#firstExtSeq = 0x1_0000 + seq
      this.#highestExtSeq = this.#firstExtSeq
    } else {
      ahead = ((seq - this.#highestExtSeq) << 16) >> 16
      if (ahead > 0) this.#highestExtSeq += ahead
      else this.late++
    }
    this.received++
    this.#feedback?.received(this.#ssrc, this.#highestExtSeq + Math.min(0, ahead), nowMs)
    if (this.firstKeyframeMs === undefined || Math.random() < this.#sampleRate) this.#inspect(packet)
  }

  /** The payload of a retransmission begins with the number that the packet had (RFC 4588, section 4). */
  #onRepair(packet, nowMs) {
    const { headerLength } = header
    const end = this.#connection.openRtp(packet, headerLength)
    if (end < 0) this.authFailures++
    // Probes are padding and nothing else.
    if (end < headerLength + 2 || this.#highestExtSeq < 0) return
    const ahead = ((packet.readUInt16BE(headerLength) - this.#highestExtSeq) << 16) >> 16
    if (this.#feedback.repaired(this.#highestExtSeq + ahead, nowMs)) this.repaired++
  }

  #inspect(packet) {
    const nowMs = performance.now()
    if (!header.parse(packet, 0, packet.length)) return void this.authFailures++
    const { headerLength } = header
    const end = this.#connection.openRtp(packet, headerLength)
    if (end < 0) return void this.authFailures++
    this.decrypted++
    const sentAtMs = readSentAtMs(packet, headerLength, end)
    if (sentAtMs !== undefined) this.#onLatency(nowMs - sentAtMs)
    if (this.firstKeyframeMs === undefined && beginsVp8Keyframe(packet, headerLength, end)) {
      this.firstKeyframeMs = nowMs - this.#startedAtMs
      clearInterval(this.#pliTimer)
    }
  }

  #onRtcp(buffer, end) {
    if (!reader.reset(buffer, 0, end)) return
    while (reader.next()) {
      if (!readSenderReport(buffer, reader.offset, senderReport) || senderReport.ssrc !== this.#ssrc) continue
      this.#lastSenderReport = middle32(senderReport.ntpSeconds, senderReport.ntpFraction)
      this.#lastSenderReportAtMs = performance.now()
    }
  }

  #report() {
    const { expected, received } = this
    if (expected === 0) return
    const lost = expected - received
    const newlyExpected = expected - this.#reported.expected
    const newlyLost = Math.max(0, newlyExpected - (received - this.#reported.received))
    this.#reported = { expected, received }
    const sinceReport = this.#lastSenderReport === 0 ? 0 : performance.now() - this.#lastSenderReportAtMs
    const block = {
      ...createReportBlock(),
      ssrc: this.#ssrc,
      fractionLost: newlyExpected > 0 ? Math.floor((256 * newlyLost) / newlyExpected) : 0,
      packetsLost: lost,
      highestSeq: (this.#highestExtSeq - 0x1_0000) >>> 0,
      lastSenderReport: this.#lastSenderReport,
      delaySinceLastSenderReport: msToMiddle32(sinceReport),
    }
    const { localSsrc } = this.#connection
    const buffer = Buffer.alloc(RTCP_ROOM)
    const at = writeReceiverReport(buffer, 0, localSsrc, [block])
    this.#connection.sendRtcp(buffer, writeSdesCname(buffer, at, localSsrc, 'bench'))
  }

  #requestKeyframe() {
    if (this.#highestExtSeq < 0) return
    const { localSsrc } = this.#connection
    const buffer = Buffer.alloc(RTCP_ROOM)
    const report = writeReceiverReport(buffer, 0, localSsrc)
    const sdes = writeSdesCname(buffer, report, localSsrc, 'bench')
    this.#connection.sendRtcp(buffer, writePli(buffer, sdes, localSsrc, this.#ssrc))
  }
}
