/** What the admin API looks at; an `Sfu` has it. */
import type { SessionInfo } from '../../broadcast/session-info.js'
import type { BroadcastStats, SessionStats, SfuStats } from '../../broadcast/stats.js'

export type { SessionInfo } from '../../broadcast/session-info.js'
export type { BroadcastStats, SessionStats, SfuStats } from '../../broadcast/stats.js'

/** A session, as far as an administrator has to do with it. */
export interface AdminSession {
  readonly id: string
  info(): SessionInfo
  stats(): Promise<SessionStats | undefined>
  kick(message?: string): Promise<void>
}

/** A broadcast, as far as an administrator has to do with it. */
export interface AdminBroadcast {
  readonly name: string
  readonly live: boolean
  readonly publishers: { readonly length: number }
  readonly viewers: { readonly length: number }
  stats(): Promise<BroadcastStats>
  close(): Promise<void>
}

/** An `Sfu`, or something like it. */
export interface AdminTarget {
  broadcasts(): readonly AdminBroadcast[]
  sessions(): readonly AdminSession[]
  session(id: string): AdminSession | undefined
  stats(): Promise<SfuStats>
}
