/** Makes an Sfu a node of a cluster. */
import type { Sfu } from '../broadcast/sfu.js'
import { ClusterNode } from './cluster-node.js'
import type { ClusterOptions } from './cluster-options.js'
import { whepPull } from './whep-pull.js'

/**
 * Makes `sfu` a node of a cluster: publishers and viewers may come to any node. Serve `node.handler`; give other adapters `node.target` and `node.authorize` in place of
 * the Sfu and your own function. `docs/cluster.md` says what happens when nodes come and go.
 *
 * Throws `option-invalid`, also for `authorize` without a `secret`.
 *
 * @example
 * ```ts
 * const sfu = new Sfu({ workers: 'auto' })
 * const node = cluster(sfu, {
 *   directory: redisDirectory(redis),
 *   nodeUrl: 'https://a.example.org',
 *   region: 'eu-west',
 *   secret: process.env.CLUSTER_SECRET,
 *   authorize,
 * })
 * createServer(nodeHttp(node.handler)).listen(8080)
 * ```
 */
export function cluster(sfu: Sfu, options: ClusterOptions): ClusterNode {
  return new ClusterNode(sfu, options, { pull: whepPull })
}
