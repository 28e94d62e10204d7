/** What a WHEP player asks for by its layer selection, in our words. */
import type { LayerPreference } from '../../broadcast/signaling-target.js'
import { BroadcastError } from '../../errors.js'

/** A selection that was read. */
export interface LayerSelection {
  /** The number of the m-line; undefined for the first video. */
  readonly mediaId: number | undefined
  /** Undefined to leave the choice to the server. */
  readonly preference: LayerPreference | undefined
}

/** Higher ids do not exist in any codec. */
const MAX_LAYER_ID = 7
const MAX_PIXELS = 65_535
const MAX_RID_LENGTH = 255

/**
 * Reads the JSON `value`. What it names is the best that is wanted: a viewer whose network does not carry it gets less.
 *
 * Throws `request-invalid`.
 */
export function readLayerSelection(value: unknown): LayerSelection {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('expected a JSON object')
  const fields = value as Record<string, unknown>
  const rid = readRid(fields.rid)
  const maxSpatialId = lesser(fields, 'spatialLayerId', 'maxSpatialLayerId')
  const maxTemporalId = lesser(fields, 'temporalLayerId', 'maxTemporalLayerId')
  const maxWidth = readNumber(fields, 'maxWidth', 1, MAX_PIXELS)
  const maxHeight = readNumber(fields, 'maxHeight', 1, MAX_PIXELS)
  const preference: LayerPreference = {
    ...(rid === undefined ? {} : { maxRid: rid }),
    ...(maxSpatialId === undefined ? {} : { maxSpatialId }),
    ...(maxTemporalId === undefined ? {} : { maxTemporalId }),
    ...(maxWidth === undefined ? {} : { maxWidth }),
    ...(maxHeight === undefined ? {} : { maxHeight }),
  }
  return {
    mediaId: readMediaId(fields.mediaId),
    preference: Object.keys(preference).length === 0 ? undefined : preference,
  }
}

function lesser(fields: Record<string, unknown>, name: string, maxName: string): number | undefined {
  const ids = [readNumber(fields, name, 0, MAX_LAYER_ID), readNumber(fields, maxName, 0, MAX_LAYER_ID)]
  const given = ids.filter((id) => id !== undefined)
  return given.length === 0 ? undefined : Math.min(...given)
}

/** A whole number of at least `min`; more than `max` limits nothing beyond it. */
function readNumber(fields: Record<string, unknown>, name: string, min: number, max: number): number | undefined {
  const value = fields[name] ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min) {
    throw invalid(`${name}: expected a whole number of at least ${min}`)
  }
  return Math.min(value, max)
}

function readRid(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value === '' || value.length > MAX_RID_LENGTH) throw invalid('rid: expected a rid')
  return value
}

function readMediaId(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined
  if (!/^\d{1,3}$/.test(String(value))) throw invalid('mediaId: expected the number of an m-line')
  return Number(value)
}

function invalid(why: string): BroadcastError {
  return new BroadcastError('request-invalid', `layer selection: ${why}`)
}
