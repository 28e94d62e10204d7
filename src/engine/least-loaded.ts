/** Which shard the next peer goes to: the one that has the least to do, by what it really does. Pure. */

/** What a shard did in the last interval. */
export interface ShardMeasure {
  /** How much of the time its thread was busy, 0 to 1. */
  readonly busyShare: number
  /** Datagrams through its sockets, both ways. */
  readonly packetsPerSecond: number
  /** Peers that were placed on it when the interval began. */
  readonly peers: number
}

/** A shard as far as placing peers on it goes. */
export interface PlaceableShard {
  /** Peers that are placed on it now. */
  readonly peerCount: number
  /** Undefined before it was first measured. */
  readonly measure: ShardMeasure | undefined
}

/** A thread that is busy for less has room enough, whoever it gets. */
const MUCH_ROOM = 0.2

/** Differences that are too small to tell shards apart: between equal shards, that much is chance. */
const BUSY_TOLERANCE = 0.05
const PACKETS_TOLERANCE = 0.1
const FEW_PACKETS_PER_SECOND = 200

/** What a peer is taken to cost while nothing is known, as a share of a thread. */
const LEAST_PEER_SHARE = 0.0005

/**
 * The shard with the least busy thread, if threads are busy at all; of those about as busy as that, the ones with the fewest packets; of those, the one with the fewest peers, and
 * the first where that is the same. Peers that have come since a shard was measured count with what the mean peer of all shards takes.
 *
 * @param shards at least one.
 */
export function leastLoaded<Shard extends PlaceableShard>(shards: readonly Shard[]): Shard {
  const mean = meanPeer(shards)
  const busy = ({ measure, peerCount }: Shard) =>
    Math.max(
      MUCH_ROOM,
      (measure?.busyShare ?? 0) + newPeers(measure, peerCount) * Math.max(LEAST_PEER_SHARE, mean.busyShare),
    )
  const packets = ({ measure, peerCount }: Shard) =>
    (measure?.packetsPerSecond ?? 0) + newPeers(measure, peerCount) * mean.packetsPerSecond
  const idlest = closest(shards, busy, () => BUSY_TOLERANCE)
  const calmest = closest(idlest, packets, (least) => Math.max(FEW_PACKETS_PER_SECOND, least * PACKETS_TOLERANCE))
  return calmest.reduce((best, shard) => (shard.peerCount < best.peerCount ? shard : best))
}

/** Those whose value is the least or as good as that. */
function closest<Shard>(
  shards: readonly Shard[],
  measured: (shard: Shard) => number,
  tolerance: (least: number) => number,
): Shard[] {
  const values = shards.map(measured)
  const least = Math.min(...values)
  const most = least + tolerance(least)
  return shards.filter((_, i) => (values[i] as number) <= most)
}

/** Those that came during the interval count as new, too: most of what they do is still to come. */
function newPeers(measure: ShardMeasure | undefined, peerCount: number): number {
  return Math.max(0, peerCount - (measure?.peers ?? 0))
}

function meanPeer(shards: readonly PlaceableShard[]): { busyShare: number; packetsPerSecond: number } {
  let busyShare = 0
  let packetsPerSecond = 0
  let peers = 0
  for (const { measure } of shards) {
    busyShare += measure?.busyShare ?? 0
    packetsPerSecond += measure?.packetsPerSecond ?? 0
    peers += measure?.peers ?? 0
  }
  return peers === 0
    ? { busyShare: 0, packetsPerSecond: 0 }
    : { busyShare: busyShare / peers, packetsPerSecond: packetsPerSecond / peers }
}
