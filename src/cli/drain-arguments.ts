/** How long the command lets its clients go elsewhere. */
import { UsageError } from './usage-error.js'

export const DRAIN_OPTIONS = { 'drain-timeout': { type: 'string' } } as const

const DEFAULT_SECONDS = 30
const MAX_SECONDS = 86_400

/** The seconds that SIGTERM leaves to the clients. Throws {@link UsageError}. */
export function drainSeconds({ 'drain-timeout': value }: { readonly 'drain-timeout'?: string | undefined }): number {
  if (value === undefined) return DEFAULT_SECONDS
  const seconds = Number(value)
  if (!/^\d+(?:\.\d+)?$/.test(value) || seconds > MAX_SECONDS) {
    throw new UsageError(`--drain-timeout must be seconds from 0 to ${MAX_SECONDS}, not ${JSON.stringify(value)}`)
  }
  return seconds
}
