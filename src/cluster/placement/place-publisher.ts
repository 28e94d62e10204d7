/** Where a publisher is served, and so where its broadcast has its origin. */
import { loadOf, NodeView } from './node-view.js'
import { elsewhere, forOwnReasons, isWorthIt, packLimit, resolvePolicy } from './placing.js'
import type { Placement, PublisherToPlace } from './types.js'

/**
 * Serves a publisher here, sends it to another node, or refuses it. A publisher stays where it comes to unless that node is draining, full, of another region, or has
 * much more to do than others.
 */
export function placePublisher(publisher: PublisherToPlace): Placement {
  const { self } = publisher
  const policy = resolvePolicy(publisher.policy)
  const view = NodeView.of(publisher.nodes, policy.maxLoad)
  const region = publisher.region ?? self.region
  const limit = packLimit(view, region, policy)
  const own = forOwnReasons(publisher, policy, view, limit)
  if (own !== undefined) return own

  const random = publisher.random ?? Math.random
  const excluded = new Set([self.nodeId, ...(publisher.tried ?? [])])
  if (!view.hasRoom(self) || region !== self.region) return elsewhere(publisher, view, region, random, excluded)
  if (loadOf(self) > limit) {
    const other = view.openIn(region).pick(random, excluded)
    if (other !== undefined && isWorthIt(self, other, policy)) {
      return { kind: 'redirect', node: other, reason: 'less-loaded' }
    }
  }
  return { kind: 'here', reason: 'balanced' }
}
