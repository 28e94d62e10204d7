/** What relays need of a broadcast. `Broadcast` has it, and so has a fake in tests. */
import type { PeerCloseReason, PeerState } from '../engine/types.js'

/** Where a session's media come from, or go to, when it is a relay's. */
export interface RelayInfo {
  /**
   * Of media that come in: the nodes that they came through, the first one first and the one next to us last; empty while it is not known, and from servers
   * of other makes. Of media that go out: the node that receives them, where it is known.
   */
  readonly path: readonly string[]
}

/** What is said with an offer of ours: as much of a `SignalingContext` as relays use. */
export interface RelayContext {
  /** The name under which media that come in are published. */
  readonly as?: string
  /** Of media that go out: the publishers that they are taken from. */
  readonly publishers?: readonly string[]
  readonly maxBitrateBps?: number
  /** It is taken also while this node drains or is overloaded: viewers here depend on it. */
  readonly essential?: boolean
  /** How many simulcast layers the offer can carry. */
  readonly layers?: number
  readonly relay?: RelayInfo
}

/** As much of a session's snapshot as relays look at. */
export interface RelaySessionStats {
  /** Everything that came from the other side. */
  readonly transport?: { readonly packetsIn: number }
}

/** The session of a relay on this side. */
export interface RelaySession {
  readonly id: string
  readonly state: PeerState
  readonly closeReason: PeerCloseReason | undefined
  /** Tells of every change of its state. Returns the way to stop. */
  on(event: 'state', listener: (state: PeerState, reason: PeerCloseReason | undefined) => void): () => void
  /** Its counters; undefined once it has ended. */
  stats(): Promise<RelaySessionStats | undefined>
  /** Ends it. */
  close(): Promise<void>
  /** @internal The nodes that its media came through are these from now on. */
  setRelayPath(path: readonly string[]): void
}

/** An offer of ours, and the session that connects once it is answered. */
export interface RelayOffer<Session extends RelaySession = RelaySession> {
  readonly sdp: string
  readonly session: Session
  /** Takes the answer, SDP text. Rejects with what is wrong with it. */
  accept(answer: string): Promise<void>
}

/** See the top of the file. */
export interface RelayTarget<Session extends RelaySession = RelaySession> {
  /** The broadcast's name. */
  readonly name: string
  /** Unique among all nodes. */
  readonly nodeId: string
  /** How many nodes media may have come through, at most. */
  readonly maxRelayDepth: number
  /** Offers to receive media, which are published once they come. */
  offerPublisher(context: RelayContext): Promise<RelayOffer<Session>>
  /** Offers to send what is published. */
  offerViewer(context: RelayContext): Promise<RelayOffer<Session>>
  /** The nodes that what these publishers send came through, without this one; of all publishers, if undefined. */
  relayPath(publishers?: readonly string[]): readonly string[]
}
