/** What a source that is no WebRTC peer sends now, as plain values. */
import type { MediaKind } from '../rtp/types.js'
import type { MediaSource } from './types.js'

/** One layer of a {@link SourceTrackStats}. */
export interface SourceLayerStats {
  readonly rid?: string
  /** The codec of the newest packet; absent before the first. */
  readonly codec?: string
  /** Packets come. */
  readonly alive: boolean
  /** Over the last two seconds, headers included; absent while that is not known. */
  readonly bitrateBps?: number
  /** Frames per second; absent before two frames have come. */
  readonly fps?: number
  /** Of the largest pictures. */
  readonly width?: number
  readonly height?: number
}

/** One track of a source. */
export interface SourceTrackStats {
  readonly id: string
  readonly kind: MediaKind
  readonly layers: readonly SourceLayerStats[]
}

/** Snapshot of a source that is no WebRTC peer. */
export interface SourceStats {
  readonly tracks: readonly SourceTrackStats[]
}

/** The snapshot of `source`. */
export function describeSource(source: MediaSource, nowMs: number): SourceStats {
  return {
    tracks: source.tracks.map(({ id, kind, layers }) => ({
      id,
      kind,
      layers: layers.map((layer) => {
        const { alive, bitrateBps, fps, width, height } = layer.info(nowMs)
        return {
          ...(layer.rid === undefined ? {} : { rid: layer.rid }),
          ...(layer.codec === undefined ? {} : { codec: layer.codec.name }),
          alive,
          ...(Number.isNaN(bitrateBps) ? {} : { bitrateBps }),
          ...(Number.isNaN(fps) ? {} : { fps }),
          ...(width === undefined || height === undefined ? {} : { width, height }),
        }
      }),
    })),
  }
}
