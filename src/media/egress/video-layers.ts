/** One of a viewer's video streams and the layers of what it carries: which there are, worst first, and which one is forwarded. */
import type { LayerChoice, VideoDemand, VideoPreference } from '../layers/allocation.js'
import { ALL_LAYERS, type LayerLimits } from '../layers/layer-limits.js'
import { LayerSelector } from '../layers/layer-selector.js'
import type { MediaLayer, MediaTrack } from '../types.js'
import type { EgressTrack } from './egress-track.js'

/** Everything of the layer that is there whatever the publisher does. */
export const FIRST_LAYER: LayerChoice = { layer: 0, spatialId: ALL_LAYERS, temporalId: ALL_LAYERS }

/** See the top of the file. */
export class VideoLayers {
  readonly selector: LayerSelector
  /** The layers as they were ordered for the last demand. */
  #ordered: readonly MediaLayer[] = []
  #source: MediaTrack | undefined
  #sourceId = ''
  /** Of the layer that was selected last, forwarded already or not. */
  #limits: LayerLimits = FIRST_LAYER

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

  /** True if there is anything to choose. */
  hasChoice(nowMs: number): boolean {
    const layers = this.#source?.layers ?? []
    return layers.length > 1 || layers.some((layer) => layer.info(nowMs).sublayers.length > 1)
  }

  /** Unique among a viewer's streams, and anew with what it carries and in which order. */
  get id(): string {
    return `${this.track.section.mid} ${this.#sourceId} ${this.#ordered.map(({ rid }) => rid ?? '').join(',')}`
  }

  /** It carries `source` from now on, which belongs to the source of that id. */
  setSource(source: MediaTrack | undefined, sourceId: string, nowMs: number): void {
    if (source === this.#source) return
    this.selector.select(undefined, nowMs)
    this.#source = source
    this.#sourceId = sourceId
    this.#ordered = source?.layers ?? []
  }

  /** What the allocator is asked about it. */
  demand(preference: VideoPreference, nowMs: number): VideoDemand {
    this.#order(nowMs)
    const layers = this.#ordered.map((layer) => ({ rid: layer.rid, info: layer.info(nowMs) }))
    return { id: this.id, layers, preference }
  }

  /** The part of the layer of that place in the last demand is to be forwarded; -1 for none. */
  select(choice: LayerChoice, nowMs: number): void {
    const layer = this.#ordered[choice.layer]
    this.#limits = choice
    this.selector.select(layer, nowMs)
    if (layer === this.selector.current) this.track.limit(choice, nowMs)
  }

  /** By picture size where all are known, else by bitrate where all are known, else as the publisher has named them. */
  #order(nowMs: number): void {
    const known = this.#ordered.map((layer) => ({ layer, info: layer.info(nowMs) }))
    const sized = known.every(({ info }) => info.height !== undefined)
    const priced = known.every(({ info }) => !Number.isNaN(info.bitrateBps))
    const size = (at: (typeof known)[number]) => (at.info.width ?? 0) * (at.info.height ?? 0)
    if (sized) known.sort((a, b) => size(a) - size(b))
    else if (priced) known.sort((a, b) => a.info.bitrateBps - b.info.bitrateBps)
    else return
    if (known.some(({ layer }, i) => layer !== this.#ordered[i])) this.#ordered = known.map(({ layer }) => layer)
  }
}
