/**
 * Many servers as one: publishers and viewers may come to any node of a cluster.
 *
 * @packageDocumentation
 */

export { cluster } from './cluster.js'
export { type ClusterEvents, ClusterNode } from './cluster-node.js'
export type { ClusterOptions } from './cluster-options.js'
export type { ClusterRelayStats, ClusterStats } from './cluster-stats.js'
export { type MemoryDirectoryOptions, memoryDirectory } from './directory/memory-directory.js'
export { type RedisDirectoryOptions, redisDirectory } from './directory/redis/redis-directory.js'
export type {
  IoRedisLike,
  IoRedisSubscriberLike,
  NodeRedisClusterLike,
  NodeRedisLike,
  NodeRedisSubscriberLike,
  RedisLike,
} from './directory/redis/redis-like.js'
export type { LostReason } from './held-origin.js'
export type { RelayTreePolicy } from './placement/relay-parent.js'
export type { PlacementPolicy } from './placement/types.js'
export type {
  BroadcastRecord,
  ClaimRequest,
  ClaimResult,
  Directory,
  NodeRecord,
  OriginKey,
  OriginLease,
  OriginsListener,
} from './types.js'
