/** How long to wait before another attempt. */

/** Bounds of the wait, in milliseconds. */
export interface BackoffOptions {
  /** The wait before the second attempt; it doubles with each. Half of every wait is chance. Default 250. */
  readonly firstDelayMs?: number
  /** What the wait grows to; a `Retry-After` of the server can make it longer. Default 3000. */
  readonly maxDelayMs?: number
}

/**
 * The wait before attempt number `attempt`, counted from 0. Half of it is chance, so that the viewers of a server that comes back do not all come in the
 * same moment.
 *
 * @param random at least 0, less than 1.
 */
export function backoffMs(
  attempt: number,
  { firstDelayMs = 250, maxDelayMs = 3000 }: BackoffOptions,
  random = Math.random(),
): number {
  return Math.min(firstDelayMs * 2 ** attempt, maxDelayMs) * (0.5 + random / 2)
}
