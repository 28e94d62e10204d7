/** One connection of a relay: a session here, a session on the other server, and what is between them, from the offer until it is over. */
import type { PeerCloseReason, PeerState } from '../engine/types.js'
import { BroadcastError } from '../errors.js'
import type { RelayEnd } from './relay-end.js'
import { listenToEvents } from './relay-events.js'
import { RelayHttp } from './relay-http.js'
import type { RelayConfig } from './relay-options.js'
import { formatRelayPath, isSamePath, RELAY_PATH_HEADER } from './relay-path.js'
import { isAboutOffer } from './relay-refusal.js'
import { RelayResource } from './relay-resource.js'
import type { RelayOffer, RelaySession } from './relay-target.js'
import { RelayWatch } from './relay-watch.js'

/** Hears how a link fares. */
export interface RelayLinkListener<Session extends RelaySession> {
  /** It has a session here. */
  onSession(session: Session): void
  /** Media can flow: for the first time, or again. */
  onUp(link: RelayLink<Session>): void
  /** They do not, and will not by themselves, or not for long. Another link should take its place; the session here stays until that one has come. */
  onDown(link: RelayLink<Session>, error: BroadcastError): void
  /** Media flow, and another link should take its place all the same. */
  onWorn(link: RelayLink<Session>, error: BroadcastError): void
  /** The nodes on the other side have changed. */
  onPath(link: RelayLink<Session>): void
  /** The session here has ended. The last word. */
  onOver(link: RelayLink<Session>, error: BroadcastError, reason: PeerCloseReason | undefined): void
}

const SDP = 'application/sdp'

/** An offer, and what became of it. */
interface Exchange<Session extends RelaySession> {
  readonly offer: RelayOffer<Session>
  readonly answer: string
  readonly resource: RelayResource
}

/** See the top of the file. */
export class RelayLink<Session extends RelaySession> {
  /** What it is connected to. */
  readonly url: URL
  /** The nodes on the other side, as far as they are known. */
  path: readonly string[] = []
  readonly #config: RelayConfig
  readonly #end: RelayEnd<Session>
  readonly #listener: RelayLinkListener<Session>
  readonly #http: RelayHttp
  readonly #over = new AbortController()
  #session: Session | undefined
  #resource: RelayResource | undefined
  #watch: RelayWatch | undefined
  /** What was said of the nodes on this side. */
  #toldPath: readonly string[] = []
  #isUp = false
  #isDown = false
  #ending: Promise<void> | undefined

  constructor(config: RelayConfig, end: RelayEnd<Session>, listener: RelayLinkListener<Session>, url: URL) {
    this.#config = config
    this.#end = end
    this.#listener = listener
    this.url = url
    this.#http = new RelayHttp(config, url)
  }

  /** The session here, once there is an offer. */
  get session(): Session | undefined {
    return this.#session
  }

  /** Whether the nodes on this side are others than the other server was told, which it is by an offer only. */
  get isStale(): boolean {
    return this.#isUp && !isSamePath(this.#end.path(), this.#toldPath)
  }

  /** Whether media can flow, as far as is known. */
  get isWell(): boolean {
    return this.#isUp && !this.#isDown && this.#session?.state === 'connected'
  }

  /** Resolves when it is up; rejects with a BroadcastError, and has ended then. */
  async open(signal: AbortSignal): Promise<void> {
    try {
      await this.#open(signal)
    } catch (error) {
      void this.end()
      throw BroadcastError.from(error)
    }
  }

  /** Ends it, here and on the other server; resolves when both are done. Idempotent. */
  end(): Promise<void> {
    // What it says of itself while it ends is no news.
    this.#over.abort()
    this.#ending ??= this.#close()
    return this.#ending
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { offer, answer, resource } = await this.#negotiate(signal)
    const { session } = offer
    this.#learn(session, resource.path)
    await offer.accept(answer)
    await this.#connected(session, signal)
    this.#keep(session, resource)
  }

  /** All layers, or one if the other server cannot do with more. */
  async #negotiate(signal: AbortSignal): Promise<Exchange<Session>> {
    const { layers } = this.#config
    if (layers > 1) {
      try {
        const exchange = await this.#exchange(layers, signal)
        if (this.#end.suits(exchange.answer)) return exchange
      } catch (error) {
        if (!(error instanceof BroadcastError && isAboutOffer(error))) throw error
      }
      await this.#leave()
    }
    return this.#exchange(1, signal)
  }

  async #exchange(layers: number, signal: AbortSignal): Promise<Exchange<Session>> {
    const offer = await this.#end.offer(layers)
    this.#session = offer.session
    this.#listener.onSession(offer.session)
    if (signal.aborted) throw givenUp()
    this.#toldPath = this.#end.path()
    const headers = { 'content-type': SDP, accept: SDP, [RELAY_PATH_HEADER]: formatRelayPath(this.#toldPath) }
    const reply = await this.#http.send(this.#endpoint(), { method: 'POST', headers, body: offer.sdp, signal })
    const resource = new RelayResource(this.#http, reply, this.#toldPath)
    this.#resource = resource
    return { offer, answer: reply.body, resource }
  }

  /** Several publishers of one broadcast go by a parameter of the URL. */
  #endpoint(): URL {
    const url = new URL(this.url)
    if (this.#config.as !== undefined) url.searchParams.set('as', this.#config.as)
    return url
  }

  #learn(session: Session, path: readonly string[]): void {
    this.#end.learn(session, path)
    this.path = path
  }

  /** Resolves once the session is connected, within the time that sessions have for it. */
  #connected(session: Session, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (state: PeerState, reason: PeerCloseReason | undefined): void => {
        if (signal.aborted) return reject(givenUp())
        if (this.#isUp) return this.#onState(state, reason)
        if (state === 'closed') return reject(noWay(reason))
        if (state !== 'connected') return
        this.#isUp = true
        // At once: the session that this one replaces is going to end within this very turn.
        this.#listener.onUp(this)
        resolve()
      }
      signal.addEventListener('abort', () => reject(givenUp()), { once: true })
      session.on('state', look)
      look(session.state, session.closeReason)
    })
  }

  #keep(session: Session, resource: RelayResource): void {
    if (this.#over.signal.aborted) return
    const watch = new RelayWatch({
      config: this.#config,
      session,
      resource,
      onGone: (why) => this.#down(why),
      onDoubt: () => this.#listener.onWorn(this, lost('the other server does not answer')),
      onThere: (path) => this.#onThere(session, path),
    })
    this.#watch = watch
    if (resource.eventsUrl === undefined) return
    void listenToEvents(this.#http, resource.eventsUrl, this.#config.time, this.#over.signal, {
      onReconnect: () => this.#listener.onWorn(this, lost('the other server asks to connect anew')),
      onLost: () => watch.suspect(),
    })
  }

  #onThere(session: Session, path: readonly string[] | undefined): void {
    const now = path ?? this.path
    const isNews = !isSamePath(now, this.path)
    if (!isNews && !this.isStale) return
    try {
      this.#learn(session, now)
    } catch (error) {
      // Media go round in a circle: that must end, whatever comes after it.
      return this.#cut(BroadcastError.from(error))
    }
    if (isNews) this.#listener.onPath(this)
    if (this.isStale) this.#listener.onWorn(this, lost('the media come by another way'))
  }

  #onState(state: PeerState, reason: PeerCloseReason | undefined): void {
    if (this.#over.signal.aborted) return
    if (state === 'connected') {
      if (!this.#isDown) this.#listener.onUp(this)
    } else if (state === 'disconnected') this.#listener.onDown(this, lost('nothing comes from the other server'))
    else if (state === 'closed') this.#cut(lost(`the session has ended: ${reason}`), reason)
  }

  #down(why: string): void {
    this.#isDown = true
    this.#listener.onDown(this, lost(why))
  }

  #cut(error: BroadcastError, reason?: PeerCloseReason): void {
    void this.end()
    this.#listener.onOver(this, error, reason)
  }

  async #leave(): Promise<void> {
    const [resource, session] = [this.#resource, this.#session]
    this.#resource = undefined
    await Promise.all([resource?.leave(), session?.close().catch(() => {})])
  }

  async #close(): Promise<void> {
    this.#watch?.stop()
    await this.#leave()
  }
}

function lost(why: string): BroadcastError {
  return new BroadcastError('relay-lost', `relay: ${why}`)
}

function noWay(reason: PeerCloseReason | undefined): BroadcastError {
  const message = `the media found no way to the other server: ${reason}`
  return new BroadcastError('relay-unreachable', message, { details: { reason } })
}

function givenUp(): BroadcastError {
  return new BroadcastError('closed', 'the attempt was given up')
}
