/** What a viewer wants to receive, beyond what was negotiated. Plain values that cross threads. */

/** The best layer of a video that a viewer wants; what is left out limits nothing. */
export interface LayerPreference {
  /** No better layer than the one with this rid. */
  readonly maxRid?: string
  /** No larger picture, in pixels, where the size is known: keyframes of all codecs state it. */
  readonly maxWidth?: number
  readonly maxHeight?: number
  /** No spatial layer above this id within the stream, where packets say theirs (VP9, and any codec with the dependency descriptor). */
  readonly maxSpatialId?: number
  /** No temporal layer above this id, where packets say theirs (VP8, too). */
  readonly maxTemporalId?: number
  /** Nothing that costs more, in bits per second. */
  readonly maxBitrateBps?: number
}

/** Settings of a viewer; what is left out stays as it is. */
export interface ViewerSettings {
  /** The publishers to receive, by name and in this order, as far as the viewer's m-lines reach; null for all. */
  readonly publishers?: readonly string[] | null
  /** Whether audio or video is paused: nothing of it is sent, and nothing is asked of the publisher for it. */
  readonly paused?: { readonly audio?: boolean; readonly video?: boolean }
  /** The best layer of each video that is wanted; null for no limit. */
  readonly layer?: LayerPreference | null
  /** The same for one of its m-lines, where both hold; null for `layer` alone. A mid that it does not have is ignored. */
  readonly section?: { readonly mid: string; readonly layer: LayerPreference | null }
  /** How many of the best layers of each video it has to do without, whatever it wants; the least stays. */
  readonly loweredLayers?: number
  /** What it is sent at most, in bits per second, all streams together; null for no limit. */
  readonly maxBitrateBps?: number | null
}
