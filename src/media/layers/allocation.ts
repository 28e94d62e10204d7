/** What the allocator is asked and what it answers: which layer of each video a viewer gets. */
import type { LayerInfo } from './layer-info.js'
import { ALL_LAYERS, type LayerLimits } from './layer-limits.js'

/** The best of one video that is wanted; what is left out limits nothing. */
export interface VideoLimits {
  /** No better layer than the one with this rid; a rid that the video does not have limits nothing. */
  readonly maxRid?: string
  readonly maxSpatialId?: number
  readonly maxTemporalId?: number
  /** Nothing that costs more. */
  readonly maxBitrateBps?: number
  /** No larger picture, where its size is known. */
  readonly maxWidth?: number
  readonly maxHeight?: number
}

/** What a viewer wants of one video. */
export interface VideoPreference extends VideoLimits {
  /** Nothing of it is wanted now. */
  readonly paused: boolean
  /** Further limits, which hold as well. */
  readonly within?: VideoLimits
  /** How many of the best layers it has to do without, of those that it could have; the least stays. 0 if not given. */
  readonly loweredLayers?: number
  /** Videos of a higher priority get their best before the others get more than their least. 0 if not given. */
  readonly priority?: number
}

/** The highest layers within a stream that a viewer wants. */
export function wantedLayers({ maxSpatialId, maxTemporalId, within }: VideoPreference): LayerLimits {
  return {
    spatialId: Math.min(maxSpatialId ?? ALL_LAYERS, within?.maxSpatialId ?? ALL_LAYERS),
    temporalId: Math.min(maxTemporalId ?? ALL_LAYERS, within?.maxTemporalId ?? ALL_LAYERS),
  }
}

/** One video that a viewer could get. */
export interface VideoDemand {
  /** Unique among the viewer's videos, and the same from call to call. */
  readonly id: string
  /** Best quality last. The same layers from call to call, told apart by their rids: their order may change. */
  readonly layers: readonly { readonly rid: string | undefined; readonly info: LayerInfo }[]
  readonly preference: VideoPreference
}

/** The state of one viewer. */
export interface AllocationInput {
  /** What it may be sent now; infinity where nothing is known. */
  readonly targetBps: number
  /** What its network is estimated to carry: more than `targetBps` while a queue is to drain. */
  readonly carriedBps: number
  /** What it may get at most, as it has been set; infinity for no limit. */
  readonly maxBitrateBps: number
  /** What its audio takes, which goes first. */
  readonly audioBps: number
  readonly videos: readonly VideoDemand[]
}

/** A part of a video. */
export interface LayerChoice {
  /** Index in the video's layers; -1 for nothing. */
  readonly layer: number
  /** The highest layers within it, {@link ALL_LAYERS} for no limit. */
  readonly spatialId: number
  readonly temporalId: number
}

/** Nothing of a video. */
export const NO_LAYER: LayerChoice = { layer: -1, spatialId: 0, temporalId: 0 }

/** Why a viewer gets something else than before. */
export type LayerChangeReason =
  | 'bandwidth'
  | 'preference'
  | 'overload'
  | 'layer-ended'
  | 'layer-started'
  | 'paused'
  | 'resumed'

/** Something else is to be forwarded. */
export interface LayerChange {
  readonly id: string
  readonly from: LayerChoice
  readonly to: LayerChoice
  readonly reason: LayerChangeReason
}

/** What a viewer gets. */
export interface Allocation {
  /** In the order of the videos. */
  readonly choices: readonly LayerChoice[]
  /** What is different from the last time. */
  readonly changes: readonly LayerChange[]
  /** What the choices and the audio cost. */
  readonly neededBps: number
  /** Video is sent again after none was for a while: the estimate, which could not rise, says nothing against it. */
  readonly retried: boolean
  /** What the best that is there and permitted would take, with the margin for going up: more than this is of no use. */
  readonly wantedBps: number
}

/** True if both are the same part. */
export function sameChoice(a: LayerChoice, b: LayerChoice): boolean {
  return a.layer === b.layer && a.spatialId === b.spatialId && a.temporalId === b.temporalId
}
