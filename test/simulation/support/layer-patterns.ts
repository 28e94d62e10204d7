/** Which frames a stream with temporal and spatial layers consists of, and which of them each needs (W3C scalability modes). */

/** How many layers of each kind, and whether upper spatial layers need lower ones at keyframes only. */
export interface LayerMode {
  readonly spatial: 1 | 2 | 3
  readonly temporal: 1 | 2 | 3
  readonly keyOnly?: boolean
}

export const L1T1: LayerMode = { spatial: 1, temporal: 1 }
export const L1T3: LayerMode = { spatial: 1, temporal: 3 }
export const L2T2: LayerMode = { spatial: 2, temporal: 2 }
export const L3T1_KEY: LayerMode = { spatial: 3, temporal: 1, keyOnly: true }
export const L3T3: LayerMode = { spatial: 3, temporal: 3 }
export const L3T3_KEY: LayerMode = { spatial: 3, temporal: 3, keyOnly: true }

/** A picture of a repeating pattern. */
export interface PatternPicture {
  readonly temporalId: number
  /** What the codec's own descriptor says of switching: Y of VP8, U of VP9. */
  readonly switching: boolean
  /** How many pictures back what it needs lies. */
  readonly needs: readonly number[]
}

const picture = (temporalId: number, needs: readonly number[], switching = true): PatternPicture => ({
  temporalId,
  needs,
  switching,
})

/** What every encoder can do: pictures of higher layers need lower ones only. */
const PLAIN: Readonly<Record<1 | 2 | 3, readonly PatternPicture[]>> = {
  1: [picture(0, [1])],
  2: [picture(0, [2]), picture(1, [1])],
  3: [picture(0, [4]), picture(2, [1]), picture(1, [2]), picture(2, [1])],
}

/** VP8 in eights: a sync picture depends on the base picture alone; layer 1 depends on itself in the second half. */
const VP8_OF_THREE: readonly PatternPicture[] = [
  picture(0, [4], false),
  picture(2, [1]),
  picture(1, [2]),
  picture(2, [1, 2], false),
  picture(0, [4], false),
  picture(2, [1]),
  picture(1, [2, 4], false),
  picture(2, [1, 2], false),
]

/** VP9 in eights: behind a switching point nothing of a higher layer from before it is needed. */
const VP9_OF_THREE: readonly PatternPicture[] = [
  picture(0, [4]),
  picture(2, [1]),
  picture(1, [2]),
  picture(2, [1], false),
  picture(0, [4], false),
  picture(2, [1, 2], false),
  picture(1, [2, 4], false),
  picture(2, [1], false),
]

/** The pattern that begins with each keyframe, whose picture is the first of it and needs none. */
export function patternOf(codec: string, mode: LayerMode, withDescriptor: boolean): readonly PatternPicture[] {
  // The templates of a dependency structure have room for few pictures.
  if (mode.temporal < 3 || withDescriptor) return PLAIN[mode.temporal]
  if (codec === 'VP8') return VP8_OF_THREE
  return codec === 'VP9' ? VP9_OF_THREE : PLAIN[3]
}

/** How many frames back what the frame of a picture needs lies, where each spatial layer is a frame. */
export function frameNeeds(mode: LayerMode, needs: readonly number[], spatialId: number, key: boolean): number[] {
  const earlier = key ? [] : needs.map((back) => back * mode.spatial)
  const withLower = spatialId > 0 && (key || mode.keyOnly !== true)
  return withLower ? [1, ...earlier] : earlier
}
