/** Which nodes a broadcast's media came through, and whether a relay may be another one. */
import { checkRelayPath, isNodeId, MAX_PATH_NODES } from '../relay/relay-path.js'
import { refuseOption } from '../util/options.js'
import { publisherName } from './publisher-name.js'
import type { Session } from './session.js'
import type { SessionRole, SignalingContext } from './signaling-target.js'

/** A broadcast, as far as relays are concerned. */
export interface RelayingBroadcast {
  readonly nodeId: string
  readonly maxRelayDepth: number
  relayPath(publishers?: readonly string[]): readonly string[]
}

/** Throws `relay-loop`, `relay-too-deep`, `request-invalid` for what is no publisher's name, or `option-invalid` for what is no path. */
export function admitRelay(broadcast: RelayingBroadcast, role: SessionRole, context: SignalingContext): void {
  const { relay, publishers } = context
  if (relay === undefined) return
  const path = relay?.path
  if (!Array.isArray(path) || path.length > MAX_PATH_NODES || !path.every(isNodeId)) {
    refuseOption('relay', 'an object with the path, a list of names of nodes', relay)
  }
  const { nodeId, maxRelayDepth } = broadcast
  if (role === 'publisher') return checkRelayPath(path, nodeId, maxRelayDepth)
  for (const name of publishers ?? []) publisherName(name)
  const asking = path.at(-1)
  if (asking === undefined) return
  // How deep it may be is for the one that asks to say.
  checkRelayPath([...broadcast.relayPath(publishers), nodeId], asking, MAX_PATH_NODES)
}

/** The nodes that what `publishers` send came through, each of them once; of all publishers, if undefined. */
export function relayPathOf(sessions: Iterable<Session>, publishers: readonly string[] | undefined): readonly string[] {
  /** By the name they publish under: the newest that is connected, which is the one that is forwarded, or all that still connect. */
  const sources = new Map<string, Session[]>()
  for (const session of sessions) {
    const { as, state } = session
    if (as === undefined || state === 'closed' || publishers?.includes(as) === false) continue
    const known = sources.get(as) ?? []
    if (state !== 'connecting') sources.set(as, [session])
    else if (known[0]?.state === 'connecting' || known.length === 0) sources.set(as, [...known, session])
  }
  return [...new Set([...sources.values()].flat().flatMap(({ relay }) => relay?.path ?? []))]
}
