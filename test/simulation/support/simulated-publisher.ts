/** A publisher with a camera and a microphone, its network, and our ingest at the other end. */
import { type IngestSection, PublisherIngest } from '../../../src/media/ingest/publisher-ingest.js'
import type { MediaConfig } from '../../../src/media/types.js'
import { ntpFraction, ntpSeconds } from '../../../src/rtp/ntp-time.js'
import { isFir, isPli } from '../../../src/rtp/rtcp/feedback.js'
import { createReportBlock, type ReportBlock, readReportBlock } from '../../../src/rtp/rtcp/report-block.js'
import { RTCP_TYPE } from '../../../src/rtp/rtcp/rtcp-packet.js'
import { RtcpReader } from '../../../src/rtp/rtcp/rtcp-reader.js'
import { writeSenderReport } from '../../../src/rtp/rtcp/sender-report.js'
import {
  SyntheticAudio,
  type SyntheticStream,
  SyntheticVideo,
  type SyntheticVideoOptions,
} from '../../../src/testing/synthetic-video.js'
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { type LinkConditions, VirtualLink } from '../../../src/testing/virtual-network.js'
import { OPUS, PUBLISHER_EXTENSIONS, payloadCodec, VP8 } from './sections.js'
import { drive, isRtcp, TestOutput } from './test-output.js'

export interface SimulatedPublisherOptions {
  readonly id?: string
  readonly seed?: number
  readonly uplink?: Partial<LinkConditions>
  readonly downlink?: Partial<LinkConditions>
  readonly video?: Partial<SyntheticVideoOptions>
  readonly audio?: { readonly ssrc?: number; readonly seq?: number; readonly timestamp?: number }
  readonly sections?: readonly IngestSection[]
  readonly fps?: number
  readonly audioMs?: number
  /** The publisher's wall clock minus ours. */
  readonly clockSkewMs?: number
  /** Sends sender reports this far apart; 0 for none. */
  readonly senderReportMs?: number
  readonly audioEnabled?: boolean
}

export class SimulatedPublisher {
  readonly ingest: PublisherIngest
  readonly output: TestOutput
  readonly uplink: VirtualLink
  readonly downlink: VirtualLink
  readonly video: SyntheticVideo
  readonly audio: SyntheticAudio
  /** When each keyframe request arrived, in the clock's time. */
  readonly keyframeRequests: number[] = []
  plis = 0
  firs = 0
  byes = 0
  /** The newest report block per SSRC. */
  readonly reports = new Map<number, ReportBlock>()
  /** The media time of each video frame and audio packet sent, by RTP timestamp: what sync is measured with. */
  readonly videoCapturedMs = new Map<number, number>()
  readonly audioCapturedMs = new Map<number, number>()
  /** The encoder answers keyframe requests with the next frame; false for one that does not listen. */
  answersKeyframeRequests = true
  /** Packets are held back while true, as with a muted camera. */
  videoPaused = false
  readonly #clock: VirtualClock
  readonly #options: SimulatedPublisherOptions
  readonly #stopDriving: () => void
  #running = false
  #closed = false

  constructor(clock: VirtualClock, config: MediaConfig, options: SimulatedPublisherOptions = {}) {
    const seed = options.seed ?? 1
    this.#clock = clock
    this.#options = options
    this.video = new SyntheticVideo({
      ssrc: 0x1000 + seed,
      payloadType: 96,
      seq: 1000 * seed,
      timestamp: 123_456 * seed,
      ...options.video,
    })
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
    })
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
    if (this.videoPaused) {
      this.video.advance(durationMs)
      return
    }
    this.videoCapturedMs.set(this.video.timestamp, this.#clock.nowMs())
    this.video.frame(durationMs, (packet) => this.uplink.send(packet))
  }

  audioFrame(durationMs: number): void {
    this.audioCapturedMs.set(this.audio.timestamp, this.#clock.nowMs())
    this.audio.frame(durationMs, (packet) => this.uplink.send(packet))
  }

  sendReports(): void {
    this.sendReport(this.video)
    if (this.#options.audioEnabled !== false) this.sendReport(this.audio)
  }

  sendReport(stream: SyntheticStream): void {
    const unixMs = this.#clock.unixMs() + (this.#options.clockSkewMs ?? 0)
    const packet = Buffer.alloc(28)
    writeSenderReport(packet, 0, {
      ssrc: stream.ssrc,
      ntpSeconds: ntpSeconds(unixMs),
      ntpFraction: ntpFraction(unixMs),
      // The streams' timestamps are those of the next frame, whose time is now where frames are sent on time.
      rtpTimestamp: stream.timestamp,
      packetCount: stream.packetsSent,
      octetCount: stream.bytesSent,
    })
    this.uplink.send(packet)
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
        if (this.answersKeyframeRequests) this.video.keyframeWanted = true
      }
      if (reader.packetType === RTCP_TYPE.bye) this.byes++
      for (let i = 0; ; i++) {
        const block = createReportBlock()
        if (!readReportBlock(packet, reader, i, block)) break
        this.reports.set(block.ssrc, block)
      }
    }
  }
}
