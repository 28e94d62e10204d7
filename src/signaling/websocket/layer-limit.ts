/** What a viewer may choose where its grant limits the layers. */
import type { LayerPreference } from '../../broadcast/signaling-target.js'

const NUMBERS = ['maxWidth', 'maxHeight', 'maxSpatialId', 'maxTemporalId', 'maxBitrateBps'] as const

/** `wanted`, but nothing better than `limit`. Rids have no order that we know, so that the rid of a limit stands. */
export function withinLimit(
  wanted: LayerPreference | undefined,
  limit: LayerPreference | undefined,
): LayerPreference | undefined {
  if (wanted === undefined || limit === undefined) return wanted ?? limit
  const both: { -readonly [Name in keyof LayerPreference]: LayerPreference[Name] } = { ...wanted, ...limit }
  for (const name of NUMBERS) {
    const [a, b] = [wanted[name], limit[name]]
    if (a !== undefined && b !== undefined) both[name] = Math.min(a, b)
  }
  return both
}
