/** How long a relay waits before another attempt. */
import { integerOption, objectOption } from '../util/options.js'

/** How a relay comes back. */
export interface RelayReconnectOptions {
  /** The wait before the second attempt, in milliseconds; it doubles with each. Half of every wait is chance. Default 250. */
  readonly firstDelayMs?: number
  /** What the wait grows to, in milliseconds. Default 3000. */
  readonly maxDelayMs?: number
  /** How long a `Retry-After` of the other server is obeyed, at most, in milliseconds. Default 60000. */
  readonly maxRetryAfterMs?: number
  /** How many attempts may fail one after the other, before the relay is closed. Default any number. */
  readonly maxAttempts?: number
}

/** {@link RelayReconnectOptions}, resolved. */
export interface BackoffConfig {
  readonly firstDelayMs: number
  readonly maxDelayMs: number
  readonly maxRetryAfterMs: number
  readonly maxAttempts: number
}

/** Throws `option-invalid`. */
export function resolveBackoff(options: RelayReconnectOptions | false = {}): BackoffConfig {
  const given: RelayReconnectOptions =
    options === false ? { maxAttempts: 0 } : objectOption('reconnect', options, 'an object, or false')
  const firstDelayMs = integerOption('reconnect.firstDelayMs', given.firstDelayMs, 250, 10, 3_600_000)
  const { maxAttempts } = given
  return {
    firstDelayMs,
    maxDelayMs: integerOption(
      'reconnect.maxDelayMs',
      given.maxDelayMs,
      Math.max(3000, firstDelayMs),
      firstDelayMs,
      3_600_000,
    ),
    maxRetryAfterMs: integerOption('reconnect.maxRetryAfterMs', given.maxRetryAfterMs, 60_000, 0, 86_400_000),
    maxAttempts:
      maxAttempts === undefined || maxAttempts === Number.POSITIVE_INFINITY
        ? Number.POSITIVE_INFINITY
        : integerOption('reconnect.maxAttempts', maxAttempts, 0, 0, Number.MAX_SAFE_INTEGER),
  }
}

/**
 * The wait after so many failures, at least one. Half of it is chance, so that all the relays of a server that comes back do not come in the same
 * moment; a `Retry-After` is obeyed besides.
 *
 * @param random at least 0, less than 1.
 */
export function backoffMs(config: BackoffConfig, failures: number, random: number, retryAfterMs = 0): number {
  const delayMs = Math.min(config.firstDelayMs * 2 ** (failures - 1), config.maxDelayMs) * (0.5 + random / 2)
  return Math.max(delayMs, Math.min(retryAfterMs, config.maxRetryAfterMs))
}
