/** Layers, in the words of WHEP's extensions. */

/** The best that is wanted of a video; the server chooses below it by what the network carries. Without anything, the choice is the server's alone. */
export interface LayerChoice {
  /** The number of the m-line; default the first video. `watch` offers video as `'0'`, audio as `'1'`. */
  readonly mediaId?: string
  /** A layer of simulcast. */
  readonly rid?: string
  readonly spatialLayerId?: number
  readonly temporalLayerId?: number
  readonly maxSpatialLayerId?: number
  readonly maxTemporalLayerId?: number
  /** In pixels. */
  readonly maxWidth?: number
  readonly maxHeight?: number
}

/** A layer that there is. */
export interface OfferedLayer {
  readonly rid?: string
  readonly spatialLayerId?: number
  readonly temporalLayerId?: number
  /** In bits per second; absent while the publisher does not send it. */
  readonly bitrate?: number
  readonly width?: number
  readonly height?: number
}
