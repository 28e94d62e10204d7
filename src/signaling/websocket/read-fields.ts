/** The fields of a JSON object from the network. Whatever is wrong with one is `request-invalid`, with `details.field`. */
import { BroadcastError } from '../../errors.js'

/** Any JSON object. */
export type Fields = Readonly<Record<string, unknown>>

/** The error that names `field` and what belongs there. */
export function invalidField(field: string, wanted: string): BroadcastError {
  return new BroadcastError('request-invalid', `field ${field}: expected ${wanted}`, { details: { field } })
}

/** `value` as an object. */
export function readObject(field: string, value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidField(field, 'an object')
  return value as Fields
}

/** A text of 1 to `maxLength` characters. */
export function readText(fields: Fields, field: string, maxLength = Number.POSITIVE_INFINITY): string {
  const value = fields[field]
  if (typeof value === 'string' && value !== '' && value.length <= maxLength) return value
  const bound = Number.isFinite(maxLength) ? ` of 1 to ${maxLength} characters` : ''
  throw invalidField(field, `a text${bound}`)
}

/** The same, or undefined where there is none; null counts as none. */
export function readOptionalText(fields: Fields, field: string, maxLength?: number): string | undefined {
  return isAbsent(fields, field) ? undefined : readText(fields, field, maxLength)
}

/** True or false, or undefined where there is none. */
export function readOptionalBoolean(fields: Fields, field: string): boolean | undefined {
  if (isAbsent(fields, field)) return undefined
  const value = fields[field]
  if (typeof value !== 'boolean') throw invalidField(field, 'true or false')
  return value
}

/** A whole number from `min` to `max`, or undefined where there is none. */
export function readOptionalInteger(fields: Fields, field: string, min: number, max: number): number | undefined {
  if (isAbsent(fields, field)) return undefined
  const value = fields[field]
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw invalidField(field, `a whole number from ${min} to ${max}`)
  }
  return value
}

function isAbsent(fields: Fields, field: string): boolean {
  return fields[field] === undefined || fields[field] === null
}
