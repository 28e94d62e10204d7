/** What two shards say to each other about a feed that one of them has and the other wants. Structured-cloneable. */
import type { Codec, HeaderExtension, MediaKind } from '../rtp/types.js'

/** A track as the receiving shard re-creates it. */
export interface PipedTrack {
  readonly id: string
  readonly kind: MediaKind
  readonly extensions: readonly HeaderExtension[]
  readonly layers: readonly PipedLayerInfo[]
}

/** A layer as the receiving shard re-creates it. */
export interface PipedLayerInfo {
  readonly rid: string | undefined
  readonly keyframesOnDemand: boolean
}

/** A source as the receiving shard re-creates it. */
export interface PipedSource {
  readonly id: string
  readonly tracks: readonly PipedTrack[]
  /** The codecs that the packets of `past` refer to, by index. */
  readonly codecs: readonly Codec[]
  /** What viewers can begin with: the packets since the newest keyframe of each video layer. See `pipe-batch.ts`. */
  readonly past: ArrayBuffer
}

/** A layer by its place in the source. */
export interface LayerAddress {
  readonly track: number
  readonly layer: number
}

/** From the shard that has the viewers to the shard that has the publisher. */
export type PipeRequest =
  | { readonly type: 'subscribe'; readonly feedId: string }
  | { readonly type: 'unsubscribe'; readonly feedId: string }
  | ({ readonly type: 'keyframe-request'; readonly feedId: string; readonly sourceId: string } & LayerAddress)

/** From the shard that has the publisher to the shard that has the viewers. */
export type PipeDelivery =
  | {
      readonly type: 'source'
      readonly feedId: string
      /** The number by which packets, codecs and clocks of this source go from now on; those of a source before it are of no use any more. */
      readonly channel: number
      readonly source: PipedSource | undefined
    }
  | {
      readonly type: 'codec'
      readonly channel: number
      /** The number by which packets refer to it. */
      readonly index: number
      readonly codec: Codec
    }
  | ({
      readonly type: 'capture-clock'
      readonly channel: number
      readonly ntpUnixMs: number
      readonly rtpTimestamp: number
    } & LayerAddress)
  | {
      readonly type: 'ring'
      /** Packets come through this ring from now on, behind those that are left in the one before it. See `pipe-ring.ts`. */
      readonly memory: SharedArrayBuffer | undefined
    }

/** Everything that goes over the port between two shards. */
export type PipeMessage = PipeRequest | PipeDelivery
