/**
 * A video of which the viewer takes all layers at once, each as a stream of its own, as a relay does: the worst layer goes into the first
 * stream, the next one into the second. A publisher with fewer layers leaves the last streams silent.
 */
import type { LayerChoice, VideoDemand, VideoPreference } from '../layers/allocation.js'
import { LayerOrder } from '../layers/layer-order.js'
import { LayerSelector } from '../layers/layer-selector.js'
import type { LayerInfo, MediaLayer, MediaTrack } from '../types.js'
import type { EgressTrack } from './egress-track.js'
import type { VideoSlot, VideoStream } from './video-stream.js'

/** See the top of the file. */
export class RankedLayers implements VideoSlot {
  readonly streams: readonly RankedStream[]
  #source: MediaTrack | undefined
  #sourceId = ''
  #order = new LayerOrder(0)

  /** @param tracks one per layer, worst quality first. */
  constructor(tracks: readonly EgressTrack[], onFault: (error: unknown) => void) {
    this.streams = tracks.map((track, rank) => new RankedStream(this, track, rank, onFault))
  }

  /** What it carries. */
  get source(): MediaTrack | undefined {
    return this.#source
  }

  /** Unique with what it carries. */
  get sourceKey(): string {
    return `${this.#sourceId} ${this.#source?.id ?? ''}`
  }

  setSource(source: MediaTrack | undefined, sourceId: string, nowMs: number): void {
    if (source === this.#source) return
    for (const { selector } of this.streams) selector.select(undefined, nowMs)
    this.#source = source
    this.#sourceId = sourceId
    this.#order = new LayerOrder(source?.layers.length ?? 0)
  }

  /** The layer of that rank now; undefined if there are not so many. */
  layerOf(rank: number, nowMs: number): MediaLayer | undefined {
    const layers = this.#source?.layers ?? []
    const order = this.#order.update(
      layers.map((layer) => layer.info(nowMs)),
      nowMs,
    )
    return layers[order[rank] ?? -1]
  }
}

/** One of the streams. The allocator sees it as a video with a single layer, which it gets whole or not at all. */
export class RankedStream implements VideoStream {
  readonly selector: LayerSelector
  readonly #owner: RankedLayers
  /** What the last demand was about. */
  #layer: MediaLayer | undefined
  #info: LayerInfo | undefined
  #wholeInfo: LayerInfo | undefined

  constructor(
    owner: RankedLayers,
    readonly track: EgressTrack,
    readonly rank: number,
    onFault: (error: unknown) => void,
  ) {
    this.#owner = owner
    this.selector = new LayerSelector({
      get live() {
        return track.live
      },
      // A layer that takes another's rank and brings no keyframe is asked for again with the next choice.
      attach: (layer, nowMs) => track.attach(layer, owner.source?.extensions ?? [], nowMs),
      onFault,
    })
  }

  get available(): readonly MediaLayer[] | undefined {
    return this.rank === 0 ? (this.#owner.source?.layers ?? []) : undefined
  }

  get id(): string {
    return `${this.track.section.mid} ${this.rank} ${this.#owner.sourceKey}`
  }

  hasChoice(): boolean {
    return (this.#owner.source?.layers.length ?? 0) > 1
  }

  resumableBps(nowMs: number): number {
    return (this.track.pause.paused && this.#layer?.info(nowMs).bitrateBps) || 0
  }

  demand(preference: VideoPreference, nowMs: number): VideoDemand {
    this.#layer = this.#owner.layerOf(this.rank, nowMs)
    const { paused } = preference
    // The rid is the stream's, so that it stays the same video when layers change their order. The worst goes first.
    const layers = this.#layer ? [{ rid: this.track.section.rid, info: this.#whole(this.#layer, nowMs) }] : []
    return { id: this.id, layers, preference: { paused, priority: -this.rank } }
  }

  select({ layer }: LayerChoice, nowMs: number): void {
    this.selector.select(layer < 0 ? undefined : this.#layer, nowMs)
  }

  /** The facts about the layer, as of one that has no parts. */
  #whole(layer: MediaLayer, nowMs: number): LayerInfo {
    const info = layer.info(nowMs)
    if (this.#wholeInfo === undefined || info !== this.#info) {
      this.#info = info
      this.#wholeInfo = { ...info, sublayers: [] }
    }
    return this.#wholeInfo
  }
}
