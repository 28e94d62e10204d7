/** The highest temporal and spatial layers that are forwarded of a stream. */

/** A limit that nothing exceeds. */
export const ALL_LAYERS = 0xff

/** The highest ids, both included. */
export interface LayerLimits {
  spatialId: number
  temporalId: number
}

/** Everything. */
export const NO_LIMITS: Readonly<LayerLimits> = { spatialId: ALL_LAYERS, temporalId: ALL_LAYERS }

/** True if nothing is left out. */
export function isUnlimited(limits: LayerLimits): boolean {
  return sameLimits(limits, NO_LIMITS)
}

/** True if both leave the same out. */
export function sameLimits(a: LayerLimits, b: LayerLimits): boolean {
  return a.spatialId === b.spatialId && a.temporalId === b.temporalId
}
