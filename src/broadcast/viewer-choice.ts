/** Checks of whom and what a viewer is told to receive. */
import type { ViewerSettings } from '../engine/types.js'
import { booleanOption, refuseOption, stringListOption } from '../util/options.js'
import { isPublisherName } from './publisher-name.js'

type Paused = NonNullable<ViewerSettings['paused']>

/** `names` as a list of its own. Throws `option-invalid`. */
export function resolvePublisherNames(names: readonly string[]): readonly string[] {
  if (!Array.isArray(names)) refuseOption('publishers', "a list of publishers' names", names)
  return [...stringListOption('publishers', names, [], "publishers' names", isPublisherName)]
}

/** What is paused, with nothing else in it. Throws `option-invalid`. */
export function resolvePaused(paused: Paused): Paused {
  if (typeof paused !== 'object' || paused === null) refuseOption('paused', 'an object with audio or video', paused)
  const { audio, video } = paused
  return {
    ...(audio === undefined ? {} : { audio: booleanOption('paused.audio', audio, false) }),
    ...(video === undefined ? {} : { video: booleanOption('paused.video', video, false) }),
  }
}
