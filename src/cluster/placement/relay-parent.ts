/**
 * From which node a node pulls a broadcast: a tree of bounded fan-out, so that one origin does not feed a thousand relays.
 *
 * Every node computes the tree from what the directory says of the carriers, and finds its own place in it. Nodes are ordered by a hash of broadcast and node id, which
 * everybody agrees on whatever they know of the others; a parent always comes before its children in it. So there is no loop, not even among nodes that see different
 * carriers, as long as they agree on the origin. Broadcasts have trees of different shapes, so that the inner nodes of all of them are spread over the cluster.
 */
import { integerOption } from '../../util/options.js'
import type { NodeRecord, OriginLease } from '../types.js'
import { placeInTree, type TreeMember, type TreePlace } from './relay-tree.js'
import { textHash } from './text-hash.js'

/** How wide and how deep trees of relays grow. */
export interface RelayTreePolicy {
  /** How many relays a node feeds, of one broadcast. */
  readonly fanOut: number
  /** How many relays there are between the origin and a viewer at most; trees that would be deeper become wider instead. */
  readonly maxDepth: number
}

/** What holds unless another policy is given. */
export const DEFAULT_RELAY_TREE: RelayTreePolicy = { fanOut: 32, maxDepth: 4 }

/** A node that needs a broadcast of another one. */
export interface RelayToPlace {
  /** The name of the broadcast. */
  readonly broadcast: string
  /** The node that is going to pull. */
  readonly self: NodeRecord
  /** Where the publisher is. */
  readonly origin: OriginLease
  /** The nodes that are alive. */
  readonly nodes: readonly NodeRecord[]
  /** The nodes that receive the broadcast, `self` and the origin included or not. */
  readonly carriers: readonly string[]
  /** Nodes not to pull from, as they have just been found unreachable. */
  readonly avoid?: readonly string[] | undefined
  /** What differs from {@link DEFAULT_RELAY_TREE}. */
  readonly policy?: Partial<RelayTreePolicy> | undefined
}

/** Whom to pull from. */
export interface RelayParent {
  readonly nodeId: string
  /** Where its signaling is reached. */
  readonly url: string
  /** How many relays there are from the origin to the node that pulls, its own included: 1 is a child of the origin. */
  readonly depth: number
}

/**
 * The node to pull a broadcast from; undefined at the origin itself.
 *
 * One node of each other region, its hub, pulls from the origin (or, where there are more regions than half the fan-out, from another hub); the rest of the region pulls
 * from the hub or from each other. With the same input everywhere, no node has more than `fanOut` children; where nodes
 * keep the parents that they have found while the tree grows, some have more.
 *
 * @throws BroadcastError `option-invalid`
 */
export function relayParent(relay: RelayToPlace): RelayParent | undefined {
  const { self, origin } = relay
  if (self.nodeId === origin.nodeId) return undefined
  const fanOut = integerOption('relays.fanOut', relay.policy?.fanOut, DEFAULT_RELAY_TREE.fanOut, 1, 10_000)
  const maxDepth = integerOption('relays.maxDepth', relay.policy?.maxDepth, DEFAULT_RELAY_TREE.maxDepth, 2, 16)
  const originRegion = relay.nodes.find(({ nodeId }) => nodeId === origin.nodeId)?.region ?? self.region
  const root: TreeMember = { nodeId: origin.nodeId, url: origin.url, region: originRegion, hash: -1 }
  const members = membersOf(relay)

  const hubs = hubsOf(members, originRegion)
  // Hubs have a share of the origin to themselves, so that no region is starved by the origin's own.
  const hubShape = {
    rootRoom: Math.max(1, Math.min(hubs.length, fanOut >> 1)),
    room: Math.max(1, fanOut >> 1),
    maxDepth: 2,
  }
  if (self.region === originRegion) {
    const near = members.filter(({ region }) => region === originRegion)
    const rootRoom = hubs.length === 0 ? fanOut : Math.max(1, fanOut - hubShape.rootRoom)
    return described(placeInTree(near, root, { rootRoom, room: fanOut, maxDepth }, self.nodeId))
  }
  const hub = hubs.find(({ region }) => region === self.region) as TreeMember
  const hubPlace = placeInTree(hubs, root, hubShape, hub.nodeId) as TreePlace
  if (hub.nodeId === self.nodeId) return described(hubPlace)

  const others = members.filter(({ region, nodeId }) => region === self.region && nodeId !== hub.nodeId)
  const rootRoom = hubs.length > hubShape.rootRoom ? hubShape.room : fanOut
  const shape = { rootRoom, room: fanOut, maxDepth: Math.max(1, maxDepth - hubPlace.depth) }
  return described(placeInTree(others, hub, shape, self.nodeId), hubPlace.depth)
}

function described(place: TreePlace | undefined, above = 0): RelayParent | undefined {
  return place && { nodeId: place.parent.nodeId, url: place.parent.url, depth: above + place.depth }
}

/** Those that take part in the tree, in its order: this node, and the carriers that others may pull from. */
function membersOf(relay: RelayToPlace): TreeMember[] {
  const { self, origin } = relay
  const without = new Set([origin.nodeId, self.nodeId, ...(relay.avoid ?? [])])
  const carriers = new Set(relay.carriers)
  const nodes = relay.nodes.filter(({ nodeId, draining }) => carriers.has(nodeId) && !without.has(nodeId) && !draining)
  return [...nodes, self]
    .map(({ nodeId, url, region }) => ({ nodeId, url, region, hash: textHash(`${relay.broadcast}\n${nodeId}`) }))
    .sort((a, b) => a.hash - b.hash || (a.nodeId < b.nodeId ? -1 : 1))
}

/** The first member of each region but the origin's. */
function hubsOf(members: readonly TreeMember[], originRegion: string): readonly TreeMember[] {
  const hubs = new Map<string, TreeMember>()
  for (const member of members) {
    if (member.region !== originRegion && !hubs.has(member.region)) hubs.set(member.region, member)
  }
  return [...hubs.values()]
}
