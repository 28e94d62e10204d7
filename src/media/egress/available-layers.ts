/** What there is of a viewer's video to choose from, as plain values. */
import type { MediaLayer } from '../types.js'

/** A part of a layer that can be sent without the rest of it. */
export interface AvailableSublayer {
  readonly spatialId: number
  readonly temporalId: number
  /** Of it and all that it needs. */
  readonly bitrateBps: number
}

/** One layer that the publisher sends, or has sent. */
export interface AvailableLayer {
  /** Absent where the publisher sends a single one. */
  readonly rid?: string
  /** False while nothing of it is to be had. */
  readonly live: boolean
  /** True for a layer that the server in front of this one holds back as nobody here takes it: chosen, it comes. Absent otherwise. */
  readonly paused?: boolean
  /** Absent while it is not known. */
  readonly bitrateBps?: number
  /** The size of the picture; absent where it is not known. */
  readonly width?: number
  readonly height?: number
  /** Its temporal and spatial layers, worst first; empty where packets do not say theirs. */
  readonly sublayers: readonly AvailableSublayer[]
}

/** The snapshot of `layers` at `nowMs`, in their order. */
export function snapshotLayers(layers: readonly MediaLayer[], nowMs: number): AvailableLayer[] {
  return layers.map((layer) => {
    const { alive, paused, bitrateBps, width, height, sublayers } = layer.info(nowMs)
    return {
      ...(layer.rid === undefined ? {} : { rid: layer.rid }),
      live: alive,
      ...(paused === true ? { paused } : {}),
      ...(Number.isNaN(bitrateBps) ? {} : { bitrateBps }),
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
      sublayers: sublayers.map((sublayer) => ({ ...sublayer })),
    }
  })
}
