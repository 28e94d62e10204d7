/** One of a viewer's video streams and the layers of what it carries: which there are, worst first, and which one is forwarded. */
import type { LayerChoice, VideoDemand, VideoPreference } from '../layers/allocation.js'
import { type LayerLimits, NO_LIMITS } from '../layers/layer-limits.js'
import { LayerOrder } from '../layers/layer-order.js'
import { LayerSelector } from '../layers/layer-selector.js'
import type { MediaLayer, MediaTrack } from '../types.js'
import { tellsSpatialLayers } from './egress-section.js'
import type { EgressTrack } from './egress-track.js'
import type { VideoSlot, VideoStream } from './video-stream.js'

/** See the top of the file. */
export class VideoLayers implements VideoStream, VideoSlot {
  readonly streams: readonly VideoStream[] = [this]
  readonly rank = undefined
  readonly selector: LayerSelector
  #order = new LayerOrder(0)
  /** The layers as they were ordered for the last demand. */
  #ordered: readonly MediaLayer[] = []
  #source: MediaTrack | undefined
  #sourceId = ''
  /** Of the layer that was selected last, forwarded already or not. */
  #limits: LayerLimits = NO_LIMITS

  /** @param onSwitchFailed the layer of that place in the last demand brought no keyframe in time. */
  constructor(
    readonly track: EgressTrack,
    onSwitchFailed: (video: VideoLayers, layer: number, nowMs: number) => void,
    onFault: (error: unknown) => void,
  ) {
    this.selector = new LayerSelector({
      get live() {
        return track.live
      },
      attach: (layer, nowMs) => track.attach(layer, this.#source?.extensions ?? [], nowMs, this.#limits),
      onSwitchFailed: (layer, nowMs) => onSwitchFailed(this, this.#ordered.indexOf(layer), nowMs),
      onFault,
    })
  }

  get available(): readonly MediaLayer[] {
    return this.#source?.layers ?? []
  }

  hasChoice(nowMs: number): boolean {
    const layers = this.#source?.layers ?? []
    return layers.length > 1 || layers.some((layer) => layer.info(nowMs).sublayers.length > 1)
  }

  get id(): string {
    return `${this.track.section.mid} ${this.#sourceId} ${this.#source?.id ?? ''}`
  }

  resumableBps(): number {
    return 0
  }

  setSource(source: MediaTrack | undefined, sourceId: string, nowMs: number): void {
    if (source === this.#source) return
    this.selector.select(undefined, nowMs)
    this.#source = source
    this.#sourceId = sourceId
    this.#ordered = source?.layers ?? []
    this.#order = new LayerOrder(this.#ordered.length)
  }

  demand(preference: VideoPreference, nowMs: number): VideoDemand {
    const named = this.#source?.layers ?? []
    const order = this.#order.update(
      named.map((layer) => layer.info(nowMs)),
      nowMs,
    )
    this.#ordered = order.map((at) => named[at] as MediaLayer)
    const layers = this.#ordered.map((layer) => ({ rid: layer.rid, info: layer.info(nowMs) }))
    const isFlat = this.#ordered.some((layer) => this.#isFlat(layer, nowMs))
    return { id: this.id, layers, preference: isFlat ? { ...preference, maxSpatialId: 0 } : preference }
  }

  /** True for a layer with spatial layers that the viewer cannot tell from each other: it gets the lowest, see `Stretch`. */
  #isFlat(layer: MediaLayer, nowMs: number): boolean {
    const { codec } = layer
    if (codec === undefined || tellsSpatialLayers(this.track.section, codec)) return false
    return layer.info(nowMs).sublayers.some(({ spatialId }) => spatialId > 0)
  }

  select(choice: LayerChoice, nowMs: number): void {
    const layer = this.#ordered[choice.layer]
    this.#limits = choice
    this.selector.select(layer, nowMs)
    if (layer === this.selector.current) this.track.limit(choice, nowMs)
  }
}
