/** A `SignalingTarget` without media: what custom signaling is tested with. */
import type {
  CloseReason,
  LayerPreference,
  OfferInput,
  SectionLayers,
  SessionRole,
  SessionState,
  SignalingAnswer,
  SignalingContext,
  SignalingEvent,
  SignalingListener,
  SignalingSession,
  SignalingTarget,
  TrickleResult,
} from '../broadcast/signaling-target.js'
import { BroadcastError } from '../errors.js'
import { writeSdpFragment } from '../sdp/sdp-fragment.js'
import { readTrickledIce } from '../sdp/trickled-ice.js'

/** A session of {@link FakeTarget}; its state is set by the test. */
export interface FakeSession extends SignalingSession {
  /** May be set to play a peer that connects or vanishes; 'closed' is what `close()` does. */
  state: SessionState
  /** Why it ended; undefined while it lives. */
  readonly closeReason: CloseReason | undefined
  /** What `layers()` resolves with; set by the test. */
  available: readonly SectionLayers[]
  /** The preferences that were set, in order; `mid` where one was given. */
  readonly preferences: readonly { readonly layer: LayerPreference | undefined; readonly mid?: string }[]
  /** What `relayPath()` returns; set by the test. */
  path: readonly string[]
  /** Tells the adapter that something has happened. `closed` is told by `close()`. */
  tell(event: Exclude<SignalingEvent, { type: 'closed' }>): void
  /** The fragments that were trickled and taken, in order. */
  readonly fragments: readonly string[]
  /** What the adapter passed as `context.metadata`. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/** One call that an adapter made. */
export interface FakeCall {
  readonly method: 'publish' | 'view'
  /** The SDP of the offer, whichever way it was passed. */
  readonly sdp: string
  readonly context: SignalingContext
}

/** Options of {@link fakeTarget}. */
export interface FakeTargetOptions {
  /** The SDP of every answer, or what makes it for a call; default a minimal description without media. */
  readonly answerSdp?: string | ((call: FakeCall) => string)
}

/** Records what adapters ask for and answers as it was told. */
export interface FakeTarget extends SignalingTarget<FakeSession> {
  /** Every call of `publish` and `view`, also the failed ones, in order. */
  readonly calls: readonly FakeCall[]
  /** The sessions that are not closed, in the order in which they came. */
  readonly sessions: readonly FakeSession[]
  /** Lets the next call of `publish`, `view`, `trickle` or `preferLayer` fail with `error`; several calls of it queue up. */
  failNext(error: unknown): void
  /** Lets calls wait from now on, until the returned function is called. */
  hold(): () => void
}

const ANSWER_SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'

/**
 * Makes a {@link FakeTarget}. Offers must at least begin like SDP, everything else is rejected with `sdp-invalid`; ids are
 * counted (`session-1`), so that tests can name them.
 */
export function fakeTarget(options: FakeTargetOptions = {}): FakeTarget {
  const answerSdp = options.answerSdp ?? ANSWER_SDP
  const calls: FakeCall[] = []
  const failures: unknown[] = []
  const open = new Map<string, FakeSessionRecord>()
  let count = 0
  let gate: Promise<void> | undefined

  /** Waits while calls are held, then fails if the test wants that. */
  async function turn(): Promise<void> {
    const failure = failures.length > 0 ? { error: failures.shift() } : undefined
    await gate
    if (failure !== undefined) throw failure.error
  }

  async function join(
    role: SessionRole,
    offer: OfferInput,
    context: SignalingContext = {},
  ): Promise<SignalingAnswer<FakeSession>> {
    const sdp = typeof offer === 'string' ? offer : offer.sdp
    const call: FakeCall = { method: role === 'publisher' ? 'publish' : 'view', sdp, context }
    calls.push(call)
    await turn()
    if (typeof sdp !== 'string' || !sdp.startsWith('v=0')) {
      throw new BroadcastError('sdp-invalid', 'line 1: expected v=0', { details: { line: 1 } })
    }
    count++
    const session = new FakeSessionRecord(`session-${count}`, role, context, sdp, turn, (id) => open.delete(id))
    open.set(session.id, session)
    return { type: 'answer', sdp: typeof answerSdp === 'string' ? answerSdp : answerSdp(call), session }
  }

  return {
    calls,
    get sessions() {
      return [...open.values()]
    },
    failNext: (error) => void failures.push(error),
    hold() {
      let release = (): void => {}
      gate = new Promise((resolve) => {
        release = resolve
      })
      return () => {
        gate = undefined
        release()
      }
    },
    publish: (offer, context) => join('publisher', offer, context),
    view: (offer, context) => join('viewer', offer, context),
    session: (id) => open.get(id),
  }
}

class FakeSessionRecord implements FakeSession {
  state: SessionState = 'connecting'
  closeReason: CloseReason | undefined
  readonly broadcast: string
  readonly fragments: string[] = []
  readonly preferences: { layer: LayerPreference | undefined; mid?: string }[] = []
  available: readonly SectionLayers[] = []
  path: readonly string[] = ['fake']
  readonly #listeners = new Set<SignalingListener>()
  #iceUfrag: string | undefined
  #restarts = 0
  readonly metadata: Readonly<Record<string, unknown>>

  constructor(
    readonly id: string,
    readonly role: SessionRole,
    context: SignalingContext,
    offer: string,
    private readonly turn: () => Promise<void>,
    private readonly onClose: (id: string) => void,
  ) {
    this.broadcast = context.broadcast ?? 'main'
    this.metadata = context.metadata ?? {}
    this.#iceUfrag = /^a=ice-ufrag:(\S+)/m.exec(offer)?.[1]
  }

  tell(event: SignalingEvent): void {
    for (const listener of [...this.#listeners]) listener(event)
  }

  subscribe(listener: SignalingListener): () => void {
    if (this.closeReason !== undefined) return () => {}
    const own: SignalingListener = (event) => listener(event)
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  async layers(): Promise<readonly SectionLayers[]> {
    return this.available
  }

  async preferLayer(layer: LayerPreference | undefined, mid?: string): Promise<void> {
    await this.turn()
    this.preferences.push(mid === undefined ? { layer } : { layer, mid })
  }

  relayPath(): readonly string[] {
    return this.path
  }

  get iceSessionId(): string {
    return `${this.id}-ice-${this.#restarts}`
  }

  async trickle(fragment: string): Promise<TrickleResult> {
    await this.turn()
    const { iceUfrag } = readTrickledIce(fragment, [])
    this.fragments.push(fragment)
    const restarted = this.#iceUfrag !== undefined && this.#iceUfrag !== iceUfrag
    this.#iceUfrag = iceUfrag
    if (!restarted) return { restarted }
    this.#restarts++
    const local = { iceUfrag: `fake${this.#restarts}`, icePwd: 'fakePasswordOf24Letters0', candidates: [] }
    const section = { mid: '0', mediaLine: 'm=video 9 UDP/TLS/RTP/SAVPF 96', bundleMids: ['0'] }
    return { restarted, fragment: writeSdpFragment(section, local) }
  }

  async close(reason: CloseReason = 'closed'): Promise<void> {
    if (this.closeReason !== undefined) return
    this.state = 'closed'
    this.closeReason = reason
    this.onClose(this.id)
    this.tell({ type: 'closed', reason })
    this.#listeners.clear()
  }
}
