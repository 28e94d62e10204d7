/** Snapshots that users get; plain values, safe to send as JSON. */
import type {
  BroadcastSums,
  EngineSummary,
  PeerStats,
  ShardStats,
  ShardSummary,
  TrafficTotals,
} from '../engine/types.js'

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

/** What a shard has counted, with the broadcasts that were asked for by name. */
export interface SfuShardSummary extends Omit<ShardSummary, 'broadcasts'> {
  readonly broadcasts: readonly { readonly name: string; readonly sums: BroadcastSums }[]
}

/** What an Sfu has counted, in sums that are made where the media is: their size does not depend on how many sessions there are. */
export interface SfuSummary {
  /** One entry per shard, i.e. per worker thread and media port. */
  readonly shards: readonly SfuShardSummary[]
}

/** A summary in the words of the control plane; `names` has those of the broadcasts by id. */
export function sfuSummary({ shards }: EngineSummary, names: ReadonlyMap<string, string>): SfuSummary {
  return {
    shards: shards.map(({ broadcasts, ...shard }) => ({
      ...shard,
      broadcasts: broadcasts.flatMap(({ broadcastId, sums }) => {
        const name = names.get(broadcastId)
        return name === undefined ? [] : [{ name, sums }]
      }),
    })),
  }
}

/** A peer's snapshot in the words of the control plane. */
export function sessionStats(peer: PeerStats, broadcast: string): SessionStats {
  const { peerId, broadcastId: _, ...rest } = peer
  return { id: peerId, broadcast, ...rest }
}
