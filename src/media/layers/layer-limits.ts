/** The highest temporal and spatial layers that are forwarded of a stream. */

/** A limit that nothing exceeds. */
export const ALL_LAYERS = 0xff

/** The highest ids, both included. */
export interface LayerLimits {
  spatialId: number
  temporalId: number
}
