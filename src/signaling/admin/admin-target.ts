/** What the admin API looks at; an `Sfu` has it. */
import type { SessionInfo } from '../../broadcast/session-info.js'
import type { BroadcastStats, SessionStats, SfuStats } from '../../broadcast/stats.js'

export type { SessionInfo } from '../../broadcast/session-info.js'
export type { BroadcastStats, SessionStats, SfuStats } from '../../broadcast/stats.js'

/** A session, as far as an administrator has to do with it. */
export interface AdminSession {
  readonly id: string
  /** What is known of it without asking the engine. */
  info(): SessionInfo
  /** Its counters; undefined once it has ended. */
  stats(): Promise<SessionStats | undefined>
  /** Ends it; the client gets to read `message` where its signaling can carry one. */
  kick(message?: string): Promise<void>
}

/** A broadcast, as far as an administrator has to do with it. */
export interface AdminBroadcast {
  readonly name: string
  readonly live: boolean
  readonly publishers: { readonly length: number }
  readonly viewers: { readonly length: number }
  /** Its counters and those of its sessions. */
  stats(): Promise<BroadcastStats>
  /** Ends it and every session in it. */
  close(): Promise<void>
}

/** An `Sfu`, or something like it. */
export interface AdminTarget {
  /** All broadcasts there are. */
  broadcasts(): readonly AdminBroadcast[]
  /** The open sessions of all broadcasts. */
  sessions(): readonly AdminSession[]
  /** The open session with this id. */
  session(id: string): AdminSession | undefined
  /** What all broadcasts add up to. */
  stats(): Promise<SfuStats>
}
