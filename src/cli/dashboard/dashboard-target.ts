/** What the dashboard looks at; an `Sfu` has it. */
import type { SfuSummary } from '../../broadcast/stats.js'
import type { AdminBroadcast, AdminSession, AdminTarget } from '../../signaling/admin/admin-target.js'
import type { WebhookBroadcast } from '../../signaling/index.js'
import type { LossyTotals } from './traffic-rate.js'

export type { AdminSession, SessionInfo, SessionStats } from '../../signaling/admin/admin-target.js'

/** A broadcast that also tells who joins. */
export type DashboardBroadcast = AdminBroadcast &
  WebhookBroadcast & {
    /** How many of its viewers are people: without the relays of other servers. */
    readonly viewerCount: number
  }

/** An `Sfu`, or something like it. */
export interface DashboardTarget extends AdminTarget {
  broadcasts(): readonly DashboardBroadcast[]
  sessions(): readonly AdminSession[]
  /** What all have counted, and the broadcasts of those names. */
  summary(broadcasts: readonly string[]): Promise<SfuSummary>
  /** A broadcast has been made, or begins to close. Returns the way to stop. */
  on(event: 'broadcast-added' | 'broadcast-removed', listener: (broadcast: DashboardBroadcast) => void): () => void
}

/** Traffic of all broadcasts together, and of some of them by name. */
export interface DashboardTotals {
  readonly whole: LossyTotals
  readonly broadcasts: ReadonlyMap<string, LossyTotals>
}
