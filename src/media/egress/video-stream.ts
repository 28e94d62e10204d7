/** One of a viewer's video streams, as the allocator sees it: something that there is to choose from, and that gets what was chosen. */
import type { LayerChoice, VideoDemand, VideoPreference } from '../layers/allocation.js'
import type { LayerSelector } from '../layers/layer-selector.js'
import type { MediaLayer, MediaTrack } from '../types.js'
import type { EgressTrack } from './egress-track.js'

/** See the top of the file. */
export interface VideoStream {
  readonly track: EgressTrack
  readonly selector: LayerSelector
  /** Its place among the streams that carry the same video, worst quality first; undefined for the only one, which may get any layer. */
  readonly rank: number | undefined
  /** The layers of what it carries, in the order in which the publisher names them; undefined where another stream of the same video tells them. */
  readonly available: readonly MediaLayer[] | undefined
  /** Unique among a viewer's streams, and anew with what it carries. */
  readonly id: string
  /** True if there is anything to choose; otherwise it is sent whatever there is. */
  hasChoice(nowMs: number): boolean
  /** What it would take if the viewer, who has paused it, resumed it; 0 where that is not known. */
  resumableBps(nowMs: number): number
  /** What the allocator is asked about it. */
  demand(preference: VideoPreference, nowMs: number): VideoDemand
  /** What that place of the last demand stands for is to be forwarded; nothing for -1. */
  select(choice: LayerChoice, nowMs: number): void
}

/** A video section of a viewer with its streams: `VideoLayers` has itself, `RankedLayers` one per layer. */
export interface VideoSlot {
  readonly streams: readonly VideoStream[]
  /** It carries `source` from now on, which belongs to the source of that id. */
  setSource(source: MediaTrack | undefined, sourceId: string, nowMs: number): void
}
