/**
 * A viewer as a browser is one, behind a network: our egress, a bottleneck, and a receiver that decodes, reports, asks for what it misses and
 * for keyframes. What it is sent and what it sees is written down.
 */
import { Vp8Descriptor } from '../../../src/media/codecs/vp8.js'
import type { EgressSection } from '../../../src/media/egress/viewer-egress.js'
import { ViewerEgress } from '../../../src/media/egress/viewer-egress.js'
import { ReceptionStatistics } from '../../../src/media/ingest/reception-statistics.js'
import type { MediaConfig, RtpOutput } from '../../../src/media/types.js'
import { findExtension } from '../../../src/rtp/header-extension.js'
import { writeNack, writePli } from '../../../src/rtp/rtcp/feedback.js'
import { writeReceiverReport } from '../../../src/rtp/rtcp/receiver-report.js'
import { createReportBlock } from '../../../src/rtp/rtcp/report-block.js'
import { RtcpReader } from '../../../src/rtp/rtcp/rtcp-reader.js'
import { createSenderReport, readSenderReport } from '../../../src/rtp/rtcp/sender-report.js'
import { RtpHeader } from '../../../src/rtp/rtp-header.js'
import { restoreOriginal } from '../../../src/rtp/rtx.js'
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { Bottleneck, type BottleneckConditions, WIRE_OVERHEAD_BYTES } from './bottleneck.js'
import { BrowserNacks } from './browser-nacks.js'
import { FrameBuffer } from './frame-buffer.js'
import { RateSeries } from './rate-series.js'
import { RembEstimate } from './remb-estimate.js'
import { OPUS, payloadCodec, TRANSPORT_WIDE_URI, VIEWER_EXTENSIONS, VP8 } from './sections.js'
import { drive, isRtcp } from './test-output.js'
import { TransportFeedbackReporter } from './transport-feedback-reporter.js'

const TRANSPORT_WIDE_ID = 9
const AUDIO_TYPE = 109
const VIDEO_TYPE = 120
const RTX_TYPE = 121
const SAMPLE_MS = 50

/** What the browser tells about its network. */
export type FeedbackKind = 'transport-cc' | 'remb' | 'none'

export interface BrowserViewerOptions {
  readonly seed?: number
  readonly feedback?: FeedbackKind
  readonly feedbackMs?: number
  /** Shared with others; its own, as `link` says, if not given. */
  readonly bottleneck?: Bottleneck
  readonly link?: Partial<BottleneckConditions>
  /** The way back. */
  readonly back?: Partial<BottleneckConditions>
  readonly receiverReportMs?: number
  /** False for one that never asks for anything again. */
  readonly nacks?: boolean
  /** Keeps times and rates; off for long runs. */
  readonly keep?: boolean
}

/** What was forwarded from some time on. */
export interface LayerSample {
  readonly atMs: number
  readonly rid: string | undefined
}

const header = new RtpHeader()
const vp8 = new Vp8Descriptor()
const senderReport = createSenderReport()

export class BrowserViewer {
  readonly egress: ViewerEgress
  readonly bottleneck: Bottleneck
  readonly back: Bottleneck
  readonly frames: FrameBuffer
  readonly nacks: BrowserNacks
  readonly feedback: TransportFeedbackReporter
  /** What was put on the wire, and what of it arrived. */
  readonly sent: RateSeries
  readonly arrived: RateSeries
  /** The layers forwarded, each with when it began. */
  readonly layers: LayerSample[] = []
  /** The estimate every 50 ms. */
  readonly targets: { readonly atMs: number; readonly bps: number }[] = []
  plis = 0
  audioPackets = 0
  rtxPackets = 0
  rtxBytes = 0
  /** Called for each packet that is sent to it, before the network. */
  onSent: ((packet: Buffer) => void) | undefined
  readonly #clock: VirtualClock
  readonly #options: BrowserViewerOptions
  readonly #ssrcs: { readonly own: number; readonly audio: number; readonly video: number; readonly rtx: number }
  readonly #audio = new ReceptionStatistics()
  readonly #video = new ReceptionStatistics()
  readonly #remb: RembEstimate | undefined

  constructor(clock: VirtualClock, config: MediaConfig, options: BrowserViewerOptions = {}) {
    const { seed = 1, feedback = 'transport-cc' } = options
    this.#clock = clock
    this.#options = options
    this.#ssrcs = { own: 0x7000 + seed, audio: 0x3000 + seed, video: 0x4000 + seed, rtx: 0x5000 + seed }
    this.sent = new RateSeries(options.keep !== false)
    this.arrived = new RateSeries(options.keep !== false)
    this.bottleneck = options.bottleneck ?? new Bottleneck(clock, seed * 13 + 1, options.link)
    this.back = new Bottleneck(clock, seed * 13 + 2, options.back)
    this.frames = new FrameBuffer(
      clock,
      () => this.sendPli(),
      (to) => this.nacks.clearTo(to),
    )
    this.frames.keep = options.keep !== false
    this.nacks = new BrowserNacks(
      clock,
      (seqs) => this.sendNack(seqs),
      () => this.sendPli(),
    )
    this.feedback = new TransportFeedbackReporter(
      clock,
      { intervalMs: options.feedbackMs ?? 100, clockOffsetMs: seed * 1234.5 },
      (packet) => this.#sendBack(packet),
    )
    if (feedback === 'remb') this.#remb = new RembEstimate()
    this.egress = new ViewerEgress({
      id: `browser-${seed}`,
      sections: this.#sections(feedback),
      cname: 'server',
      output: this.#output(),
      config,
      initialSeq: (index) => (seed * 97 + index * 1013) % 32_768,
      initialTimestamp: (index) => (seed * 1_000_003 + index) >>> 0,
    })
    this.egress.onFault = (error) => {
      throw error
    }
    drive(clock, this.egress)
    this.#every(options.receiverReportMs ?? 1000, () => this.#sendReport())
    if (options.keep !== false) this.#every(SAMPLE_MS, () => this.#sample())
    if (this.#remb) this.#every(1000, () => this.sendRemb())
  }

  /** The rid of the layer that is forwarded. */
  get rid(): string | undefined {
    return this.egress.stats(this.#clock.nowMs()).tracks[1]?.rid
  }

  sendPli(): void {
    this.plis++
    const packet = Buffer.alloc(12)
    writePli(packet, 0, this.#ssrcs.own, this.#ssrcs.video)
    this.#sendBack(packet)
  }

  sendNack(seqs: readonly number[]): void {
    if (this.#options.nacks === false) return
    const packet = Buffer.alloc(12 + 4 * seqs.length)
    const length = writeNack(packet, 0, this.#ssrcs.own, this.#ssrcs.video, seqs)
    this.#sendBack(packet.subarray(0, length))
  }

  sendRemb(): void {
    const packet = this.#remb?.write(this.#ssrcs.own, this.#ssrcs.video)
    if (packet) this.#sendBack(packet)
  }

  #sections(feedback: FeedbackKind): EgressSection[] {
    const transportCc = feedback === 'transport-cc'
    const extensions = transportCc
      ? [...VIEWER_EXTENSIONS, { id: TRANSPORT_WIDE_ID, uri: TRANSPORT_WIDE_URI }]
      : VIEWER_EXTENSIONS
    const congestion = transportCc ? ['transport-cc'] : feedback === 'remb' ? ['goog-remb'] : []
    const video = payloadCodec(VIDEO_TYPE, VP8, ['nack', 'nack pli', ...congestion])
    return [
      {
        mid: 'a',
        kind: 'audio',
        codecs: [payloadCodec(AUDIO_TYPE, OPUS, transportCc ? ['transport-cc'] : [])],
        extensions,
        ssrc: this.#ssrcs.audio,
      },
      {
        mid: 'v',
        kind: 'video',
        codecs: [{ ...video, rtxPayloadType: RTX_TYPE }],
        extensions,
        ssrc: this.#ssrcs.video,
        rtxSsrc: this.#ssrcs.rtx,
      },
    ]
  }

  #output(): RtpOutput {
    const buffer = Buffer.alloc(2048)
    const send = (start: number, end: number): void => {
      const packet = Buffer.from(buffer.subarray(start, end))
      const bytes = packet.length + WIRE_OVERHEAD_BYTES
      this.sent.add(bytes, this.#clock.nowMs())
      this.onSent?.(packet)
      this.bottleneck.send(bytes, () => this.#receive(packet))
    }
    return {
      buffer,
      reserve: (length) => (length > buffer.length ? -1 : 0),
      sendRtp: (offset, _headerLength, length) => send(offset, offset + length),
      sendRtcp: (offset, length) => send(offset, offset + length),
    }
  }

  #sendBack(packet: Buffer): void {
    const copy = Buffer.from(packet)
    this.back.send(copy.length + WIRE_OVERHEAD_BYTES, () => {
      this.egress.receiveRtcp(copy, 0, copy.length, this.#clock.nowMs())
    })
  }

  #receive(packet: Buffer): void {
    const nowMs = this.#clock.nowMs()
    this.arrived.add(packet.length + WIRE_OVERHEAD_BYTES, nowMs)
    if (isRtcp(packet)) {
      this.#receiveRtcp(packet, nowMs)
      return
    }
    if (!header.parse(packet, 0, packet.length)) throw new Error('the viewer was sent RTP that is not valid')
    const at = findExtension(packet, header, TRANSPORT_WIDE_ID)
    if (at >= 0) this.feedback.arrived(packet.readUInt16BE(at))
    const { audio, video, rtx } = this.#ssrcs
    if (header.ssrc === audio) {
      this.audioPackets++
      this.#audio.receive(header.seq, header.timestamp, 48_000, nowMs)
    } else if (header.ssrc === rtx) this.#receiveRtx(packet)
    else if (header.ssrc === video) {
      this.#video.receive(header.seq, header.timestamp, 90_000, nowMs)
      this.#remb?.receive(packet.length + WIRE_OVERHEAD_BYTES, header.timestamp, nowMs)
      this.#receiveVideo(packet)
    } else throw new Error(`the viewer was sent SSRC ${header.ssrc}`)
  }

  #receiveRtx(packet: Buffer): void {
    this.rtxPackets++
    this.rtxBytes += packet.length
    const from = restoreOriginal(packet, 0, header.headerLength, VIDEO_TYPE, this.#ssrcs.video)
    const original = packet.subarray(from)
    header.parse(original, 0, original.length)
    this.#receiveVideo(original)
  }

  #receiveVideo(packet: Buffer): void {
    const extSeq = this.nacks.receive(header.seq)
    if (!vp8.parse(packet, header.headerLength, packet.length)) throw new Error('the viewer was sent what is no VP8')
    const begins = vp8.startOfPartition && vp8.partitionId === 0
    this.frames.receive(extSeq, begins, header.marker, vp8.keyframe)
  }

  #receiveRtcp(packet: Buffer, nowMs: number): void {
    const reader = new RtcpReader()
    if (!reader.reset(packet, 0, packet.length)) throw new Error('the viewer was sent RTCP that is not valid')
    while (reader.next()) {
      if (!readSenderReport(packet, reader.offset, senderReport)) continue
      const { ssrc, ntpSeconds, ntpFraction } = senderReport
      const statistics = ssrc === this.#ssrcs.audio ? this.#audio : this.#video
      statistics.receiveSenderReport(ntpSeconds, ntpFraction, nowMs)
    }
  }

  #sendReport(): void {
    const nowMs = this.#clock.nowMs()
    const blocks = [createReportBlock(), createReportBlock()] as const
    this.#audio.report(this.#ssrcs.audio, nowMs, blocks[0])
    this.#video.report(this.#ssrcs.video, nowMs, blocks[1])
    const packet = Buffer.alloc(8 + 24 * blocks.length)
    writeReceiverReport(packet, 0, this.#ssrcs.own, blocks)
    this.#sendBack(packet)
  }

  #sample(): void {
    const nowMs = this.#clock.nowMs()
    const stats = this.egress.stats(nowMs)
    this.targets.push({ atMs: nowMs, bps: stats.estimatedBps ?? Number.POSITIVE_INFINITY })
    const rid = stats.tracks[1]?.rid
    if (this.layers.length === 0 || this.layers.at(-1)?.rid !== rid) this.layers.push({ atMs: nowMs, rid })
  }

  #every(intervalMs: number, fn: () => void): void {
    if (intervalMs <= 0) return
    this.#clock.setTimer(intervalMs, () => {
      fn()
      this.#every(intervalMs, fn)
    })
  }
}
