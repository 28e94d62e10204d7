/** A publisher with a camera and a microphone, its network, and our ingest at the other end. */
import { type IngestSection, PublisherIngest } from '../../../src/media/ingest/publisher-ingest.js'
import type { MediaConfig } from '../../../src/media/types.js'
import { ntpFraction, ntpSeconds } from '../../../src/rtp/ntp-time.js'
import { feedbackMediaSsrc, isFir, isNack, isPli, type Remb, readRemb } from '../../../src/rtp/rtcp/feedback.js'
import { createReportBlock, type ReportBlock, readReportBlock } from '../../../src/rtp/rtcp/report-block.js'
import { RTCP_TYPE } from '../../../src/rtp/rtcp/rtcp-packet.js'
import { RtcpReader } from '../../../src/rtp/rtcp/rtcp-reader.js'
import { writeSenderReport } from '../../../src/rtp/rtcp/sender-report.js'
import {
  NOT_RECEIVED,
  readTransportFeedback,
  TICKS_PER_REFERENCE,
  type TransportFeedback,
} from '../../../src/rtp/rtcp/transport-feedback.js'
import {
  SyntheticAudio,
  type SyntheticStream,
  SyntheticVideo,
  type SyntheticVideoOptions,
} from '../../../src/testing/synthetic-video.js'
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { type LinkConditions, VirtualLink } from '../../../src/testing/virtual-network.js'
import { Resender, type RtxStreamOptions } from './resender.js'
import { OPUS, PUBLISHER_EXTENSIONS, payloadCodec, VP8 } from './sections.js'
import { drive, isRtcp, TestOutput } from './test-output.js'

export interface SimulatedPublisherOptions {
  readonly id?: string
  readonly seed?: number
  readonly uplink?: Partial<LinkConditions>
  readonly downlink?: Partial<LinkConditions>
  readonly video?: Partial<SyntheticVideoOptions>
  /** Its encoders, best last, instead of a single one of plain VP8. */
  readonly encoders?: readonly SyntheticVideo[]
  readonly audio?: { readonly ssrc?: number; readonly seq?: number; readonly timestamp?: number }
  readonly sections?: readonly IngestSection[]
  readonly fps?: number
  readonly audioMs?: number
  /** The publisher's wall clock minus ours. */
  readonly clockSkewMs?: number
  /** Sends sender reports this far apart; 0 for none. */
  readonly senderReportMs?: number
  readonly audioEnabled?: boolean
  /** Answers NACKs about its video: by the same packets, or over RTX. */
  readonly resends?: 'same' | RtxStreamOptions
  /** The id of the transport-wide number that it stamps its packets with. */
  readonly transportWideId?: number
  /** The first of those numbers. */
  readonly transportWideSeq?: number
  readonly maxBitrateBps?: number
}

/** What the publisher was told about one of its packets. */
export interface ToldArrival {
  readonly seq: number
  /** On the server's clock; undefined for lost. */
  readonly arrivalMs: number | undefined
  readonly atMs: number
}

export class SimulatedPublisher {
  readonly ingest: PublisherIngest
  readonly output: TestOutput
  readonly uplink: VirtualLink
  readonly downlink: VirtualLink
  readonly video: SyntheticVideo
  readonly encoders: readonly SyntheticVideo[]
  readonly audio: SyntheticAudio
  /** When each keyframe request arrived, in the clock's time. */
  readonly keyframeRequests: number[] = []
  plis = 0
  firs = 0
  byes = 0
  /** The newest report block per SSRC. */
  readonly reports = new Map<number, ReportBlock>()
  /** All report blocks, as they came. */
  readonly receivedBlocks: { readonly block: ReportBlock; readonly atMs: number }[] = []
  /** The media time of each video frame and audio packet sent, by RTP timestamp: what sync is measured with. */
  readonly videoCapturedMs = new Map<number, number>()
  readonly audioCapturedMs = new Map<number, number>()
  /** The encoder answers keyframe requests with the next frame; false for one that does not listen. */
  answersKeyframeRequests = true
  /** Packets are held back while true, as with a muted camera. */
  videoPaused = false
  readonly resender: Resender
  /** What transport-wide feedback has said. */
  readonly toldArrivals: ToldArrival[] = []
  feedbackPackets = 0
  readonly rembs: { readonly bitrateBps: number; readonly ssrcCount: number; readonly atMs: number }[] = []
  /** Number and time of every packet stamped with a transport-wide number. */
  readonly stampedMs: number[] = []
  /** The newest frame of each stream. */
  readonly #frames = new Map<SyntheticStream, { readonly timestamp: number; readonly atMs: number }>()
  readonly #clock: VirtualClock
  readonly #options: SimulatedPublisherOptions
  readonly #stopDriving: () => void
  #running = false
  #closed = false

  constructor(clock: VirtualClock, config: MediaConfig, options: SimulatedPublisherOptions = {}) {
    const seed = options.seed ?? 1
    this.#clock = clock
    this.#options = options
    const plain = (): SyntheticVideo =>
      new SyntheticVideo({
        ssrc: 0x1000 + seed,
        payloadType: 96,
        seq: 1000 * seed,
        timestamp: 123_456 * seed,
        ...options.video,
      })
    this.encoders = options.encoders ?? [plain()]
    this.video = this.encoders[0] as SyntheticVideo
    this.audio = new SyntheticAudio({
      ssrc: options.audio?.ssrc ?? 0x2000 + seed,
      payloadType: 111,
      seq: options.audio?.seq ?? 777 * seed,
      timestamp: options.audio?.timestamp ?? 654_321 * seed,
    })
    this.downlink = new VirtualLink(clock, seed * 7 + 1, (packet) => this.#receive(packet), options.downlink)
    this.output = new TestOutput((buffer, start, end) => this.downlink.send(buffer, start, end))
    this.ingest = new PublisherIngest({
      id: options.id ?? `publisher-${seed}`,
      sections: options.sections ?? [
        {
          mid: '0',
          kind: 'audio',
          codecs: [payloadCodec(111, OPUS)],
          extensions: PUBLISHER_EXTENSIONS,
          ssrcs: [],
          rids: [],
        },
        {
          mid: '1',
          kind: 'video',
          codecs: [payloadCodec(96, VP8)],
          extensions: PUBLISHER_EXTENSIONS,
          ssrcs: [],
          rids: [],
        },
      ],
      localSsrc: 0x5f5f_0000 + seed,
      cname: 'server',
      output: this.output,
      config,
      ...(options.maxBitrateBps === undefined ? {} : { maxBitrateBps: options.maxBitrateBps }),
    })
    const rtx = typeof options.resends === 'object' ? options.resends : undefined
    this.resender = new Resender(this.video.ssrc, (packet) => this.#stampAndSend(packet), rtx)
    this.uplink = new VirtualLink(clock, seed * 7 + 2, (packet) => this.#arrive(packet), options.uplink)
    this.#stopDriving = drive(clock, this.ingest)
  }

  /** Starts camera and microphone. */
  start(): void {
    if (this.#running) return
    this.#running = true
    const frameMs = 1000 / (this.#options.fps ?? 30)
    this.#every(frameMs, () => this.videoFrame(frameMs))
    const audioMs = this.#options.audioMs ?? 20
    if (this.#options.audioEnabled !== false) this.#every(audioMs, () => this.audioFrame(audioMs))
    const reportMs = this.#options.senderReportMs ?? 1000
    if (reportMs > 0) this.#every(reportMs, () => this.sendReports())
  }

  /** Camera and microphone fall silent. */
  stop(): void {
    this.#running = false
  }

  close(): void {
    this.stop()
    this.#closed = true
    this.ingest.close(this.#clock.nowMs())
    this.#stopDriving()
  }

  videoFrame(durationMs: number): void {
    for (const encoder of this.encoders) this.#noteFrame(encoder)
    if (this.videoPaused) {
      for (const encoder of this.encoders) encoder.advance(durationMs)
      return
    }
    this.videoCapturedMs.set(this.video.timestamp, this.#clock.nowMs())
    for (const encoder of this.encoders) encoder.frame(durationMs, (packet) => this.send(packet))
  }

  audioFrame(durationMs: number): void {
    this.#noteFrame(this.audio)
    this.audioCapturedMs.set(this.audio.timestamp, this.#clock.nowMs())
    this.audio.frame(durationMs, (packet) => this.send(packet))
  }

  /** Sends a packet, and remembers it for NACKs. */
  send(packet: Buffer): void {
    this.resender.keep(packet)
    this.#stampAndSend(packet)
  }

  sendReports(): void {
    for (const encoder of this.encoders) this.sendReport(encoder)
    if (this.#options.audioEnabled !== false) this.sendReport(this.audio)
  }

  sendReport(stream: SyntheticStream): void {
    const unixMs = this.#clock.unixMs() + (this.#options.clockSkewMs ?? 0)
    const packet = Buffer.alloc(28)
    writeSenderReport(packet, 0, {
      ssrc: stream.ssrc,
      ntpSeconds: ntpSeconds(unixMs),
      ntpFraction: ntpFraction(unixMs),
      rtpTimestamp: this.#timestampNow(stream),
      packetCount: stream.packetsSent,
      octetCount: stream.bytesSent,
    })
    this.uplink.send(packet)
  }

  #noteFrame(stream: SyntheticStream): void {
    this.#frames.set(stream, { timestamp: stream.timestamp, atMs: this.#clock.nowMs() })
  }

  #timestampNow(stream: SyntheticStream): number {
    const frame = this.#frames.get(stream)
    if (frame === undefined) return stream.timestamp
    return (frame.timestamp + Math.round(((this.#clock.nowMs() - frame.atMs) * stream.clockRate) / 1000)) >>> 0
  }

  #stampAndSend(packet: Buffer): void {
    const { transportWideId: id, transportWideSeq: first = 0 } = this.#options
    if (id === undefined) {
      this.uplink.send(packet)
      return
    }
    this.uplink.send(stamped(packet, id, first + this.stampedMs.push(this.#clock.nowMs()) - 1))
  }

  #every(intervalMs: number, fn: () => void): void {
    const startMs = this.#clock.nowMs()
    let count = 0
    const step = (): void => {
      if (!this.#running) return
      fn()
      this.#clock.at(startMs + ++count * intervalMs, step)
    }
    this.#clock.at(startMs, step)
  }

  #arrive(packet: Buffer): void {
    if (this.#closed) return
    const nowMs = this.#clock.nowMs()
    if (isRtcp(packet)) this.ingest.receiveRtcp(packet, 0, packet.length, nowMs)
    else this.ingest.receiveRtp(packet, 0, packet.length, nowMs)
  }

  #receive(packet: Buffer): void {
    const reader = new RtcpReader()
    if (!reader.reset(packet, 0, packet.length)) throw new Error('the publisher was sent RTCP that is not valid')
    while (reader.next()) {
      if (isPli(reader) || isFir(reader)) {
        if (isPli(reader)) this.plis++
        else this.firs++
        this.keyframeRequests.push(this.#clock.nowMs())
        if (this.answersKeyframeRequests)
          this.#wantKeyframe(isPli(reader) ? feedbackMediaSsrc(packet, reader) : undefined)
      }
      if (isNack(reader) && this.#options.resends !== undefined) this.resender.receiveNack(packet, reader)
      this.#readCongestionFeedback(packet, reader)
      if (reader.packetType === RTCP_TYPE.bye) this.byes++
      for (let i = 0; ; i++) {
        const block = createReportBlock()
        if (!readReportBlock(packet, reader, i, block)) break
        this.reports.set(block.ssrc, block)
        this.receivedBlocks.push({ block, atMs: this.#clock.nowMs() })
      }
    }
  }

  #wantKeyframe(ssrc: number | undefined): void {
    for (const encoder of this.encoders) {
      if (ssrc === undefined || this.encoders.length === 1 || encoder.ssrc === ssrc) encoder.keyframeWanted = true
    }
  }

  #readCongestionFeedback(packet: Buffer, reader: RtcpReader): void {
    const remb: Remb = { bitrateBps: 0, ssrcCount: 0 }
    if (readRemb(packet, reader, remb)) this.rembs.push({ ...remb, atMs: this.#clock.nowMs() })
    const feedback: TransportFeedback = { baseSeq: 0, statusCount: 0, referenceTime: 0, feedbackCount: 0 }
    const ticks = new Int32Array(0x1_0000)
    if (!readTransportFeedback(packet, reader, feedback, ticks)) return
    if (feedback.feedbackCount !== (this.feedbackPackets++ & 0xff)) throw new Error('feedback packets are not counted')
    for (let i = 0; i < feedback.statusCount; i++) {
      const offset = ticks[i] as number
      const arrivalMs = (feedback.referenceTime * TICKS_PER_REFERENCE + offset) / 4
      this.toldArrivals.push({
        seq: (feedback.baseSeq + i) & 0xffff,
        arrivalMs: offset === NOT_RECEIVED ? undefined : arrivalMs,
        atMs: this.#clock.nowMs(),
      })
    }
  }
}

/** A copy of a packet without extensions, with the transport-wide number as its only one. */
function stamped(packet: Buffer, id: number, seq: number): Buffer {
  if (((packet[0] as number) & 0x10) !== 0) throw new Error('only packets without extensions are stamped')
  const block = Buffer.from([0xbe, 0xde, 0, 1, (id << 4) | 1, (seq >> 8) & 0xff, seq & 0xff, 0])
  const out = Buffer.concat([packet.subarray(0, 12), block, packet.subarray(12)])
  out[0] = (out[0] as number) | 0x10
  return out
}
