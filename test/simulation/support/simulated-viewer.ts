/** A viewer: our egress, its network, and a receiver at the other end that keeps its own books. */

import { Vp8Descriptor } from '../../../src/media/codecs/vp8.js'
import type { ExtensionSettings } from '../../../src/media/egress/own-extensions.js'
import { type EgressSection, ViewerEgress } from '../../../src/media/egress/viewer-egress.js'
import { ReceptionStatistics } from '../../../src/media/ingest/reception-statistics.js'
import type { MediaConfig } from '../../../src/media/types.js'
import { ExtensionElement } from '../../../src/rtp/header-extension.js'
import { ntpToUnixMs } from '../../../src/rtp/ntp-time.js'
import { writeFir, writeNack, writePli, writeRemb } from '../../../src/rtp/rtcp/feedback.js'
import { writeReceiverReport } from '../../../src/rtp/rtcp/receiver-report.js'
import { createReportBlock } from '../../../src/rtp/rtcp/report-block.js'
import { RTCP_TYPE } from '../../../src/rtp/rtcp/rtcp-packet.js'
import { RtcpReader } from '../../../src/rtp/rtcp/rtcp-reader.js'
import { createSenderReport, readSenderReport } from '../../../src/rtp/rtcp/sender-report.js'
import { RtpHeader } from '../../../src/rtp/rtp-header.js'
import { restoreOriginal } from '../../../src/rtp/rtx.js'
import { SequenceUnwrapper, timestampDelta } from '../../../src/rtp/sequence.js'
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { type LinkConditions, VirtualLink } from '../../../src/testing/virtual-network.js'
import { NackingReceiver } from './nacking-receiver.js'
import { OPUS, payloadCodec, VIEWER_EXTENSIONS, VP8 } from './sections.js'
import { drive, isRtcp, TestOutput } from './test-output.js'

/** A packet as it reached the viewer. */
export interface ReceivedPacket {
  readonly extSeq: number
  readonly timestamp: number
  readonly marker: boolean
  readonly payloadType: number
  readonly payload: Buffer
  readonly extensionBytes: number
  /** The whole header, extensions included. */
  readonly header: Buffer
  /** Its header extension. */
  readonly elements: readonly { readonly id: number; readonly data: Buffer }[]
  readonly atMs: number
  /** Of VP8. */
  readonly keyframe: boolean
  readonly pictureId: number
  readonly tl0PicIdx: number
}

/** A sender report as it reached the viewer. */
export interface ReceivedReport {
  readonly unixMs: number
  readonly rtpTimestamp: number
  readonly packetCount: number
  readonly octetCount: number
  readonly atMs: number
}

/** One received stream. */
export class ReceivedStream {
  readonly packets: ReceivedPacket[] = []
  readonly reports: ReceivedReport[] = []
  readonly statistics = new ReceptionStatistics()
  count = 0
  readonly #unwrapper = new SequenceUnwrapper()
  readonly #keep: boolean

  constructor(
    readonly ssrc: number,
    readonly clockRate: number,
    keep: boolean,
  ) {
    this.#keep = keep
  }

  /** @param repaired it came as a retransmission, which reception statistics leave out. */
  receive(packet: Buffer, header: RtpHeader, atMs: number, repaired = false): void {
    this.count++
    if (!repaired) this.statistics.receive(header.seq, header.timestamp, this.clockRate, atMs)
    const extSeq = this.#unwrapper.unwrap(header.seq)
    if (!this.#keep) return
    const payload = Buffer.from(packet.subarray(header.headerLength))
    const vp8 = new Vp8Descriptor()
    const parsed = this.clockRate === 90_000 && vp8.parse(payload, 0, payload.length)
    this.packets.push({
      extSeq,
      timestamp: header.timestamp,
      marker: header.marker,
      payloadType: header.payloadType,
      payload,
      extensionBytes: header.extensionLength,
      header: Buffer.from(packet.subarray(0, header.headerLength)),
      elements: elementsOf(packet, header),
      atMs,
      keyframe: parsed && vp8.keyframe,
      pictureId: parsed ? vp8.pictureId : -1,
      tl0PicIdx: parsed ? vp8.tl0PicIdx : -1,
    })
  }

  /** The sequence numbers in order, without repetitions. */
  sortedSeqs(): number[] {
    return [...new Set(this.packets.map(({ extSeq }) => extSeq))].sort((a, b) => a - b)
  }

  /** How many numbers are missing between the first and the last. */
  gaps(): number {
    const seqs = this.sortedSeqs()
    return seqs.length === 0 ? 0 : (seqs.at(-1) as number) - (seqs[0] as number) + 1 - seqs.length
  }

  /** The greatest step between the timestamps of neighbours in sequence, in milliseconds; negative steps show as such in `least`. */
  timestampSteps(): { readonly leastMs: number; readonly mostMs: number } {
    const ordered = [...this.packets].sort((a, b) => a.extSeq - b.extSeq)
    let least = Number.POSITIVE_INFINITY
    let most = Number.NEGATIVE_INFINITY
    for (let i = 1; i < ordered.length; i++) {
      const [a, b] = [ordered[i - 1] as ReceivedPacket, ordered[i] as ReceivedPacket]
      const ms = (timestampDelta(b.timestamp, a.timestamp) * 1000) / this.clockRate
      least = Math.min(least, ms)
      most = Math.max(most, ms)
    }
    return { leastMs: least, mostMs: most }
  }

  /** The wall-clock time of a timestamp by the newest report. */
  wallClockMs(timestamp: number): number {
    const report = this.reports.at(-1)
    if (report === undefined) throw new Error('no sender report has come')
    return report.unixMs + (timestampDelta(timestamp, report.rtpTimestamp) * 1000) / this.clockRate
  }
}

function elementsOf(packet: Buffer, header: RtpHeader): { id: number; data: Buffer }[] {
  const element = new ExtensionElement()
  const found: { id: number; data: Buffer }[] = []
  element.reset(header)
  while (element.next(packet)) {
    found.push({ id: element.id, data: Buffer.from(packet.subarray(element.offset, element.offset + element.length)) })
  }
  return found
}

export interface SimulatedViewerOptions {
  readonly id?: string
  readonly seed?: number
  readonly downlink?: Partial<LinkConditions>
  readonly uplink?: Partial<LinkConditions>
  readonly sections?: readonly EgressSection[]
  readonly extensions?: ExtensionSettings
  readonly initialSeq?: number
  readonly initialTimestamp?: number
  /** Sends receiver reports this far apart; 0 for none. */
  readonly receiverReportMs?: number
  /** Keeps every packet; off for long runs. */
  readonly keep?: boolean
  /** Asks for the video packets that it misses, again after each round trip of that length. */
  readonly nackRttMs?: number
}

export class SimulatedViewer {
  readonly egress: ViewerEgress
  readonly output: TestOutput
  readonly downlink: VirtualLink
  readonly uplink: VirtualLink
  readonly audio: ReceivedStream
  readonly video: ReceivedStream
  byes = 0
  readonly #clock: VirtualClock
  /** Packets that came by RTX. */
  rtxPackets = 0
  readonly #sections: readonly EgressSection[]
  readonly #nacking: NackingReceiver | undefined
  readonly #ssrc: number
  readonly #stopDriving: () => void
  #closed = false
  #firSeqNr = 0

  constructor(clock: VirtualClock, config: MediaConfig, options: SimulatedViewerOptions = {}) {
    const seed = options.seed ?? 1
    this.#clock = clock
    this.#ssrc = 0x7000_0000 + seed
    const sections = options.sections ?? [
      {
        mid: 'a',
        kind: 'audio',
        codecs: [payloadCodec(109, OPUS)],
        extensions: VIEWER_EXTENSIONS,
        ssrc: 0x3000 + seed,
      },
      { mid: 'v', kind: 'video', codecs: [payloadCodec(120, VP8)], extensions: VIEWER_EXTENSIONS, ssrc: 0x4000 + seed },
    ]
    this.#sections = sections
    const { nackRttMs } = options
    if (nackRttMs !== undefined) {
      this.#nacking = new NackingReceiver(clock, nackRttMs, (seqs) => this.#closed || this.sendNack(seqs))
    }
    const ssrcOf = (kind: string): number => sections.find((section) => section.kind === kind)?.ssrc ?? 0
    const clockRate = sections.find(({ kind }) => kind === 'audio')?.codecs[0]?.codec.clockRate ?? 48_000
    this.audio = new ReceivedStream(ssrcOf('audio'), clockRate, options.keep !== false)
    this.video = new ReceivedStream(ssrcOf('video'), 90_000, options.keep !== false)
    this.downlink = new VirtualLink(clock, seed * 11 + 3, (packet) => this.#receive(packet), options.downlink)
    this.output = new TestOutput((buffer, start, end) => this.downlink.send(buffer, start, end))
    this.egress = new ViewerEgress({
      id: options.id ?? `viewer-${seed}`,
      sections,
      cname: 'server',
      output: this.output,
      config,
      initialSeq: () => options.initialSeq ?? (seed * 97) % 32_768,
      initialTimestamp: () => options.initialTimestamp ?? (seed * 1_000_003) >>> 0,
      ...(options.extensions === undefined ? {} : { extensions: options.extensions }),
    })
    this.egress.onFault = (error) => {
      throw error
    }
    this.uplink = new VirtualLink(clock, seed * 11 + 4, (packet) => this.#arrive(packet), options.uplink)
    this.#stopDriving = drive(clock, this.egress)
    const reportMs = options.receiverReportMs ?? 1000
    if (reportMs > 0) this.#reportEvery(reportMs)
  }

  sendPli(): void {
    const packet = Buffer.alloc(12)
    writePli(packet, 0, this.#ssrc, this.video.ssrc)
    this.uplink.send(packet)
  }

  sendFir(repeat = false): void {
    const packet = Buffer.alloc(20)
    if (!repeat) this.#firSeqNr = (this.#firSeqNr + 1) & 0xff
    writeFir(packet, 0, this.#ssrc, this.video.ssrc, this.#firSeqNr)
    this.uplink.send(packet)
  }

  sendNack(seqs: readonly number[]): void {
    const packet = Buffer.alloc(12 + 4 * seqs.length)
    const length = writeNack(packet, 0, this.#ssrc, this.video.ssrc, seqs)
    this.uplink.send(packet, 0, length)
  }

  /** Its own estimate of what its network carries. */
  sendRemb(bitrateBps: number): void {
    const packet = Buffer.alloc(24)
    writeRemb(packet, 0, this.#ssrc, bitrateBps, [this.video.ssrc])
    this.uplink.send(packet)
  }

  sendReceiverReport(): void {
    const nowMs = this.#clock.nowMs()
    const blocks = [this.audio, this.video]
      .filter(({ count }) => count > 0)
      .map((stream) => {
        const block = createReportBlock()
        stream.statistics.report(stream.ssrc, nowMs, block)
        return block
      })
    const packet = Buffer.alloc(8 + 24 * blocks.length)
    writeReceiverReport(packet, 0, this.#ssrc, blocks)
    this.uplink.send(packet)
  }

  close(): void {
    this.#closed = true
    this.egress.close(this.#clock.nowMs())
    this.#stopDriving()
  }

  #reportEvery(intervalMs: number): void {
    this.#clock.setTimer(intervalMs, () => {
      if (this.#closed) return
      this.sendReceiverReport()
      this.#reportEvery(intervalMs)
    })
  }

  #arrive(packet: Buffer): void {
    this.egress.receiveRtcp(packet, 0, packet.length, this.#clock.nowMs())
  }

  #receive(packet: Buffer): void {
    const nowMs = this.#clock.nowMs()
    if (isRtcp(packet)) {
      this.#receiveRtcp(packet, nowMs)
      return
    }
    const header = new RtpHeader()
    if (!header.parse(packet, 0, packet.length)) throw new Error('the viewer was sent RTP that is not valid')
    const repaired = this.#restore(packet, header)
    const stream = [this.audio, this.video].find(({ ssrc }) => ssrc === header.ssrc)
    if (stream === undefined) throw new Error(`the viewer was sent SSRC ${header.ssrc}`)
    stream.receive(repaired ?? packet, header, nowMs, repaired !== undefined)
    if (stream === this.video) this.#nacking?.receive(header.seq)
  }

  /** The original of a retransmission, with its header; undefined for anything else. */
  #restore(packet: Buffer, header: RtpHeader): Buffer | undefined {
    const section = this.#sections.find(({ rtxSsrc }) => rtxSsrc === header.ssrc)
    if (section === undefined) return undefined
    const codec = section.codecs.find(({ rtxPayloadType }) => rtxPayloadType === header.payloadType)
    if (codec === undefined) throw new Error(`the viewer was sent RTX as payload type ${header.payloadType}`)
    this.rtxPackets++
    const original = packet.subarray(restoreOriginal(packet, 0, header.headerLength, codec.payloadType, section.ssrc))
    header.parse(original, 0, original.length)
    return original
  }

  #receiveRtcp(packet: Buffer, nowMs: number): void {
    const reader = new RtcpReader()
    if (!reader.reset(packet, 0, packet.length)) throw new Error('the viewer was sent RTCP that is not valid')
    while (reader.next()) {
      if (reader.packetType === RTCP_TYPE.bye) this.byes++
      const report = createSenderReport()
      if (!readSenderReport(packet, reader.offset, report)) continue
      const stream = [this.audio, this.video].find(({ ssrc }) => ssrc === report.ssrc)
      stream?.statistics.receiveSenderReport(report.ntpSeconds, report.ntpFraction, nowMs)
      stream?.reports.push({
        unixMs: ntpToUnixMs(report.ntpSeconds, report.ntpFraction),
        rtpTimestamp: report.rtpTimestamp,
        packetCount: report.packetCount,
        octetCount: report.octetCount,
        atMs: nowMs,
      })
    }
  }
}
