/** Makes the command's server a node of a cluster. */
import { type ClusterNode, cluster, redisDirectory } from '../cluster/index.js'
import type { Sfu } from '../index.js'
import type { Authorize } from '../signaling/index.js'
import type { ClusterArguments } from './cluster-arguments.js'
import { connectRedis } from './redis-client.js'

/** A node, as far as a server has to do with it. */
export interface JoinedCluster extends Pick<ClusterNode, 'handler' | 'target' | 'authorize' | 'stats'> {
  /** Leaves. Resolves when the other nodes know, or cannot be told. */
  close(): Promise<void>
}

/** Joins. The server starts also while Redis is away. Rejects with `package-missing`, `option-invalid`. */
export async function joinCluster(
  sfu: Sfu,
  { redisUrl, nodeUrl, region, capacity, secret, placement }: ClusterArguments,
  authorize: Authorize | undefined,
): Promise<JoinedCluster> {
  const redis = await connectRedis(redisUrl)
  const directory = redisDirectory(redis.client)
  const placed = placement && { mode: placement }
  const node = cluster(sfu, { directory, nodeUrl, region, capacity, secret, authorize, placement: placed })
  const { handler, target } = node
  const close = async (): Promise<void> => {
    await node.close()
    await directory.close()
    redis.close()
  }
  return { handler, target, authorize: node.authorize, stats: () => node.stats(), close }
}
