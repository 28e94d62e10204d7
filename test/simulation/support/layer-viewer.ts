/** A viewer of one simulcast video whose bandwidth estimate is told by the test: allocator, selector and outgoing stream. */
import { EgressTrack } from '../../../src/media/egress/egress-track.js'
import { RetransmissionBudget } from '../../../src/media/egress/retransmission-budget.js'
import type { LayerChange, VideoPreference } from '../../../src/media/layers/allocation.js'
import { LayerAllocator } from '../../../src/media/layers/layer-allocator.js'
import { LayerSelector } from '../../../src/media/layers/layer-selector.js'
import type { MediaLayer } from '../../../src/media/types.js'
import { RtpHeader } from '../../../src/rtp/rtp-header.js'
import { payloadCodec, VIEWER_EXTENSIONS, VP8 } from './sections.js'
import { ReceivedStream } from './simulated-viewer.js'
import type { SimulcastSource } from './simulcast-source.js'
import type { Stage } from './stage.js'
import { TestOutput } from './test-output.js'

const SSRC = 0x4242
const DECIDE_EVERY_MS = 100

export class LayerViewer {
  readonly received = new ReceivedStream(SSRC, 90_000, true)
  readonly track: EgressTrack
  readonly selector: LayerSelector
  readonly allocator = new LayerAllocator()
  readonly changes: (LayerChange & { readonly atMs: number })[] = []
  /** What was taken from, with when, and behind how many received packets. */
  readonly attached: { readonly rid: string | undefined; readonly atMs: number; readonly behind: number }[] = []
  preference: VideoPreference = { paused: false }
  estimate: (nowMs: number) => number = () => 3_000_000
  readonly #stage: Stage
  readonly #source: SimulcastSource

  constructor(stage: Stage, source: SimulcastSource) {
    this.#stage = stage
    this.#source = source
    const section = {
      mid: 'v',
      kind: 'video' as const,
      codecs: [payloadCodec(120, VP8)],
      extensions: VIEWER_EXTENSIONS,
      ssrc: SSRC,
    }
    this.track = new EgressTrack({
      section,
      output: new TestOutput((buffer, start, end) => this.#receive(Buffer.from(buffer.subarray(start, end)))),
      config: stage.config,
      initialSeq: 4711,
      initialTimestamp: 0xffff_0000,
      initialRtxSeq: 1,
      budget: new RetransmissionBudget(1, 0),
      onBegin: () => {},
      onFault: (error) => {
        throw error
      },
    })
    const { track } = this
    this.selector = new LayerSelector({
      get live() {
        return track.live
      },
      attach: (layer, nowMs) => this.#attach(layer, nowMs),
      onSwitchFailed: (layer, nowMs) => {
        this.allocator.switchFailed(
          'video',
          source.layers.findIndex((one) => one.layer === layer),
          nowMs,
        )
      },
    })
    this.#decide()
  }

  /** The longest time without a packet. */
  get longestPauseMs(): number {
    const times = this.received.packets.map(({ atMs }) => atMs)
    return Math.max(0, ...times.slice(1).map((atMs, i) => atMs - (times[i] as number)))
  }

  #attach(layer: MediaLayer | undefined, nowMs: number): void {
    this.attached.push({ rid: layer?.rid, atMs: nowMs, behind: this.received.count })
    this.track.attach(layer, [], nowMs)
  }

  #decide(): void {
    const { nowMs } = this.#stage
    const layers = this.#source.layers.map(({ encoding, meter }) => ({ rid: encoding.rid, info: meter.info(nowMs) }))
    const videos = [{ id: 'video', layers, preference: this.preference }]
    const targetBps = this.estimate(nowMs)
    const { choices, changes } = this.allocator.allocate(
      { targetBps, carriedBps: targetBps, maxBitrateBps: Number.POSITIVE_INFINITY, audioBps: 40_000, videos },
      nowMs,
    )
    for (const change of changes) this.changes.push({ ...change, atMs: nowMs })
    this.selector.select(this.#source.layers[choices[0]?.layer ?? -1]?.layer, nowMs)
    this.selector.tick(nowMs)
    this.#stage.clock.setTimer(DECIDE_EVERY_MS, () => this.#decide())
  }

  #receive(packet: Buffer): void {
    const header = new RtpHeader()
    if (!header.parse(packet, 0, packet.length)) throw new Error('the viewer was sent RTP that is not valid')
    this.received.receive(packet, header, this.#stage.nowMs)
  }
}
