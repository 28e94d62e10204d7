/** A layer preference from the network; the ranges are those of `session.preferLayer`. */
import type { LayerPreference } from '../../broadcast/signaling-target.js'
import { type Fields, readOptionalInteger, readOptionalText } from './read-fields.js'

const MAX_RID_LENGTH = 255
const RANGES = {
  maxWidth: [1, 65_535],
  maxHeight: [1, 65_535],
  maxSpatialId: [0, 7],
  maxTemporalId: [0, 7],
  maxBitrateBps: [10_000, 1_000_000_000],
} as const

/** The preference in `fields`, with nothing else in it. Throws `request-invalid`. */
export function readLayer(fields: Fields): LayerPreference {
  const layer: { -readonly [Name in keyof LayerPreference]: LayerPreference[Name] } = {}
  const maxRid = readOptionalText(fields, 'maxRid', MAX_RID_LENGTH)
  if (maxRid !== undefined) layer.maxRid = maxRid
  for (const name of Object.keys(RANGES) as (keyof typeof RANGES)[]) {
    const [min, max] = RANGES[name]
    const value = readOptionalInteger(fields, name, min, max)
    if (value !== undefined) layer[name] = value
  }
  return layer
}
