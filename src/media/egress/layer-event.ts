/** What a viewer is told when something else of a video is forwarded to it. Plain values that cross threads. */
import type { LayerChangeReason } from '../layers/allocation.js'

/** Why something else is forwarded; see {@link LayerEvent}. */
export type LayerEventReason = LayerChangeReason | 'source'

/**
 * What is forwarded in one of a viewer's video sections from now on. It is told once a change has been carried out: for another layer or more
 * spatial layers, with a keyframe; for less of a layer or more temporal layers, when that is decided; for nothing, when it stops.
 *
 * The reasons: `source` the publisher came, left or was replaced, or another one is shown; `bandwidth` the viewer's network carries less or
 * more, or that has become known; `preference` the viewer's own limits; `overload` the server has too much to do, or no more; `layer-ended`, `layer-started` the publisher has stopped sending a layer, or
 * sends a better one; `paused`, `resumed` on request.
 */
export interface LayerEvent {
  /** The name that the publisher goes by. */
  readonly publisher: string
  /** The viewer's m-line. */
  readonly mid: string
  /** True if something is forwarded, false if nothing is. */
  readonly live: boolean
  /** The rid of the layer (RFC 8851); undefined where the publisher sends a single one, and for nothing. */
  readonly rid: string | undefined
  /** The highest spatial layer within it; absent where none is left out. */
  readonly spatialId?: number
  /** The highest temporal layer within it; absent where none is left out. */
  readonly temporalId?: number
  readonly reason: LayerEventReason
}
