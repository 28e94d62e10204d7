/**
 * Whether a viewer can start from what a layer's history keeps: with the newest keyframe and everything since, if that is young and small
 * enough and nothing of it is missing. So a crowd that joins costs the publisher few keyframes, and nobody waits for one.
 */
import type { MediaConfig, MediaLayer } from '../types.js'
import { CatchUp } from './catch-up.js'

/** How often a viewer could start from the cache, and how often it had to wait for a keyframe. */
export interface InstantStartCounters {
  hits: number
  misses: number
}

/** The settings that matter to it. */
export type InstantStartConfig = Pick<
  MediaConfig,
  'instantStartMaxAgeMs' | 'instantStartMaxBytes' | 'instantStartSpeed'
>

/**
 * The way to the present from the newest keyframe that is kept; undefined where there is none, or it should not be taken. Where none can be
 * asked for, it is taken at any age and size that the history allows: the next one may be far off.
 */
export function planInstantStart(
  { history, keyframesOnDemand }: Pick<MediaLayer, 'history' | 'keyframesOnDemand'>,
  config: InstantStartConfig,
  nowMs: number,
): CatchUp | undefined {
  const { keyframeExtSeq, newestExtSeq } = history
  const keyframe = history.get(keyframeExtSeq)
  const newest = history.get(newestExtSeq)
  if (keyframe === undefined || newest === undefined) return undefined
  // It has just come: that is the present, and what is missing behind it is on its way.
  if (keyframe.arrivalMs === nowMs) return new CatchUp(keyframe, keyframe, config.instantStartSpeed, nowMs)
  if (keyframesOnDemand && nowMs - keyframe.arrivalMs > config.instantStartMaxAgeMs) return undefined
  let bytes = 0
  for (let extSeq = keyframeExtSeq; extSeq <= newestExtSeq; extSeq++) {
    const packet = history.get(extSeq)
    // What is missing may still come, but then it may not.
    if (packet === undefined || packet.codec !== keyframe.codec) return undefined
    bytes += packet.length
    if (keyframesOnDemand && bytes > config.instantStartMaxBytes) return undefined
  }
  return new CatchUp(keyframe, newest, config.instantStartSpeed, nowMs)
}
