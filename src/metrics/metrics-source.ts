/** What metrics are made of; an `Sfu` has all of it. */
import type { CloseReason, SessionRole, SessionState } from '../broadcast/signaling-target.js'
import type { SfuStats, SfuSummary } from '../broadcast/stats.js'
import type { BroadcastError } from '../errors.js'

export type { CloseReason, SessionRole, SessionState } from '../broadcast/signaling-target.js'
export type { SfuShardSummary, SfuStats, SfuSummary } from '../broadcast/stats.js'

/** A session, as far as metrics tell of it. */
export interface MetricsSession {
  readonly role: SessionRole
  readonly state: SessionState
  /** In milliseconds since the Unix epoch, as the next. */
  readonly createdAt: number
  readonly connectedAt: number | undefined
  /** What is known of the other end, if it is one end of a relay. */
  readonly relay?: object | undefined
}

/** A broadcast, as far as metrics tell of it. */
export interface MetricsBroadcast {
  readonly name: string
  readonly live: boolean
  /** The connected publishers. */
  readonly publishers: { readonly length: number }
  /** How many viewers are connected. */
  readonly viewerCount: number
  /** Returns the way to stop, as all of these. */
  on(
    event: 'session-opened' | 'publisher-joined' | 'viewer-joined',
    listener: (session: MetricsSession) => void,
  ): () => void
  /** A session that was opened has ended. */
  on(event: 'session-closed', listener: (session: MetricsSession, reason: CloseReason) => void): () => void
  /** The broadcast is closed. */
  on(event: 'closed', listener: () => void): () => void
}

/** How much there is to do; of `sfu.load()`. */
export interface MetricsLoad {
  /** CPU in use, of what the process may use, 0 to 1. */
  readonly cpu: number
  /** The longest but one of the last three seconds, of each thread. */
  readonly eventLoopDelayMs: { readonly control: number; readonly shards: readonly number[] }
  /** For which part of the time each shard is busy, 0 to 1. */
  readonly shardUtilization: readonly number[]
  /** How many of the best layers all viewers do without for now. */
  readonly loweredLayers: number
  /** How far the heap may grow. */
  readonly heapLimitBytes: number
  /** Undefined where it cannot be seen. */
  readonly udpReceiveDropsPerSecond: number | undefined
  /** The worst of the figures against its limit. */
  readonly utilization: number
  readonly overloaded: boolean
  /** What is over its limit, in words. */
  readonly reasons: readonly string[]
}

/** An `Sfu`, or something like it. */
export interface MetricsSource {
  /** The broadcasts there are. */
  broadcasts(): readonly MetricsBroadcast[]
  /** The sessions of all broadcasts. */
  sessions(): readonly MetricsSession[]
  /** What all have counted, and the broadcasts of those names. */
  summary(broadcasts: readonly string[]): Promise<SfuSummary>
  /** Snapshot of the whole. */
  stats(): Promise<SfuStats>
  /** A broadcast has been made. Returns the way to stop. */
  on(event: 'broadcast-added', listener: (broadcast: MetricsBroadcast) => void): () => void
  /** An offer was refused. */
  on(event: 'offer-refused', listener: (error: BroadcastError, role: SessionRole) => void): () => void
  /** How much there is to do, where it is measured. */
  load?(): MetricsLoad
  /** True while no new sessions are taken. */
  readonly draining?: boolean
}
