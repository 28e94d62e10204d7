/** A session that comes back: one link to the server after another, with the waits in between. */
import { backoffMs } from './backoff.js'
import { ClientError } from './client-error.js'
import { Emitter, type EventMap } from './emitter.js'
import { Http } from './http.js'
import { Link } from './link.js'
import { iceServersOf, parseLinks } from './link-header.js'
import { Pause } from './pause.js'
import { isGone, isTransient, type Resource } from './resource.js'
import { readServerEvents, type ServerEventHandlers } from './server-events.js'
import type { ReconnectOptions, SessionOptions, Urls } from './session-options.js'
import { type ClientStats, clientStats } from './stats.js'

/** Who still depends on a publisher's old session gets so much time to go over to the new one, too. */
const LINGER_MS = 1000

/**
 * - `connecting`: not connected yet
 * - `connected`: media can flow
 * - `reconnecting`: they could, and cannot at the moment
 * - `closed`: over for good
 */
export type SessionState = 'connecting' | 'connected' | 'reconnecting' | 'closed'

/** The events of every session. */
export type SessionEvents = {
  /** The state is another one; with what went wrong, if something did. */
  state: [state: SessionState, error: ClientError | undefined]
  /** An attempt has failed, and there will be another one. */
  retry: [error: ClientError, delayMs: number]
}

/** A session without the events that others add, which the compiler cannot see through. */
type Own = Emitter<SessionEvents>

/** What `publish` and `watch` return have in common. */
export abstract class ClientSession<More extends EventMap> extends Emitter<SessionEvents & More> {
  /** @internal Where the next offer goes. */
  declare endpoint: URL
  /** @internal */
  declare readonly options: SessionOptions
  /** @internal */
  declare readonly http: Http
  /** @internal */
  readonly pause = new Pause()
  /** @internal */
  declare iceServers: readonly RTCIceServer[]
  /** @internal What the server may tell besides. */
  declare readonly serverEvents?: ServerEventHandlers
  /** @internal Media flow over the newest connection. */
  protected flows: () => void = () => {}
  readonly #isViewer: boolean
  readonly #reconnect: ReconnectOptions
  readonly #listening = new AbortController()
  /** Of the newest server's events. */
  #reading = new AbortController()
  readonly #given: readonly string[]
  /** Everywhere where the same is to be had. */
  #urls: readonly string[]
  #state: SessionState = 'connecting'
  #error: ClientError | undefined
  #link: Link | undefined
  /** The one that takes the place of `#link`, as soon as media flow over it. */
  #next: Link | undefined
  #failures = 0
  #hasBeenUp = false
  /** While the page is in the browser's page cache, or on its way to the end. */
  #isHidden = false

  /** @internal */
  constructor(urls: Urls, options: SessionOptions, isViewer: boolean) {
    super()
    this.#given = [urls].flat().map((url) => new URL(url, document.baseURI).href)
    this.#urls = this.#given
    this.#turn()
    this.options = options
    this.http = new Http(options.token)
    this.iceServers = options.iceServers ?? []
    this.#isViewer = isViewer
    const { reconnect = {} } = options
    this.#reconnect = reconnect || { maxAttempts: 0 }
  }

  /** What it is doing. */
  get state(): SessionState {
    return this.#state
  }

  /** What went wrong last: why it is closed, or is connecting again; undefined while it is well. */
  get error(): ClientError | undefined {
    return this.#error
  }

  /** The peer connection of the moment, which another one takes the place of after a reconnect; for what is not done here. */
  get connection(): RTCPeerConnection | undefined {
    return this.#link?.connection
  }

  /** Resolves when the session is connected, now or later; rejects with a {@link ClientError} when it is closed before. */
  whenConnected(): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.state === 'connected') resolve()
        else if (this.state === 'closed') reject(this.#error)
        else return
        stop()
      }
      const stop = this.on('state', look)
      look()
    })
  }

  /**
   * Restarts ICE now, as is done by itself when media stop coming. Rejects with a {@link ClientError}: `unsupported` where the server cannot do it, or
   * `closed` while there is no session on the server.
   */
  async restartIce(): Promise<void> {
    if (!this.resource || !this.connection?.remoteDescription) throw closed()
    await this.#link?.restartIce()
  }

  /** A snapshot every `intervalMs` while it is connected; ends when the session is closed. */
  async *stats(intervalMs = 1000): AsyncGenerator<ClientStats, void, void> {
    const pause = new Pause()
    const stop = this.on('state', () => pause.wake())
    let last: RTCPeerConnection | undefined
    let before: RTCStatsReport | undefined
    try {
      while (this.#state !== 'closed') {
        const { connection } = this
        if (this.state === 'connected' && connection) {
          // One that is closed meanwhile may have none any more.
          const report = await connection.getStats().catch(() => {})
          if (report) {
            yield clientStats(report, connection === last ? before : undefined)
            before = report
            last = connection
          }
        }
        if (this.state !== 'closed') await pause.sleep(intervalMs)
      }
    } finally {
      stop()
    }
  }

  /** Ends it, here and on the server; resolves when both are done. It does not come back. Idempotent. */
  async close(): Promise<void> {
    await this.#close(closed())
  }

  /** @internal Begins; the last thing that a constructor does. */
  protected start(): void {
    const listen = (event: string, listener: () => void) => addEventListener(event, listener, this.#listening)
    // The network is another one, or back. Browsers take five seconds and more to notice that the old way is none any more.
    listen('online', () => {
      this.pause.wake()
      void this.#link?.repair()
    })
    // The page is left. It may come back out of the browser's page cache, but nothing of a connection does.
    listen('pagehide', () => {
      this.#isHidden = true
      void this.#leave('reconnecting', closed())
    })
    listen('pageshow', () => {
      this.#isHidden = false
      this.pause.wake()
    })
    void this.#run()
  }

  /** @internal Adds the m-lines to a new connection. */
  abstract addTracks(connection: RTCPeerConnection): void

  /** @internal The answer of a new session is there. */
  onOpen(resource: Resource): void {
    this.#urls = [...new Set([...this.#given, this.endpoint.href, ...resource.linksTo('alternate').map(String)])]
    const [events] = resource.linksTo(':server-sent-events')
    this.#reading.abort()
    this.#reading = new AbortController()
    const handlers = { ...this.serverEvents, reconnect: () => void this.#move() }
    if (this.options.serverEvents && events) void readServerEvents(this.http, events, this.#reading.signal, handlers)
    const iceServers = iceServersOf(resource.links)
    if (!this.options.iceServers && iceServers[0]) this.iceServers = iceServers
  }

  /** @internal */
  onUp(): void {
    if (this.isWell) this.flows()
    this.#failures = 0
    this.#hasBeenUp = true
    this.#become('connected')
  }

  /** @internal */
  onDown(error: ClientError): void {
    this.#become('reconnecting', error)
  }

  /** @internal Whether there is somewhere else to go. */
  get hasOthers(): boolean {
    return this.#urls.length > 1
  }

  /** @internal Nothing more is to be expected of a connection that is up, for want of media or as it sends them. */
  protected abstract readonly isWell: boolean

  /** @internal It is over. */
  protected clear(): void {}

  /** @internal The session on the server, while there is one. */
  protected get resource(): Resource | undefined {
    return this.#link?.ended ? undefined : this.#link?.resource
  }

  async #run(): Promise<void> {
    while (this.#state !== 'closed') {
      const error = await this.#keepLink().catch(ClientError.from)
      if (this.#isHidden) await this.pause.sleep()
      else if (this.state !== 'closed') await this.#wait(error)
    }
  }

  /** One link from beginning to end. */
  async #keepLink(): Promise<ClientError> {
    if (this.options.askIceServers && !this.iceServers[0]) {
      // A server that does not answer that may well answer the offer.
      const reply = await this.http.send(this.endpoint, { method: 'OPTIONS' }).catch(() => {})
      this.iceServers = iceServersOf(parseLinks(reply?.response.headers.get('link')))
    }
    if (this.state === 'closed' || this.#isHidden) return closed()
    this.#link = new Link(this)
    let error = await this.#link.over
    while (this.#next?.ended === false) {
      this.#link = this.#next
      this.#next = undefined
      if (!this.#link.isUp) this.#become('reconnecting', error)
      error = await this.#link.over
    }
    return error
  }

  /** The server is going to end the session: opens another one, and leaves this one when media flow there. */
  async #move(): Promise<void> {
    const before = this.#link
    if (this.#next || !before) return
    for (let attempt = 0; !before.ended; attempt++) {
      this.#turn()
      const next = new Link(this)
      this.#next = next
      const flows = new Promise<void>((resolve) => {
        this.flows = resolve
      })
      await Promise.race([next.over, before.over, flows])
      await new Pause().sleep(next.ended ? backoffMs(attempt, this.#reconnect) : LINGER_MS)
      if (!next.ended) return before.end(closed())
    }
    this.#next = undefined
  }

  /** On to the next server; to the first one at first. */
  #turn(): void {
    const urls = this.#urls
    this.endpoint = new URL(urls[(urls.indexOf(this.endpoint?.href) + 1) % urls.length] as string)
  }

  /** Waits for the next attempt, or closes the session if there is to be none. */
  async #wait(error: ClientError): Promise<void> {
    const { maxAttempts = Number.POSITIVE_INFINITY, whenEnded = this.#isViewer } = this.#reconnect
    // What one server says of itself does not hold for the others.
    const delayMs = Math.max(backoffMs(this.#failures++, this.#reconnect), (!this.hasOthers && error.retryAfterMs) || 0)
    this.#turn()
    const isWorthwhile =
      isTransient(error) ||
      // Somebody else may publish, among them what is left of ourselves.
      (error.status === 409 && (this.#hasBeenUp || error.retryAfterMs)) ||
      // A viewer may be early, and a server on its way down or up may know of nothing.
      (isGone(error) && (this.#hasBeenUp || this.#isViewer))
    if (this.#failures > maxAttempts || !isWorthwhile) return this.#close(error)
    this.#become(this.#hasBeenUp ? 'reconnecting' : 'connecting', error)
    const isGoodbye = error.code === 'ended' && !whenEnded
    const own = this as unknown as Own
    if (!isGoodbye) own.emit('retry', error, delayMs)
    await this.pause.sleep(delayMs)
    if (isGoodbye && (await this.#link?.resource?.isThere()) !== undefined) await this.#close(error)
  }

  #become(state: SessionState, error?: ClientError): void {
    if (this.state === 'closed') return
    this.#error = error
    if (this.state === state) return
    this.#state = state
    const own = this as unknown as Own
    own.emit('state', state, error)
  }

  #close(error: ClientError): Promise<void> {
    this.#listening.abort()
    this.clear()
    return this.#leave('closed', error)
  }

  /** Ends whatever there is; resolves when the server knows. */
  async #leave(state: SessionState, error: ClientError): Promise<void> {
    this.#become(state, error)
    this.pause.wake()
    this.#reading.abort()
    await Promise.all([this.#link?.end(error), this.#next?.end(error)])
  }
}

function closed(): ClientError {
  return new ClientError('closed', 'closed by the page')
}
