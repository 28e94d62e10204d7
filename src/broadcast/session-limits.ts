/** How many sessions one broadcast or one address may have, and how fast they may come: options, defaults, checks. */
import { numberOption, refuseOption } from '../util/options.js'

/** Limits that count per broadcast (`limits`) or per client address (`addressLimits`). `Infinity` is no limit. */
export interface SessionLimits {
  /**
   * Publishers, connecting ones included; those of one name in one broadcast count as one, as they replace each other. Default 64, per
   * broadcast and per address.
   */
  readonly maxPublishers?: number
  /** Viewers, connecting ones included. Default no limit. */
  readonly maxViewers?: number
  /** Sessions that are connecting. Default no limit per broadcast, 250 per address. */
  readonly maxPendingSessions?: number
  /**
   * Offers per second, on average; five seconds' worth may come at once. Default no limit per broadcast, 50 per address. What comes faster is
   * refused with `rate-limited`.
   */
  readonly maxJoinsPerSecond?: number
  /**
   * What all publishers together may send, in bits per second of RTP. It is measured every five seconds; where it is exceeded twice in a row, the
   * publisher that came last is ended with `limit-exceeded`. Default no limit.
   */
  readonly maxPublishedBps?: number
}

/** {@link SessionLimits}, resolved. */
export type SessionLimitsConfig = Required<SessionLimits>

const NONE = Number.POSITIVE_INFINITY

/** What a broadcast has room for, unless told otherwise. */
export const DEFAULT_BROADCAST_LIMITS: SessionLimitsConfig = {
  maxPublishers: 64,
  maxViewers: NONE,
  maxPendingSessions: NONE,
  maxJoinsPerSecond: NONE,
  maxPublishedBps: NONE,
}

/** What an address may have, unless told otherwise: a school behind one address fits, a quarter of all pending sessions is left to it at most. */
export const DEFAULT_ADDRESS_LIMITS: SessionLimitsConfig = {
  maxPublishers: 64,
  maxViewers: NONE,
  maxPendingSessions: 250,
  maxJoinsPerSecond: 50,
  maxPublishedBps: NONE,
}

/** What the user passed as the option `name`, completed by `fallback`. Throws `option-invalid`. */
export function resolveSessionLimits(
  name: 'limits' | 'addressLimits',
  limits: SessionLimits | undefined,
  fallback: SessionLimitsConfig,
): SessionLimitsConfig {
  if (limits === undefined) return fallback
  if (typeof limits !== 'object' || limits === null) refuseOption(name, 'an object such as { maxViewers: 100 }', limits)
  const count = (limit: 'maxPublishers' | 'maxViewers' | 'maxPendingSessions'): number => {
    const value = limits[limit]
    if (value === undefined) return fallback[limit]
    if (value !== NONE && (!Number.isSafeInteger(value) || value < 0)) {
      refuseOption(`${name}.${limit}`, 'a whole number from 0, or Infinity', value)
    }
    return value
  }
  const rate = (limit: 'maxJoinsPerSecond' | 'maxPublishedBps', min: number): number =>
    numberOption(`${name}.${limit}`, limits[limit], fallback[limit], min, NONE)
  return {
    maxPublishers: count('maxPublishers'),
    maxViewers: count('maxViewers'),
    maxPendingSessions: count('maxPendingSessions'),
    maxJoinsPerSecond: rate('maxJoinsPerSecond', 0.001),
    maxPublishedBps: rate('maxPublishedBps', 10_000),
  }
}
