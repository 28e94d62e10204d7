/** How long the command lets its clients go elsewhere, and whether it refuses viewers when it has too much to do. */
import type { SfuOptions } from '../index.js'
import { UsageError } from './usage-error.js'

export const LOAD_OPTIONS = { 'drain-timeout': { type: 'string' }, overload: { type: 'string' } } as const

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

/** The option of the Sfu. Throws {@link UsageError}. */
export function overloadArguments({
  overload,
}: {
  readonly overload?: string | undefined
}): Pick<SfuOptions, 'overload'> {
  switch (overload) {
    case undefined:
    case 'refuse':
      return {}
    case 'lower':
      return { overload: { lowerLayersFirst: true } }
    case 'off':
      return { overload: false }
    default:
      throw new UsageError(`--overload must be refuse, lower or off, not ${JSON.stringify(overload)}`)
  }
}
