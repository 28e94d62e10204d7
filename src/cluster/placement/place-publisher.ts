/** Where a publisher is served, and so where its broadcast has its origin. */
import { loadOf } from './node-view.js'
import { beginPlacing, elsewhere, forOwnReasons, isWorthIt } from './placing.js'
import type { Placement, PublisherToPlace } from './types.js'

/**
 * Serves a publisher here, sends it to another node, or refuses it. A publisher stays where it comes to unless that node is draining, full, of another region, or has
 * much more to do than others.
 */
export function placePublisher(publisher: PublisherToPlace): Placement {
  const { self } = publisher
  const placing = beginPlacing(publisher)
  const own = forOwnReasons(publisher, placing)
  if (own !== undefined) return own

  const { policy, view, region, limit, random, excluded } = placing
  if (!view.hasRoom(self) || region !== self.region) return elsewhere(publisher, placing)
  if (loadOf(self) > limit) {
    const other = view.openIn(region).pick(random, excluded)
    if (other !== undefined && isWorthIt(self, other, policy)) {
      return { kind: 'redirect', node: other, reason: 'less-loaded' }
    }
  }
  return { kind: 'here', reason: 'balanced' }
}
