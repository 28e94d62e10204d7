/** A broadcast for relays without media, and whoever is on the other side. */
import type { PeerCloseReason, PeerState } from '../../../src/engine/types.js'
import type { RelayContext, RelayOffer, RelaySession, RelayTarget } from '../../../src/relay/index.js'

/** A session whose state is set by the test. */
export class FakeRelaySession implements RelaySession {
  state: PeerState = 'connecting'
  closeReason: PeerCloseReason | undefined
  packetsIn = 0
  /** Whether packets come whenever somebody looks. */
  isHeard = true
  path: readonly string[] = []
  readonly #listeners = new Set<(state: PeerState, reason: PeerCloseReason | undefined) => void>()

  constructor(
    readonly id: string,
    readonly context: RelayContext,
  ) {}

  on(_event: 'state', listener: (state: PeerState, reason: PeerCloseReason | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async stats() {
    if (this.isHeard) this.packetsIn++
    return { transport: { packetsIn: this.packetsIn } }
  }

  async close(): Promise<void> {
    this.become('closed', 'closed')
  }

  setRelayPath(path: readonly string[]): void {
    this.path = path
  }

  become(state: PeerState, reason?: PeerCloseReason): void {
    if (this.state === state || this.state === 'closed') return
    this.state = state
    this.closeReason = reason
    for (const listener of [...this.#listeners]) listener(state, reason)
  }
}

/** See the top of the file. */
export class FakeRelayTarget implements RelayTarget<FakeRelaySession> {
  readonly name = 'show'
  readonly nodeId = 'self'
  maxRelayDepth = 8
  /** Every session that was offered, in order, and in which direction. */
  readonly sessions: FakeRelaySession[] = []
  readonly directions: ('in' | 'out')[] = []
  /** The answers that were taken. */
  readonly answers: string[] = []
  /** What the next offer fails with. */
  failure: unknown
  /** Whether sessions connect as soon as they are answered. */
  connects = true
  upstream: readonly string[] = []

  get session(): FakeRelaySession {
    return this.sessions.at(-1) as FakeRelaySession
  }

  offerPublisher(context: RelayContext): Promise<RelayOffer<FakeRelaySession>> {
    return this.#offer('in', context)
  }

  offerViewer(context: RelayContext): Promise<RelayOffer<FakeRelaySession>> {
    return this.#offer('out', context)
  }

  relayPath(): readonly string[] {
    return this.upstream
  }

  async #offer(direction: 'in' | 'out', context: RelayContext): Promise<RelayOffer<FakeRelaySession>> {
    const { failure } = this
    this.failure = undefined
    if (failure !== undefined) throw failure
    const session = new FakeRelaySession(`session-${this.sessions.length + 1}`, context)
    this.sessions.push(session)
    this.directions.push(direction)
    const accept = async (answer: string): Promise<void> => {
      this.answers.push(answer)
      if (this.connects) session.become('connected')
    }
    return { sdp: `offer-${this.sessions.length}`, session, accept }
  }
}
