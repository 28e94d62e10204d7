/** A simulcast publisher as a browser is one: encodings whose frames vary in size, keyframes on request, audio, and our ingest behind it. */
import { PublisherIngest } from '../../../src/media/ingest/publisher-ingest.js'
import type { MediaConfig } from '../../../src/media/types.js'
import { ntpFraction, ntpSeconds } from '../../../src/rtp/ntp-time.js'
import { feedbackMediaSsrc, isPli } from '../../../src/rtp/rtcp/feedback.js'
import { RtcpReader } from '../../../src/rtp/rtcp/rtcp-reader.js'
import { writeSenderReport } from '../../../src/rtp/rtcp/sender-report.js'
import { SeededRandom } from '../../../src/testing/seeded-random.js'
import { SyntheticAudio, type SyntheticStream, SyntheticVideo } from '../../../src/testing/synthetic-video.js'
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { EncoderRate } from './encoder-rate.js'
import { OPUS, PUBLISHER_EXTENSIONS, payloadCodec, VP8 } from './sections.js'
import { drive, TestOutput } from './test-output.js'

export interface CameraEncoding {
  readonly rid: string
  readonly height: number
  readonly bitrateBps: number
}

export const CAMERA_ENCODINGS: readonly CameraEncoding[] = [
  { rid: 'q', height: 180, bitrateBps: 150_000 },
  { rid: 'h', height: 360, bitrateBps: 500_000 },
  { rid: 'f', height: 720, bitrateBps: 2_000_000 },
]

export interface SimulatedCameraOptions {
  readonly id?: string
  readonly seed?: number
  readonly encodings?: readonly CameraEncoding[]
  readonly fps?: number
  /** Between the publisher and the server and back. */
  readonly rttMs?: number
  /** Audio packets are so far apart; 0 for no audio. */
  readonly audioMs?: number
  readonly senderReportMs?: number
}

const MID_ID = PUBLISHER_EXTENSIONS.find(({ uri }) => uri.endsWith(':mid'))?.id ?? 0
const RID_ID = PUBLISHER_EXTENSIONS.find(({ uri }) => uri.endsWith(':rtp-stream-id'))?.id ?? 0
const PACKET_BYTES = 1100

/** One encoding. */
export class CameraEncoder {
  readonly video: SyntheticVideo
  readonly rate: EncoderRate
  /** The encoder produces it. */
  enabled = true
  /** When keyframe requests arrived at the server's end of the publisher's path. */
  readonly requests: number[] = []

  constructor(
    readonly encoding: CameraEncoding,
    fps: number,
    random: SeededRandom,
    index: number,
  ) {
    const { rid, height, bitrateBps } = encoding
    this.rate = new EncoderRate(bitrateBps, fps, random)
    this.video = new SyntheticVideo({
      ssrc: 0x100 + index,
      payloadType: 96,
      seq: random.integer(0, 0xffff),
      timestamp: random.uint32(),
      pictureId: random.integer(0, 0x7fff),
      width: (height * 16) / 9,
      height,
      packetBytes: PACKET_BYTES,
      elements: [
        { id: MID_ID, data: Buffer.from('1') },
        { id: RID_ID, data: Buffer.from(rid) },
      ],
    })
  }

  frame(durationMs: number, take: (packet: Buffer) => void): void {
    if (!this.enabled) {
      this.video.advance(durationMs)
      return
    }
    this.video.frame(durationMs, take, this.rate.nextFrameBytes(this.video.keyframeWanted))
  }
}

export class SimulatedCamera {
  readonly ingest: PublisherIngest
  readonly encoders: readonly CameraEncoder[]
  readonly audio: SyntheticAudio
  readonly #clock: VirtualClock
  readonly #options: SimulatedCameraOptions

  constructor(clock: VirtualClock, config: MediaConfig, options: SimulatedCameraOptions = {}) {
    this.#clock = clock
    this.#options = options
    const random = new SeededRandom((options.seed ?? 1) * 31 + 5)
    const encodings = options.encodings ?? CAMERA_ENCODINGS
    this.encoders = encodings.map((encoding, i) => new CameraEncoder(encoding, options.fps ?? 30, random, i))
    this.audio = new SyntheticAudio({ ssrc: 0x900, payloadType: 111, timestamp: random.uint32() })
    const section = { extensions: PUBLISHER_EXTENSIONS, ssrcs: [], rids: [] }
    this.ingest = new PublisherIngest({
      id: options.id ?? 'camera',
      sections: [
        { ...section, mid: '0', kind: 'audio', codecs: [payloadCodec(111, OPUS)] },
        { ...section, mid: '1', kind: 'video', codecs: [payloadCodec(96, VP8)], rids: encodings.map(({ rid }) => rid) },
      ],
      localSsrc: 0x5f5f_0001,
      cname: 'server',
      output: new TestOutput((buffer, start, end) => this.#receive(Buffer.from(buffer.subarray(start, end)))),
      config,
    })
    drive(clock, this.ingest)
  }

  /** Keyframe requests per encoding so far. */
  get requests(): number[] {
    return this.encoders.map(({ requests }) => requests.length)
  }

  encoder(rid: string): CameraEncoder {
    const found = this.encoders.find(({ encoding }) => encoding.rid === rid)
    if (found === undefined) throw new Error(`there is no encoding ${rid}`)
    return found
  }

  /** Starts camera and microphone. What is sent arrives at once: the path to the server delays the answers to requests only. */
  start(): void {
    const { fps = 30, audioMs = 20, senderReportMs = 1000 } = this.#options
    const frameMs = 1000 / fps
    const take = (packet: Buffer): void => this.ingest.receiveRtp(packet, 0, packet.length, this.#clock.nowMs())
    this.#every(frameMs, () => {
      for (const encoder of this.encoders) encoder.frame(frameMs, take)
    })
    if (audioMs > 0) this.#every(audioMs, () => this.audio.frame(audioMs, take))
    if (senderReportMs > 0) this.#every(senderReportMs, () => this.#sendReports())
  }

  #every(intervalMs: number, fn: () => void): void {
    const startMs = this.#clock.nowMs()
    let count = 0
    const step = (): void => {
      fn()
      this.#clock.at(startMs + ++count * intervalMs, step)
    }
    this.#clock.at(startMs, step)
  }

  #sendReports(): void {
    for (const { video, enabled } of this.encoders) if (enabled) this.#sendReport(video)
    if ((this.#options.audioMs ?? 20) > 0) this.#sendReport(this.audio)
  }

  #sendReport(stream: SyntheticStream): void {
    const unixMs = this.#clock.unixMs()
    const packet = Buffer.alloc(28)
    writeSenderReport(packet, 0, {
      ssrc: stream.ssrc,
      ntpSeconds: ntpSeconds(unixMs),
      ntpFraction: ntpFraction(unixMs),
      rtpTimestamp: stream.timestamp,
      packetCount: stream.packetsSent,
      octetCount: stream.bytesSent,
    })
    this.ingest.receiveRtcp(packet, 0, packet.length, this.#clock.nowMs())
  }

  #receive(packet: Buffer): void {
    const reader = new RtcpReader()
    if (!reader.reset(packet, 0, packet.length)) throw new Error('the publisher was sent RTCP that is not valid')
    while (reader.next()) {
      if (!isPli(reader)) continue
      const ssrc = feedbackMediaSsrc(packet, reader)
      const encoder = this.encoders.find(({ video }) => video.ssrc === ssrc)
      if (encoder === undefined) throw new Error(`a keyframe of SSRC ${ssrc} was asked for`)
      encoder.requests.push(this.#clock.nowMs())
      this.#clock.setTimer(this.#options.rttMs ?? 40, () => {
        encoder.video.keyframeWanted = true
      })
    }
  }
}
