/** A publisher in this process with three layers of one video, named best first, as some browsers do. */
import { ForwardedLayer } from '../../src/media/forwarded-layer.js'
import { LayerTicker } from '../../src/media/layer-ticker.js'
import type { LocalSource, SourceContext } from '../../src/media/local-ends.js'
import type { MediaSource } from '../../src/media/types.js'
import type { Codec } from '../../src/rtp/types.js'
import { SyntheticVideo } from '../../src/testing/synthetic-video.js'

const FRAME_MS = 40
const VP8: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
const ENCODINGS = [
  { rid: 'f', height: 720, framePackets: 4 },
  { rid: 'h', height: 360, framePackets: 2 },
  { rid: 'q', height: 180, framePackets: 1 },
]

/** See the top of the file. It sends from when it is added to a broadcast until that ends it. */
export class SimulcastTracks implements LocalSource {
  #timer: NodeJS.Timeout | undefined
  #ticker: LayerTicker | undefined
  #frame: () => void = () => {}

  async open({ id, config, scheduler }: SourceContext): Promise<MediaSource> {
    const encoders = ENCODINGS.map(({ rid, height, framePackets }, index) => {
      const video = new SyntheticVideo({
        ...{ ssrc: index + 1, payloadType: 96, pictureId: 100, width: (height * 16) / 9, height, framePackets },
        keyframePackets: 2 * framePackets,
        packetBytes: 300,
      })
      const layer = new ForwardedLayer({
        ...{ rid, kind: 'video', extensions: [], config },
        wishes: {
          sendKeyframeRequest: () => {
            video.keyframeWanted = true
          },
          onDue: (dueMs) => this.#ticker?.arm(dueMs),
        },
      })
      return { video, layer, extSeq: 0 }
    })
    const layers = encoders.map(({ layer }) => layer)
    this.#ticker = new LayerTicker(scheduler, () => layers)
    this.#frame = () => {
      const nowMs = scheduler.clock.nowMs()
      for (const encoder of encoders) {
        encoder.video.frame(FRAME_MS, (packet) => {
          encoder.layer.accept(packet, 0, packet.length, encoder.extSeq++, VP8, nowMs)
        })
      }
    }
    return { id, tracks: [{ id: 'video', kind: 'video', extensions: [], layers }] }
  }

  start(): void {
    this.#timer = setInterval(this.#frame, FRAME_MS)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#ticker?.close()
  }
}
