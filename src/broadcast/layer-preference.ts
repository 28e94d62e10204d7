/** Checks of what a viewer is told to prefer. */
import type { LayerPreference } from '../engine/types.js'
import { integerOption, refuseOption } from '../util/options.js'

const MAX_PIXELS = 65_535
const MIN_BITRATE_BPS = 10_000
const MAX_BITRATE_BPS = 1_000_000_000
const MAX_RID_LENGTH = 255
/** Ids have three bits in every codec that we know. */
const MAX_LAYER_ID = 7

/** `value` as bits per second. Throws `option-invalid`. */
export function bitrateOption(name: string, value: number): number {
  return integerOption(name, value, 0, MIN_BITRATE_BPS, MAX_BITRATE_BPS)
}

/** The preference with nothing else in it. Throws `option-invalid`. */
export function resolveLayerPreference(preference: LayerPreference): LayerPreference {
  if (typeof preference !== 'object' || preference === null) {
    refuseOption('layer', 'an object such as { maxHeight: 360 }', preference)
  }
  const { maxRid, maxWidth, maxHeight, maxSpatialId, maxTemporalId, maxBitrateBps } = preference
  if (maxRid !== undefined && (typeof maxRid !== 'string' || maxRid.length > MAX_RID_LENGTH)) {
    refuseOption('maxRid', 'a rid', maxRid)
  }
  const pixels = (name: string, value: number) => integerOption(name, value, 0, 1, MAX_PIXELS)
  const id = (name: string, value: number) => integerOption(name, value, 0, 0, MAX_LAYER_ID)
  return {
    ...(maxRid === undefined ? {} : { maxRid }),
    ...(maxWidth === undefined ? {} : { maxWidth: pixels('maxWidth', maxWidth) }),
    ...(maxHeight === undefined ? {} : { maxHeight: pixels('maxHeight', maxHeight) }),
    ...(maxSpatialId === undefined ? {} : { maxSpatialId: id('maxSpatialId', maxSpatialId) }),
    ...(maxTemporalId === undefined ? {} : { maxTemporalId: id('maxTemporalId', maxTemporalId) }),
    ...(maxBitrateBps === undefined ? {} : { maxBitrateBps: bitrateOption('maxBitrateBps', maxBitrateBps) }),
  }
}
