/** Ends what this node feeds to others when there is nothing to feed any more: they find out by it that nobody publishes, and so do their viewers. */
import type { Broadcast } from '../broadcast/broadcast.js'
import { createLog } from '../util/log.js'
import type { DeadlineQueue } from '../util/scheduler.js'
import { passOf } from './pass.js'

const log = createLog('cluster')

/** A publisher that comes back so soon, or a relay that finds another way, is no reason to trouble others. */
const GRACE_MS = 2000

/** Looks in a while whether `broadcast` has got the publisher again, and ends the relays of other nodes that pull it if not. */
export function endIdleFeeds(broadcast: Broadcast, publisher: string, scheduler: DeadlineQueue): void {
  scheduler.after(GRACE_MS, () => {
    const sessions = broadcast.sessions()
    if (sessions.some(({ as }) => as === publisher)) return
    for (const session of sessions) {
      if (passOf(session.metadata).relay?.publisher !== publisher) continue
      session.close().catch((error: unknown) => log('%s: not closed: %O', session.id, error))
    }
  })
}
