/** Options of what is written into the header extensions of viewers' packets, checked and resolved. */
import type { ExtensionSettings, PlayoutDelay } from '../engine/types.js'
import { booleanOption, integerOption, refuseOption } from '../util/options.js'

/** Twelve bits of ten milliseconds. */
const MAX_DELAY_MS = 40_950

/** Options of what viewers are told with each frame. */
export interface ExtensionOptions {
  /**
   * Between which bounds viewers are to choose how long they hold video back, in milliseconds: `minMs` and `maxMs` from 0 to 40950, each rounded to
   * the nearest 10. It goes out with each keyframe, to viewers that have negotiated the playout-delay extension, in place of what the
   * publisher says; null for what the publisher says. Default null.
   */
  readonly playoutDelay?: PlayoutDelay | null
  /**
   * Tells viewers that have negotiated the abs-capture-time extension when frames were captured, about once a second, from the
   * publisher's sender reports. Where the publisher says so itself, that is passed on, with this option or without. Video without RTX is left
   * out. Default false.
   */
  readonly absCaptureTime?: boolean
}

/** What the user passed, or else `fallback`. Throws `option-invalid`. */
export function resolveExtensionOptions(options: ExtensionOptions, fallback: ExtensionSettings): ExtensionSettings {
  const { playoutDelay = fallback.playoutDelay ?? null } = options
  const absCaptureTime = booleanOption('absCaptureTime', options.absCaptureTime, fallback.absCaptureTime ?? false)
  return {
    ...(playoutDelay === null ? {} : { playoutDelay: resolvePlayoutDelay(playoutDelay) }),
    ...(absCaptureTime ? { absCaptureTime } : {}),
  }
}

function resolvePlayoutDelay(delay: PlayoutDelay): PlayoutDelay {
  if (typeof delay !== 'object') refuseOption('playoutDelay', 'an object with minMs and maxMs, or null', delay)
  const bound = (name: 'minMs' | 'maxMs'): number => {
    const value = delay[name]
    if (value === undefined) refuseOption(`playoutDelay.${name}`, 'a number of milliseconds', value)
    return integerOption(`playoutDelay.${name}`, value, 0, 0, MAX_DELAY_MS)
  }
  const resolved = { minMs: bound('minMs'), maxMs: bound('maxMs') }
  if (resolved.minMs > resolved.maxMs) {
    refuseOption('playoutDelay.minMs', `at most playoutDelay.maxMs, ${resolved.maxMs}`, resolved.minMs)
  }
  return resolved
}
