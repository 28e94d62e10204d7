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
  /** What the process has to bear; absent where nobody measures it. */
  load?(): LoadStatsLike | Promise<LoadStatsLike>
  /** Takes no more sessions, asks those that there are to go elsewhere, and resolves when they are gone; absent where that is not supported. */
  drain?(options?: { readonly deadlineMs?: number }): Promise<void>
  /** Whether it takes no more sessions. */
  readonly draining?: boolean
}

/** What a process has to bear. */
export interface LoadStatsLike {
  /** When it was measured, in milliseconds since the Unix epoch; 0 before it was. */
  readonly atMs: number
  /** Of what the process may use, 0 to 1. */
  readonly cpu: number
  /** How late the event loops were: that of the application's thread, and those of the shards. */
  readonly eventLoopDelayMs: { readonly control: number; readonly shards: readonly number[] }
  readonly rssBytes: number
  /** Datagrams that were lost because the kernel's buffer was full. */
  readonly udpReceiveDropsPerSecond: number | undefined
  /** The worst of all figures against its limit, 0 to 1. */
  readonly utilization: number
  readonly overloaded: boolean
  /** Why it is overloaded, in words. */
  readonly reasons: readonly string[]
}
