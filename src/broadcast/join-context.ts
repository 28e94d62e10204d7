/** What may be said with an offer about the session that it makes: the same as the session can be told later, checked in the same way. */
import type { AddPublisherRequest, AddViewerRequest, ViewerSettings } from '../engine/types.js'
import { bitrateOption, resolveLayerPreference } from './layer-preference.js'
import type { SignalingContext } from './signaling-target.js'
import { resolvePaused, resolvePublisherNames } from './viewer-choice.js'

/** What a publisher is asked for. Throws `option-invalid`. */
export function resolvePublisherContext({
  maxBitrateBps,
}: SignalingContext): Pick<AddPublisherRequest, 'maxBitrateBps'> {
  return maxBitrateBps === undefined ? {} : { maxBitrateBps: bitrateOption('maxBitrateBps', maxBitrateBps) }
}

/** What a viewer is to receive. Throws `option-invalid`. */
export function resolveViewerContext(context: SignalingContext): Pick<AddViewerRequest, 'settings'> {
  const { maxBitrateBps, layer, publishers, paused } = context
  const settings: ViewerSettings = {
    ...(maxBitrateBps === undefined ? {} : { maxBitrateBps: bitrateOption('maxBitrateBps', maxBitrateBps) }),
    ...(layer === undefined ? {} : { layer: resolveLayerPreference(layer) }),
    ...(publishers === undefined ? {} : { publishers: resolvePublisherNames(publishers) }),
    ...(paused === undefined ? {} : { paused: resolvePaused(paused) }),
  }
  return Object.keys(settings).length === 0 ? {} : { settings }
}
