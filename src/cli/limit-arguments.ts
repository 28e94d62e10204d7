/** The part of the command line that says how much there may be. */
import type { SfuOptions } from '../index.js'
import { UsageError } from './usage-error.js'

/** For `parseArgs`. */
export const LIMIT_OPTIONS = {
  'max-broadcasts': { type: 'string' },
  'max-viewers': { type: 'string' },
  'max-publishers': { type: 'string' },
  'max-address-viewers': { type: 'string' },
  'max-address-publishers': { type: 'string' },
  'idle-timeout': { type: 'string' },
} as const

type LimitName = keyof typeof LIMIT_OPTIONS

/** What `parseArgs` made of {@link LIMIT_OPTIONS}. */
export type LimitValues = { readonly [name in LimitName]?: string | undefined }

/** Thirty days in seconds, the longest idle timeout. */
const MAX_IDLE_SECONDS = 2_592_000

/** The options of the Sfu that they stand for. Throws {@link UsageError}. */
export function limitArguments(values: LimitValues): SfuOptions {
  const number = (name: LimitName, min: number, max: number) => wholeNumber(name, values[name], min, max)
  const maxBroadcasts = number('max-broadcasts', 1, 1_000_000)
  const limits = sessionLimits(number('max-viewers', 0, 1_000_000), number('max-publishers', 1, 10_000))
  const addressLimits = sessionLimits(
    number('max-address-viewers', 0, 1_000_000),
    number('max-address-publishers', 1, 10_000),
  )
  const idleSeconds = number('idle-timeout', 0, MAX_IDLE_SECONDS)
  return {
    ...(maxBroadcasts === undefined ? {} : { maxBroadcasts }),
    ...(limits && { limits }),
    ...(addressLimits && { addressLimits }),
    ...(idleSeconds === undefined ? {} : { idleTimeoutMs: idleSeconds * 1000 }),
  }
}

function sessionLimits(maxViewers: number | undefined, maxPublishers: number | undefined): SfuOptions['limits'] {
  if (maxViewers === undefined && maxPublishers === undefined) return undefined
  return {
    ...(maxViewers === undefined ? {} : { maxViewers }),
    ...(maxPublishers === undefined ? {} : { maxPublishers }),
  }
}

function wholeNumber(name: LimitName, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d{1,7}$/.test(text) && value >= min && value <= max) return value
  throw new UsageError(`--${name} must be a number from ${min} to ${max}, not ${JSON.stringify(text)}`)
}
