/** A part of a long list, as the parameters of a URL ask for it. */
import { BroadcastError } from '../../errors.js'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

/** The part, and how long the whole list is. */
export interface ListPage<Item> {
  readonly total: number
  readonly items: readonly Item[]
}

/** `limit` items from `offset` on: 100 from the first one by default, `maxLimit` at most. Throws `request-invalid`. */
export function listPage<Item>(
  list: readonly Item[],
  parameters: URLSearchParams,
  maxLimit: number = MAX_LIMIT,
): ListPage<Item> {
  const offset = wholeNumber(parameters, 'offset', 0, Number.MAX_SAFE_INTEGER)
  const limit = wholeNumber(parameters, 'limit', DEFAULT_LIMIT, maxLimit)
  return { total: list.length, items: list.slice(offset, offset + limit) }
}

function wholeNumber(parameters: URLSearchParams, name: string, fallback: number, max: number): number {
  const text = parameters.get(name)
  if (text === null) return fallback
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= max) return value
  throw new BroadcastError('request-invalid', `the parameter ${name} is a whole number up to ${max}`)
}
