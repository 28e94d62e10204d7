/**
 * A publisher whose clocks are as they are in the world: its wall clock, its sound card and its camera each tick at a rate of their own, audio
 * leaves when a frame is full, video when it is encoded, and each stream reports at its own pace. True time is the simulation's clock.
 */
import { type IngestSection, PublisherIngest } from '../../../src/media/ingest/publisher-ingest.js'
import { ntpFraction, ntpSeconds } from '../../../src/rtp/ntp-time.js'
import { isFir, isPli } from '../../../src/rtp/rtcp/feedback.js'
import { RtcpReader } from '../../../src/rtp/rtcp/rtcp-reader.js'
import { writeSenderReport } from '../../../src/rtp/rtcp/sender-report.js'
import { SeededRandom } from '../../../src/testing/seeded-random.js'
import { SyntheticAudio, type SyntheticStream, SyntheticVideo } from '../../../src/testing/synthetic-video.js'
import { type LinkConditions, VirtualLink } from '../../../src/testing/virtual-network.js'
import { OPUS, PUBLISHER_EXTENSIONS, payloadCodec, VP8 } from './sections.js'
import type { Stage } from './stage.js'
import { drive, isRtcp, TestOutput } from './test-output.js'

/** Every payload ends with the true time of its capture and a number for what it is part of. */
const TRUTH_BYTES = 9

/** What a payload says about itself. */
export interface Truth {
  readonly capturedMs: number
  /** Tells streams and publishers apart. */
  readonly origin: number
}

export function readTruth(payload: Buffer): Truth {
  const at = payload.length - TRUTH_BYTES
  return { capturedMs: payload.readDoubleLE(at), origin: payload[at + 8] as number }
}

export interface DriftingPublisherOptions {
  readonly seed: number
  readonly uplink?: Partial<LinkConditions>
  /** How much faster than true time each clock runs, in millionths. */
  readonly wallPpm?: number
  readonly audioPpm?: number
  readonly videoPpm?: number
  /** The wall clock minus ours, at the start. */
  readonly wallOffsetMs?: number
  /** The first timestamps; random if not given. */
  readonly audioTimestamp?: number
  readonly videoTimestamp?: number
  readonly fps?: number
  readonly audioFrameMs?: number
  /** From capture to sending: of audio from the beginning of a frame, of video by layer. */
  readonly audioDelayMs?: number
  readonly videoDelaysMs?: readonly number[]
  /** Reports are this far apart; 0 for none. */
  readonly audioReportMs?: number
  readonly videoReportMs?: number
  /** By how much a report's RTP time is off, up to this, either way: senders read their clocks one after the other. */
  readonly reportNoiseMs?: number
}

const RIDS = ['l', 'h']
const SECTIONS: readonly IngestSection[] = [
  {
    mid: 'a',
    kind: 'audio',
    codecs: [payloadCodec(111, OPUS)],
    extensions: PUBLISHER_EXTENSIONS,
    ssrcs: [],
    rids: [],
  },
  { mid: 'v', kind: 'video', codecs: [payloadCodec(96, VP8)], extensions: PUBLISHER_EXTENSIONS, ssrcs: [], rids: RIDS },
]

interface Layer {
  readonly video: SyntheticVideo
  readonly origin: number
  readonly delayMs: number
}

export class DriftingPublisher {
  readonly ingest: PublisherIngest
  readonly uplink: VirtualLink
  readonly audio: SyntheticAudio
  readonly layers: readonly Layer[]
  readonly #stage: Stage
  readonly #options: DriftingPublisherOptions
  readonly #random: SeededRandom
  readonly #startMs: number
  readonly #audioBase: number
  readonly #videoBases: readonly number[]
  readonly #stopDriving: () => void
  #wallOffsetMs: number
  #running = true

  constructor(stage: Stage, options: DriftingPublisherOptions) {
    const { seed } = options
    this.#stage = stage
    this.#options = options
    this.#random = new SeededRandom(seed * 13 + 5)
    this.#startMs = stage.nowMs
    this.#wallOffsetMs = options.wallOffsetMs ?? 0
    this.#audioBase = options.audioTimestamp ?? this.#random.uint32()
    this.#videoBases = RIDS.map(() => options.videoTimestamp ?? this.#random.uint32())
    const mid = (name: string) => ({ id: 4, data: Buffer.from(name) })
    this.audio = new SyntheticAudio({ ssrc: 0x2000 + seed, payloadType: 111, seq: 7 * seed, elements: [mid('a')] })
    const delaysMs = options.videoDelaysMs ?? [15, 25]
    this.layers = RIDS.map((rid, i) => ({
      video: new SyntheticVideo({
        ssrc: 0x1000 + 16 * seed + i,
        payloadType: 96,
        seq: 1000 * seed + i,
        elements: [mid('v'), { id: 10, data: Buffer.from(rid) }],
        keyframePackets: 3,
        framePackets: 1,
        packetBytes: 40 + 60 * i,
        height: 180 * (i + 1),
        width: 320 * (i + 1),
      }),
      origin: 16 * seed + 1 + i,
      delayMs: delaysMs[i] ?? 20,
    }))
    const output = new TestOutput((buffer, start, end) => {
      const packet = Buffer.from(buffer.subarray(start, end))
      stage.clock.setTimer(20, () => this.#receive(packet))
    })
    this.ingest = new PublisherIngest({
      id: `drifting-${seed}`,
      sections: SECTIONS,
      localSsrc: 0x5f5f_0000 + seed,
      cname: 'server',
      output,
      config: stage.config,
    })
    this.uplink = new VirtualLink(stage.clock, seed * 7 + 2, (packet) => this.#arrive(packet), options.uplink)
    this.#stopDriving = drive(stage.clock, this.ingest)
  }

  start(): void {
    const { fps = 10, audioFrameMs = 60, audioReportMs = 5000, videoReportMs = 1000 } = this.#options
    const sampleMs = audioFrameMs / (1 + this.#ppm(this.#options.audioPpm))
    this.#every(sampleMs, (atMs) => this.#audioFrame(atMs))
    this.#every(1000 / fps, (atMs) => this.#videoFrame(atMs))
    // The first report comes after half an interval, as libwebrtc sends it.
    if (audioReportMs > 0) {
      this.#every(audioReportMs, (atMs) => this.#report(this.audio, this.audioTimestamp(atMs)), audioReportMs / 2)
    }
    if (videoReportMs === 0) return
    this.layers.forEach(({ video }, i) => {
      const report = (atMs: number): void => this.#report(video, this.videoTimestamp(i, atMs))
      this.#every(videoReportMs, report, videoReportMs / 2 + i)
    })
  }

  close(): void {
    this.#running = false
    this.ingest.close(this.#stage.nowMs)
    this.#stopDriving()
  }

  /** Somebody sets the wall clock. */
  setWallForward(ms: number): void {
    this.#wallOffsetMs += ms
  }

  /** The publisher's wall clock at a true time. */
  wallMs(atMs: number): number {
    const drift = (atMs - this.#startMs) * this.#ppm(this.#options.wallPpm)
    return atMs + this.#stage.clock.unixOffsetMs + this.#wallOffsetMs + drift
  }

  audioTimestamp(atMs: number): number {
    return (this.#audioBase + this.#ticks(atMs, 48_000, this.#options.audioPpm)) >>> 0
  }

  videoTimestamp(layer: number, atMs: number): number {
    return ((this.#videoBases[layer] as number) + this.#ticks(atMs, 90_000, this.#options.videoPpm)) >>> 0
  }

  #ticks(atMs: number, clockRate: number, ppm: number | undefined): number {
    return Math.round(((atMs - this.#startMs) * clockRate * (1 + this.#ppm(ppm))) / 1000)
  }

  #ppm(ppm = 0): number {
    return ppm * 1e-6
  }

  #audioFrame(capturedMs: number): void {
    this.audio.timestamp = this.audioTimestamp(capturedMs)
    const origin = 16 * this.#options.seed
    this.audio.frame(0, (packet) => {
      this.#sendAt(capturedMs + (this.#options.audioDelayMs ?? 25), packet, capturedMs, origin)
    })
  }

  #videoFrame(capturedMs: number): void {
    this.layers.forEach(({ video, origin, delayMs }, i) => {
      video.timestamp = this.videoTimestamp(i, capturedMs)
      video.frame(0, (packet) => this.#sendAt(capturedMs + delayMs, packet, capturedMs, origin))
    })
  }

  #sendAt(atMs: number, packet: Buffer, capturedMs: number, origin: number): void {
    const at = packet.length - TRUTH_BYTES
    packet.writeDoubleLE(capturedMs, at)
    packet[at + 8] = origin
    this.#stage.clock.at(atMs, () => this.#running && this.uplink.send(packet))
  }

  #report(stream: SyntheticStream, timestamp: number): void {
    const noiseMs = (this.#random.next() * 2 - 1) * (this.#options.reportNoiseMs ?? 1)
    const wallMs = this.wallMs(this.#stage.nowMs)
    const packet = Buffer.alloc(28)
    writeSenderReport(packet, 0, {
      ssrc: stream.ssrc,
      ntpSeconds: ntpSeconds(wallMs),
      ntpFraction: ntpFraction(wallMs),
      rtpTimestamp: (timestamp + Math.round((noiseMs * stream.clockRate) / 1000)) >>> 0,
      packetCount: stream.packetsSent,
      octetCount: stream.bytesSent,
    })
    this.uplink.send(packet)
  }

  #every(intervalMs: number, fn: (atMs: number) => void, firstMs = 0): void {
    const startMs = this.#stage.nowMs + firstMs
    let count = 0
    const step = (): void => {
      if (!this.#running) return
      fn(startMs + count * intervalMs)
      this.#stage.clock.at(startMs + ++count * intervalMs, step)
    }
    this.#stage.clock.at(startMs, step)
  }

  #arrive(packet: Buffer): void {
    if (!this.#running) return
    const { nowMs } = this.#stage
    if (isRtcp(packet)) this.ingest.receiveRtcp(packet, 0, packet.length, nowMs)
    else this.ingest.receiveRtp(packet, 0, packet.length, nowMs)
  }

  #receive(packet: Buffer): void {
    const reader = new RtcpReader()
    if (!reader.reset(packet, 0, packet.length)) throw new Error('the publisher was sent RTCP that is not valid')
    while (reader.next()) {
      if (!isPli(reader) && !isFir(reader)) continue
      const ssrc = packet.readUInt32BE(isPli(reader) ? reader.offset + 8 : reader.offset + 12)
      for (const { video } of this.layers) if (video.ssrc === ssrc) video.keyframeWanted = true
    }
  }
}
