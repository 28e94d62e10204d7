/** Snapshots that users get; plain values, safe to send as JSON. */
import type { PeerStats, ShardStats, TrafficTotals } from '../engine/types.js'

/** Snapshot of a session: its transport, and what it sent us (`ingest`) or got from us (`egress`). */
export interface SessionStats extends Omit<PeerStats, 'peerId' | 'broadcastId'> {
  readonly id: string
  /** The name of its broadcast. */
  readonly broadcast: string
}

/** Snapshot of a broadcast. */
export interface BroadcastStats {
  readonly name: string
  /** Whether a publisher is connected. */
  readonly live: boolean
  /** Connected publishers. */
  readonly publishers: number
  /** Connected viewers, without the relays of other servers. */
  readonly viewers: number
  /** Connected relays of other servers, which receive as viewers do. */
  readonly relays: number
  /** RTP traffic since the broadcast began, sessions that have ended included. */
  readonly totals: TrafficTotals
  readonly sessions: readonly SessionStats[]
}

/** Snapshot of an Sfu. */
export interface SfuStats {
  readonly broadcasts: number
  /** Sessions in any state. */
  readonly sessions: number
  /** RTP traffic since the start. */
  readonly totals: TrafficTotals
  /** One entry per shard, i.e. per worker thread and media port. */
  readonly shards: readonly ShardStats[]
}

/** A peer's snapshot in the words of the control plane. */
export function sessionStats(peer: PeerStats, broadcast: string): SessionStats {
  const { peerId, broadcastId: _, ...rest } = peer
  return { id: peerId, broadcast, ...rest }
}
