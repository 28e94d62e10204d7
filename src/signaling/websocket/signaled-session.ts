/** One session of a connection: what its client asks of it, and what it is told. */
import type { LayerPreference, SignalingEvent, SignalingSession } from '../../broadcast/signaling-target.js'
import { BroadcastError } from '../../errors.js'
import type { Scheduler } from '../../util/scheduler.js'
import { candidateFragment, iceCredentialsIn } from './candidate-fragment.js'
import { withinLimit } from './layer-limit.js'
import { LayerWatch } from './layer-watch.js'
import type {
  LayerMessage,
  LayersMessage,
  TrickleMessage,
  WebSocketServerMessage,
  WebSocketSessionState,
} from './messages.js'

/** What a {@link SignaledSession} is made with. */
export interface SignaledSessionOptions {
  /** What the client calls it. */
  readonly name: string
  readonly session: SignalingSession
  readonly offer: string
  /** The best layer that the viewer may have. */
  readonly layerLimit: LayerPreference | undefined
  readonly scheduler: Scheduler
  send(message: WebSocketServerMessage): void
  /** It has ended; called once, after its `bye`. */
  onEnd(): void
}

/** Knows how things are around the session also while nobody listens, so that they can be told when somebody does. */
export class SignaledSession {
  readonly #options: SignaledSessionOptions
  readonly #watch: LayerWatch
  #credentials: ReturnType<typeof iceCredentialsIn>
  #live = false
  #isAskedToReconnect = false
  #viewers: number | undefined
  #watched = false
  #listening = false
  #ended = false

  constructor(options: SignaledSessionOptions) {
    const { name, session, offer, scheduler, send } = options
    this.#options = options
    this.#credentials = iceCredentialsIn(offer)
    this.#watch = new LayerWatch(session, scheduler, (layers) => send({ type: 'layers', session: name, layers }))
  }

  get session(): SignalingSession {
    return this.#options.session
  }

  /** What it is called, by both sides. */
  get names(): Omit<WebSocketSessionState, 'state'> {
    const { id, role, broadcast } = this.session
    return { session: this.#options.name, sessionId: id, role, broadcast }
  }

  get state(): WebSocketSessionState {
    return { ...this.names, state: this.session.state }
  }

  /** Follows the session; its client, if there is one now, is told how things are. */
  start(hasClient: boolean): void {
    this.session.subscribe((event) => this.#onEvent(event))
    if (hasClient) this.listen()
    // One that had ended before anybody listened says so to nobody.
    if (this.session.state === 'closed') this.#onEvent({ type: 'closed', reason: 'closed' })
  }

  /** There is a client again: tells it how things are, and from then on what happens. */
  listen(): void {
    const { name, send } = this.#options
    if (this.#ended) return
    this.#listening = true
    send({ type: this.#live ? 'live' : 'idle', session: name })
    // A client that does not read may have lost its socket by now.
    if (this.#listening && this.#viewers !== undefined) send({ type: 'viewers', session: name, count: this.#viewers })
    if (this.#listening && this.#isAskedToReconnect) send({ type: 'reconnect', session: name })
    if (this.#listening && this.#watched) this.#watch.start()
  }

  /** There is no client for now. */
  unlisten(): void {
    this.#listening = false
    this.#watch.stop()
  }

  /** More candidates, or a restart, to which there is a reply. */
  async trickle(message: TrickleMessage): Promise<WebSocketServerMessage | undefined> {
    const fragment = message.fragment ?? this.#fragmentOf(message.candidate ?? null)
    const result = await this.session.trickle(fragment)
    if (!result.restarted) return undefined
    this.#credentials = iceCredentialsIn(fragment)
    const id = message.id === undefined ? {} : { id: message.id }
    return { type: 'restarted', ...id, session: message.session, fragment: result.fragment }
  }

  /** Chooses a layer, as far as the grant goes. */
  async prefer({ layer, mid }: LayerMessage): Promise<void> {
    await this.session.preferLayer(withinLimit(layer ?? undefined, this.#options.layerLimit), mid)
  }

  /** The layers that there are, and those that there will be, if that is asked for. */
  async layers({ id, session, watch }: LayersMessage): Promise<WebSocketServerMessage> {
    if (watch === false) this.#setWatched(false)
    const layers = await this.session.layers()
    if (watch) this.#setWatched(true)
    if (watch && this.#listening) this.#watch.start(layers)
    return { type: 'layers', ...(id === undefined ? {} : { id }), session, layers }
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.session.close('closed')
  }

  #setWatched(watched: boolean): void {
    this.#watched = watched && !this.#ended
    if (!this.#watched) this.#watch.stop()
  }

  #fragmentOf(candidate: Exclude<TrickleMessage['candidate'], undefined>): string {
    if (this.#credentials !== undefined) return candidateFragment(candidate, this.#credentials)
    throw new BroadcastError('request-invalid', 'the offer has no ICE credentials of its own; send fragments')
  }

  #onEvent(event: SignalingEvent): void {
    if (this.#ended) return
    const { name, send } = this.#options
    if (event.type === 'closed') {
      this.#ended = true
      this.unlisten()
      send({ type: 'bye', session: name, reason: event.reason })
      this.#options.onEnd()
      return
    }
    if (event.type === 'viewers') this.#viewers = event.count
    else if (event.type === 'reconnect') this.#isAskedToReconnect = true
    else {
      if (event.type !== 'layer') this.#live = event.type === 'live'
      this.#watch.hint()
    }
    if (this.#listening && event.type !== 'layer') send({ ...event, session: name })
  }
}
