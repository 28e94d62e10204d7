/** A publisher with three encodings of one picture, as they come out of ingest: layers with their measured facts. */
import { ForwardedLayer } from '../../../src/media/forwarded-layer.js'
import { LayerMeter } from '../../../src/media/layers/layer-info.js'
import type { MediaConfig } from '../../../src/media/types.js'
import type { Codec } from '../../../src/rtp/types.js'
import { SyntheticVideo } from '../../../src/testing/synthetic-video.js'
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { VP8 } from './sections.js'
import { drive } from './test-output.js'

export interface SimulatedEncoding {
  readonly rid: string
  readonly height: number
  readonly packetBytes: number
  readonly framePackets: number
}

/** About 130 kbps, 530 kbps and 2 Mbps at 30 frames per second. */
export const THREE_ENCODINGS: readonly SimulatedEncoding[] = [
  { rid: 'l', height: 180, packetBytes: 500, framePackets: 1 },
  { rid: 'm', height: 360, packetBytes: 1100, framePackets: 2 },
  { rid: 'h', height: 720, packetBytes: 1100, framePackets: 7 },
]

const FRAME_MS = 1000 / 30

export class SimulatedLayer {
  readonly layer: ForwardedLayer
  readonly meter = new LayerMeter()
  readonly video: SyntheticVideo
  readonly requests: number[] = []
  /** The encoder produces it. */
  enabled = true
  /** Keyframe requests are heard. */
  answers = true
  readonly #codec: Codec = { ...VP8 }
  #extSeq = 70_000

  constructor(
    readonly encoding: SimulatedEncoding,
    readonly clock: VirtualClock,
    config: MediaConfig,
    index: number,
  ) {
    const { rid, height, packetBytes, framePackets } = encoding
    this.video = new SyntheticVideo({
      ssrc: 0x100 + index,
      payloadType: 96,
      seq: 60_000 + index * 1000,
      timestamp: (0xfffe_0000 + index * 777_777) >>> 0,
      pictureId: 32_000 + index * 300,
      width: (height * 16) / 9,
      height,
      packetBytes,
      framePackets,
      keyframePackets: framePackets * 4,
    })
    const driver = {
      tick: (nowMs: number) => this.layer.tick(nowMs),
      onDue: undefined as ((dueMs: number) => void) | undefined,
    }
    this.layer = new ForwardedLayer({
      rid,
      kind: 'video',
      extensions: [],
      config,
      wishes: {
        sendKeyframeRequest: (nowMs) => {
          this.requests.push(nowMs)
          if (this.answers) this.video.keyframeWanted = true
        },
        onDue: (dueMs) => driver.onDue?.(dueMs),
      },
    })
    this.meter.setFrameSize((height * 16) / 9, height)
    drive(clock, driver)
  }

  frame(): void {
    if (!this.enabled) {
      this.video.advance(FRAME_MS)
      return
    }
    const nowMs = this.clock.nowMs()
    this.video.frame(FRAME_MS, (packet) => {
      this.meter.add(packet.length, packet.readUInt32BE(4), undefined, nowMs)
      this.layer.accept(packet, 0, packet.length, this.#extSeq++, this.#codec, nowMs)
    })
  }
}

export class SimulcastSource {
  readonly layers: readonly SimulatedLayer[]
  readonly #clock: VirtualClock
  #frames = 0

  constructor(clock: VirtualClock, config: MediaConfig, encodings: readonly SimulatedEncoding[] = THREE_ENCODINGS) {
    this.#clock = clock
    this.layers = encodings.map((encoding, index) => new SimulatedLayer(encoding, clock, config, index))
  }

  /** Keyframes requested so far, per layer. */
  get requests(): number[] {
    return this.layers.map(({ requests }) => requests.length)
  }

  start(): void {
    const startMs = this.#clock.nowMs()
    const step = (): void => {
      for (const layer of this.layers) layer.frame()
      this.#clock.at(startMs + ++this.#frames * FRAME_MS, step)
    }
    this.#clock.at(startMs, step)
  }
}
