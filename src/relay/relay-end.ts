/** What a pull and a push do differently. */

import type { RelayConfig } from './relay-options.js'
import { checkRelayPath, MAX_PATH_NODES } from './relay-path.js'
import type { RelayContext, RelayOffer, RelaySession, RelayTarget } from './relay-target.js'

/** This node's end of a relay. */
export interface RelayEnd<Session extends RelaySession> {
  readonly kind: 'pull' | 'push'
  /** An offer that can carry so many layers, and a new session for it. */
  offer(layers: number): Promise<RelayOffer<Session>>
  /** Whether the other server can do with the layers that were offered what it says in `answer`. */
  suits(answer: string): boolean
  /** What requests say of the nodes on this side. */
  path(): readonly string[]
  /** What the other server says of the nodes on its side. Throws `relay-loop`, `relay-too-deep`. */
  learn(session: Session, path: readonly string[]): void
}

type EndConfig = Pick<RelayConfig, 'as' | 'maxBitrateBps'>

/** Receives, and publishes here. */
export function pullEnd<Session extends RelaySession>(
  target: RelayTarget<Session>,
  config: EndConfig,
): RelayEnd<Session> {
  const as = config.as === undefined ? {} : { as: config.as }
  return {
    kind: 'pull',
    offer: (layers) => target.offerPublisher({ ...contextOf(config), ...as, layers }),
    suits: () => true,
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
    offer: (layers) => target.offerViewer({ ...contextOf(config), ...(publishers && { publishers }), layers }),
    // Layers go by their rids (RFC 8852), which some take without the header extension that carries them. Otherwise a stream is known by an SSRC in the
    // offer, and one with layers names none.
    suits: (answer) => /^a=simulcast:/m.test(answer) && /^a=extmap:\S+ \S+:sdes:rtp-stream-id/m.test(answer),
    path,
    learn(session, there) {
      // How deep it may be is for the one that receives to say.
      for (const node of there) checkRelayPath(path(), node, MAX_PATH_NODES)
      session.setRelayPath(there)
    },
  }
}

function contextOf({ maxBitrateBps }: EndConfig): RelayContext {
  return { relay: { path: [] }, essential: true, ...(maxBitrateBps === undefined ? {} : { maxBitrateBps }) }
}
