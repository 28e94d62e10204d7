/**
 * Where a viewer is served. Every node decides for itself, from what the directory said seconds ago; no node is asked, and no viewer is sent to the one node that
 * all the others would choose, too.
 */
import type { NodeRecord } from '../types.js'
import { loadOf, NodePool, type NodeView } from './node-view.js'
import { beginPlacing, elsewhere, forOwnReasons, isWorthIt } from './placing.js'
import type { Placement, ViewerToPlace } from './types.js'

/**
 * Serves a viewer here, sends it to a better node, or refuses it.
 *
 * In this order: a viewer that was sent here stays, unless too many were. A node that has the broadcast keeps its viewers up to the region's mean load. A node that
 * has it not sends them to those that do, likewise, unless so many come that it should have it, too. Then the load decides, between this node and the less loaded
 * of two others. Nodes of the viewer's region come before all others, and those that are draining or full get nobody.
 */
export function placeViewer(viewer: ViewerToPlace): Placement {
  const { self } = viewer
  const placing = beginPlacing(viewer)
  const own = forOwnReasons(viewer, placing)
  if (own !== undefined) return own

  const { policy, view, region, limit, random, excluded } = placing
  const stays = view.hasRoom(self) && region === self.region
  const carries = isCarrying(self.nodeId, viewer)
  if (stays && carries && loadOf(self) <= limit) return { kind: 'here', reason: 'carrying' }

  const isHot = (viewer.arrivals ?? 0) > policy.hotArrivals
  if (!isHot && !carries) {
    const carrying = carryingPool(viewer, view, region, limit).pick(random, excluded)
    if (carrying !== undefined) return { kind: 'redirect', node: carrying, reason: 'carried-there' }
  }
  if (!stays) return elsewhere(viewer, placing)
  const other = view.openIn(region).pick(random, excluded)
  if (other !== undefined && isWorthIt(self, other, policy))
    return { kind: 'redirect', node: other, reason: 'less-loaded' }
  return { kind: 'here', reason: 'balanced' }
}

function isCarrying(nodeId: string, { carriers, origins }: ViewerToPlace): boolean {
  return idsOf(carriers).has(nodeId) || origins.some((origin) => origin.nodeId === nodeId)
}

/** A list of carriers as a set; computed once per list. */
function idsOf(carriers: readonly string[]): ReadonlySet<string> {
  const known = ID_SETS.get(carriers)
  if (known !== undefined) return known
  const ids = new Set(carriers)
  ID_SETS.set(carriers, ids)
  return ids
}

const ID_SETS = new WeakMap<readonly string[], ReadonlySet<string>>()

/** The carriers that should get more viewers. */
function carryingPool({ carriers, origins }: ViewerToPlace, view: NodeView, region: string, limit: number): NodePool {
  const nodes: NodeRecord[] = []
  for (const nodeId of new Set([...carriers, ...origins.map((origin) => origin.nodeId)])) {
    const node = view.byId.get(nodeId)
    if (node !== undefined && node.region === region && view.hasRoom(node) && loadOf(node) <= limit) nodes.push(node)
  }
  return new NodePool(nodes)
}
