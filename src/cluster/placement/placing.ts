/** What the placing of viewers and of publishers has in common. */
import { choiceOption, integerOption, numberOption } from '../../util/options.js'
import type { NodeRecord } from '../types.js'
import { loadOf, NodeView } from './node-view.js'
import {
  DEFAULT_PLACEMENT_POLICY,
  type Placement,
  type PlacementPolicy,
  type RedirectReason,
  type SessionToPlace,
} from './types.js'

/**
 * The policy with its defaults, checked.
 *
 * @throws BroadcastError `option-invalid`
 */
export function resolvePolicy(policy: Partial<PlacementPolicy> = {}): PlacementPolicy {
  if (policy === DEFAULT_PLACEMENT_POLICY || RESOLVED.has(policy)) return policy as PlacementPolicy
  const fallback = DEFAULT_PLACEMENT_POLICY
  const resolved: PlacementPolicy = {
    mode: choiceOption('placement.mode', policy.mode, fallback.mode, ['balance', 'local']),
    maxLoad: numberOption('placement.maxLoad', policy.maxLoad, fallback.maxLoad, 0.05, 10),
    packLoad: numberOption('placement.packLoad', policy.packLoad, fallback.packLoad, 0, 1),
    slack: numberOption('placement.slack', policy.slack, fallback.slack, 0, 1),
    hotArrivals: numberOption('placement.hotArrivals', policy.hotArrivals, fallback.hotArrivals, 0, 1_000_000),
    maxRedirects: integerOption('placement.maxRedirects', policy.maxRedirects, fallback.maxRedirects, 0, 20),
  }
  RESOLVED.add(resolved)
  return resolved
}

/** Those that came out of {@link resolvePolicy}, so that a policy which is used for every session is checked once. */
const RESOLVED = new WeakSet<object>()

/** What the placing of one session looks at. */
export interface Placing {
  readonly policy: PlacementPolicy
  readonly view: NodeView
  /** Where the session belongs. */
  readonly region: string
  /** The load up to which a node is not told from less loaded ones. */
  readonly limit: number
  readonly random: () => number
  /** The nodes that it is not sent to: this one, and those that it was sent by. */
  readonly excluded: ReadonlySet<string>
}

/** Begins to place a session. */
export function beginPlacing(session: SessionToPlace): Placing {
  const { self } = session
  const policy = resolvePolicy(session.policy)
  const view = NodeView.of(session.nodes, policy.maxLoad)
  const region = session.region ?? self.region
  const limit = Math.max(policy.packLoad, view.meanLoad(region) * (1 + policy.slack))
  const random = session.random ?? Math.random
  return { policy, view, region, limit, random, excluded: new Set([self.nodeId, ...(session.tried ?? [])]) }
}

/** What the node that was asked decides without looking at others; undefined where it has to. */
export function forOwnReasons(session: SessionToPlace, { policy, view, limit }: Placing): Placement | undefined {
  const { self } = session
  const redirects = session.tried?.length ?? 0
  const isLast = redirects >= policy.maxRedirects
  if (!view.hasRoom(self)) return isLast ? { kind: 'refuse', reason: 'too-many-redirects' } : undefined
  // Who sent it here had seen this node's load seconds ago, and so had many others. What it is now only this node knows.
  if (redirects > 0 && (isLast || loadOf(self) <= limit)) return { kind: 'here', reason: 'redirected' }
  return policy.mode === 'local' ? { kind: 'here', reason: 'local' } : undefined
}

/** Whether `other` has so much less to do that a redirect pays. */
export function isWorthIt(self: NodeRecord, other: NodeRecord, policy: PlacementPolicy): boolean {
  return loadOf(other) < loadOf(self) * (1 - policy.slack) - LEAST_DIFFERENCE
}

/** Among nodes that are nearly idle, a share of the load says nothing. */
const LEAST_DIFFERENCE = 0.01

/** For sessions that this node should not have: into their region, else here if there is room, else anywhere. */
export function elsewhere(session: SessionToPlace, { view, region, random, excluded }: Placing): Placement {
  const { self } = session
  const reason: RedirectReason = self.draining ? 'draining' : view.hasRoom(self) ? 'region' : 'full'
  const near = view.openIn(region).pick(random, excluded)
  if (near !== undefined) return { kind: 'redirect', node: near, reason }
  if (view.hasRoom(self)) return { kind: 'here', reason: 'region-full' }
  const far = view.open.pick(random, excluded)
  return far === undefined ? { kind: 'refuse', reason: 'no-room' } : { kind: 'redirect', node: far, reason }
}
