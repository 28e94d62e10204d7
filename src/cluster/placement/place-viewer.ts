/**
 * Where a viewer is served. Every node decides for itself, from what the directory said seconds ago; no node is asked, and no viewer is sent to the one node that
 * all the others would choose, too.
 */
import type { NodeRecord } from '../types.js'
import { loadOf, NodePool, NodeView } from './node-view.js'
import { elsewhere, forOwnReasons, isWorthIt, packLimit, resolvePolicy } from './placing.js'
import type { Placement, ViewerToPlace } from './types.js'

/**
 * Serves a viewer here, sends it to a better node, or refuses it.
 *
 * In this order: a viewer that was sent here stays while there is room. A node that has the broadcast keeps its viewers up to the region's mean load. A node that
 * has it not sends them to those that do, likewise, unless so many come that it should have it, too. Then the load decides, between this node and the less loaded
 * of two others. Nodes of the viewer's region come before all others, and those that are draining or full get nobody.
 */
export function placeViewer(viewer: ViewerToPlace): Placement {
  const { self } = viewer
  const policy = resolvePolicy(viewer.policy)
  const view = NodeView.of(viewer.nodes, policy.maxLoad)
  const own = forOwnReasons(viewer, policy, view)
  if (own !== undefined) return own

  const random = viewer.random ?? Math.random
  const region = viewer.region ?? self.region
  const excluded = new Set([self.nodeId, ...(viewer.tried ?? [])])
  const limit = packLimit(view, region, policy)
  const stays = view.hasRoom(self) && region === self.region
  const carriers = carriersOf(viewer)
  if (stays && carriers.has(self.nodeId) && loadOf(self) <= limit) return { kind: 'here', reason: 'carrying' }

  const isHot = (viewer.arrivals ?? 0) > policy.hotArrivals
  if (!isHot && !carriers.has(self.nodeId)) {
    const carrying = carryingPool(carriers, view, region, limit).pick(random, excluded)
    if (carrying !== undefined) return { kind: 'redirect', node: carrying, reason: 'carried-there' }
  }
  if (!stays) return elsewhere(viewer, view, region, random, excluded)
  const other = view.openIn(region).pick(random, excluded)
  if (other !== undefined && isWorthIt(self, other, policy))
    return { kind: 'redirect', node: other, reason: 'less-loaded' }
  return { kind: 'here', reason: 'balanced' }
}

function carriersOf(viewer: ViewerToPlace): ReadonlySet<string> {
  const carriers = new Set(viewer.carriers)
  for (const { nodeId } of viewer.origins) carriers.add(nodeId)
  return carriers
}

/** The carriers that should get more viewers. */
function carryingPool(carriers: ReadonlySet<string>, view: NodeView, region: string, limit: number): NodePool {
  const nodes: NodeRecord[] = []
  for (const nodeId of carriers) {
    const node = view.byId.get(nodeId)
    if (node !== undefined && node.region === region && view.hasRoom(node) && loadOf(node) <= limit) nodes.push(node)
  }
  return new NodePool(nodes)
}
