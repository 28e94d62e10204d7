/** Several publishers of one name: which one is refused, and which ones have to go. */
import { BroadcastError } from '../errors.js'
import type { Session } from './session.js'
import type { PublisherPolicy } from './sfu-options.js'

/** Throws `publisher-exists` if one of `sessions`, those of a broadcast, publishes as `as` already and is to be kept. */
export function checkPolicy(policy: PublisherPolicy, as: string, sessions: readonly Session[]): void {
  const first = policy === 'replace' ? undefined : sessions.find((session) => session.as === as)
  if (!first) return
  throw new BroadcastError('publisher-exists', `broadcast ${first.broadcast} has a publisher ${as}`, {
    details: { as },
  })
}

/**
 * The publishers of the same name that were added before `newest`, of `sessions` in the order in which they were added. One that was added after
 * it and still connects will have its turn.
 */
export function replacedBy(newest: Session, sessions: readonly Session[]): readonly Session[] {
  const older = sessions.slice(0, sessions.indexOf(newest))
  return older.filter(({ as }) => as === newest.as)
}
