/** A synthetic camera: frames at a steady rate, their packets spread over part of the frame interval, keyframes when they are asked for. */
import { randomFillSync, randomInt } from 'node:crypto'
import { ntpFraction, ntpSeconds } from '../../../dist/rtp/ntp-time.js'
import { isFir, isPli } from '../../../dist/rtp/rtcp/feedback.js'
import { RtcpReader } from '../../../dist/rtp/rtcp/rtcp-reader.js'
import { writeSdesCname } from '../../../dist/rtp/rtcp/sdes.js'
import { writeSenderReport } from '../../../dist/rtp/rtcp/sender-report.js'
import { writeRtpHeader } from '../../../dist/rtp/rtp-writer.js'
import { Connection } from './connection.mjs'
import { VIDEO_PAYLOAD_TYPE } from './sdp.mjs'
import { MIN_PAYLOAD_BYTES, writeVp8Payload } from './vp8-payload.mjs'

const HEADER_LENGTH = 12
const SRTP_ROOM = 32
const REPORT_INTERVAL_MS = 1000
const REPORT_ROOM = 512

/** @typedef {{ packetsPerSecond: number, framesPerSecond: number, payloadBytes: number, pace: number }} Stream */

export class Publisher {
  /** Packets sent so far. */
  sent = 0
  keyframes = 0
  /** PLI and FIR that came in. */
  keyframeRequests = 0
  #stream
  #connection = new Connection({ onRtp: () => {}, onRtcp: (buffer, end) => this.#onRtcp(buffer, end) })
  #reader = new RtcpReader()
  #filler
  #isKeyframeWanted = true
  #extSeq = randomInt(0x8000)
  #firstTimestamp = randomInt(0xffff_ffff)
  #frame = 0
  #packetsDue = 0
  #startMs = 0
  #isClosed = false
  #timer
  #reportTimer

  /** @param {Stream} stream */
  constructor(stream) {
    this.#stream = stream
    this.#filler = randomFillSync(Buffer.alloc(Math.max(MIN_PAYLOAD_BYTES, stream.payloadBytes)))
  }

  /** Connects and begins to send. */
  async start(url, srtp) {
    await this.#connection.connect(url, 'sendonly', srtp)
    this.#startMs = performance.now()
    this.#reportTimer = setInterval(() => this.#report(), REPORT_INTERVAL_MS)
    this.#sendFrame()
  }

  async close() {
    this.#isClosed = true
    clearTimeout(this.#timer)
    clearInterval(this.#reportTimer)
    await this.#connection.close()
  }

  #sendFrame() {
    const { packetsPerSecond, framesPerSecond } = this.#stream
    this.#packetsDue += packetsPerSecond / framesPerSecond
    const count = Math.max(1, Math.floor(this.#packetsDue))
    this.#packetsDue -= count
    const isKeyframe = this.#isKeyframeWanted
    this.#isKeyframeWanted = false
    if (isKeyframe) this.keyframes++
    this.#sendPackets(0, count, isKeyframe)
  }

  /** Sends the packets of the frame that are due by now, and comes back for the others. */
  #sendPackets(first, count, isKeyframe) {
    if (this.#isClosed) return
    const { framesPerSecond, pace } = this.#stream
    const intervalMs = 1000 / framesPerSecond
    const frameAtMs = this.#startMs + this.#frame * intervalMs
    const gapMs = (pace * intervalMs) / count
    let index = first
    for (; index < count && performance.now() >= frameAtMs + index * gapMs; index++) {
      this.#sendPacket(index, count, isKeyframe)
    }
    if (index < count) {
      this.#timer = setTimeout(
        () => this.#sendPackets(index, count, isKeyframe),
        frameAtMs + index * gapMs - performance.now(),
      )
    } else {
      this.#frame++
      this.#timer = setTimeout(() => this.#sendFrame(), frameAtMs + intervalMs - performance.now())
    }
  }

  #sendPacket(index, count, isKeyframe) {
    const payloadBytes = this.#filler.length
    const packet = Buffer.allocUnsafe(HEADER_LENGTH + payloadBytes + SRTP_ROOM)
    this.#filler.copy(packet, HEADER_LENGTH)
    const isLast = index === count - 1
    writeRtpHeader(packet, 0, isLast, VIDEO_PAYLOAD_TYPE, this.#extSeq, this.#timestamp(), this.#connection.videoSsrc)
    writeVp8Payload(packet, HEADER_LENGTH, {
      isFirst: index === 0,
      isKeyframe,
      pictureId: this.#frame,
      frameBytes: count * payloadBytes,
      nowMs: performance.now(),
    })
    this.#connection.sendRtp(packet, HEADER_LENGTH, HEADER_LENGTH + payloadBytes, this.#extSeq)
    this.#extSeq++
    this.sent++
  }

  #timestamp() {
    return (this.#firstTimestamp + Math.round((this.#frame * 90_000) / this.#stream.framesPerSecond)) >>> 0
  }

  #report() {
    const now = Date.now()
    const ssrc = this.#connection.videoSsrc
    const buffer = Buffer.alloc(REPORT_ROOM)
    const report = writeSenderReport(buffer, 0, {
      ssrc,
      ntpSeconds: ntpSeconds(now),
      ntpFraction: ntpFraction(now),
      rtpTimestamp: this.#timestamp(),
      packetCount: this.sent,
      octetCount: this.sent * this.#filler.length,
    })
    this.#connection.sendRtcp(buffer, writeSdesCname(buffer, report, ssrc, 'bench'))
  }

  #onRtcp(buffer, end) {
    if (!this.#reader.reset(buffer, 0, end)) return
    while (this.#reader.next()) {
      if (!isPli(this.#reader) && !isFir(this.#reader)) continue
      this.keyframeRequests++
      this.#isKeyframeWanted = true
    }
  }
}
