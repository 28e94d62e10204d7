/** What a browser tells a server about its packets: when they came (transport-wide feedback), and which of them are missing (NACK). */
import { ArrivalRecorder } from '../../../dist/media/ingest/arrival-recorder.js'
import { NackGenerator } from '../../../dist/media/ingest/nack-generator.js'
import { ExtensionElement } from '../../../dist/rtp/header-extension.js'
import { writeNack } from '../../../dist/rtp/rtcp/feedback.js'
import { writeReceiverReport } from '../../../dist/rtp/rtcp/receiver-report.js'
import { writeSdesCname } from '../../../dist/rtp/rtcp/sdes.js'
import { TransportFeedbackWriter } from '../../../dist/rtp/rtcp/transport-feedback-writer.js'
import { TRANSPORT_WIDE_ID } from './sdp.mjs'

const FEEDBACK_INTERVAL_MS = 100
const NACK_INTERVAL_MS = 20
const RTCP_ROOM = 1400
/** What SRTCP adds. */
const SRTCP_ROOM = 64
const MAX_NACKED = 64

const element = new ExtensionElement()
const nacked = new Uint16Array(MAX_NACKED)

export class ViewerFeedback {
  #localSsrc
  #send
  #arrivals = new ArrivalRecorder()
  #nacks = new NackGenerator()
  #writer
  #mediaSsrc = 0
  #timers

  /**
   * @param {number} localSsrc
   * @param {(buffer: Buffer, length: number) => void} send takes a compound packet in plain
   */
  constructor(localSsrc, send) {
    this.#localSsrc = localSsrc
    this.#send = send
    this.#writer = new TransportFeedbackWriter(localSsrc)
    this.#timers = [
      setInterval(() => this.#reportArrivals(), FEEDBACK_INTERVAL_MS),
      setInterval(() => this.#requestMissing(), NACK_INTERVAL_MS),
    ]
  }

  close() {
    for (const timer of this.#timers) clearInterval(timer)
  }

  /**
   * A packet of whatever stream has come; its header is enough.
   *
   * @param {Buffer} packet
   * @param {import('../../../dist/rtp/rtp-header.js').RtpHeader} header
   * @param {number} nowMs
   */
  arrived(packet, header, nowMs) {
    if (element.find(packet, header, TRANSPORT_WIDE_ID))
      this.#arrivals.record(packet.readUInt16BE(element.offset), nowMs)
  }

  /** A packet of the video itself has come. */
  received(ssrc, extSeq, nowMs) {
    this.#mediaSsrc = ssrc
    this.#nacks.receive(extSeq, true, nowMs)
  }

  /** One of its packets has come again, over RTX. */
  repaired(extSeq, nowMs) {
    return this.#nacks.repair(extSeq, nowMs)
  }

  #reportArrivals() {
    this.#arrivals.flush((baseSeq, ticks, count) => {
      for (let from = 0; from < count; from += this.#writer.taken) {
        const { buffer, at } = this.#begin()
        const seq = (baseSeq + from) & 0xffff
        const end = this.#writer.write(buffer, at, RTCP_ROOM, this.#mediaSsrc, seq, ticks, from, count)
        if (this.#writer.taken === 0) return
        this.#send(buffer, end)
      }
    })
  }

  #requestMissing() {
    const count = this.#nacks.collect(performance.now(), nacked)
    if (count === 0) return
    const { buffer, at } = this.#begin()
    this.#send(buffer, writeNack(buffer, at, this.#localSsrc, this.#mediaSsrc, nacked, count))
  }

  #begin() {
    const buffer = Buffer.alloc(RTCP_ROOM + SRTCP_ROOM)
    const report = writeReceiverReport(buffer, 0, this.#localSsrc)
    return { buffer, at: writeSdesCname(buffer, report, this.#localSsrc, 'bench') }
  }
}
