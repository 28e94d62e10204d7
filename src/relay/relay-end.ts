/** What a pull and a push do differently. */

import type { RelayConfig } from './relay-options.js'
import { checkRelayPath, MAX_PATH_NODES } from './relay-path.js'
import type { RelayContext, RelayOffer, RelaySession, RelayTarget } from './relay-target.js'

/** This node's end of a relay. */
export interface RelayEnd<Session extends RelaySession> {
  readonly kind: 'pull' | 'push'
  /** An offer, and a new session for it. */
  offer(): Promise<RelayOffer<Session>>
  /** What requests say of the nodes on this side. */
  path(): readonly string[]
  /** What the other server says of the nodes on its side. Throws `relay-loop`, `relay-too-deep`. */
  learn(session: Session, path: readonly string[]): void
}

type EndConfig = Pick<RelayConfig, 'as' | 'layers' | 'maxBitrateBps'>

/** Receives, and publishes here. */
export function pullEnd<Session extends RelaySession>(
  target: RelayTarget<Session>,
  config: EndConfig,
): RelayEnd<Session> {
  const as = config.as === undefined ? {} : { as: config.as }
  return {
    kind: 'pull',
    offer: () => target.offerPublisher({ ...contextOf(config), ...as }),
    path: () => [target.nodeId],
    learn(session, path) {
      checkRelayPath(path, target.nodeId, target.maxRelayDepth)
      session.setRelayPath(path)
    },
  }
}

/** Sends what is published here. */
export function pushEnd<Session extends RelaySession>(
  target: RelayTarget<Session>,
  config: EndConfig,
): RelayEnd<Session> {
  const publishers = config.as === undefined ? undefined : [config.as]
  const path = (): readonly string[] => [...target.relayPath(publishers), target.nodeId]
  return {
    kind: 'push',
    offer: () => target.offerViewer({ ...contextOf(config), ...(publishers && { publishers }) }),
    path,
    learn(session, there) {
      // How deep it may be is for the one that receives to say.
      for (const node of there) checkRelayPath(path(), node, MAX_PATH_NODES)
      session.setRelayPath(there)
    },
  }
}

function contextOf({ layers, maxBitrateBps }: EndConfig): RelayContext {
  return { relay: { path: [] }, layers, ...(maxBitrateBps === undefined ? {} : { maxBitrateBps }) }
}
