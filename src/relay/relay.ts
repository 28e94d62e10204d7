/** A relay: media between this server and another one, by one link after another, until it is closed. */
import type { PeerCloseReason } from '../engine/types.js'
import { BroadcastError, type BroadcastErrorCode } from '../errors.js'
import { publish } from '../util/diagnostics.js'
import { TypedEmitter } from '../util/emitter.js'
import { createLog } from '../util/log.js'
import { backoffMs } from './backoff.js'
import { Pause } from './pause.js'
import type { RelayEnd } from './relay-end.js'
import { RelayLink, type RelayLinkListener } from './relay-link.js'
import { type RelayConfig, relayUrl } from './relay-options.js'
import { isSamePath } from './relay-path.js'
import { isFinal } from './relay-refusal.js'
import { RelaySwitch } from './relay-switch.js'
import type { RelaySession } from './relay-target.js'

const log = createLog('relay')

/**
 * - `connecting`: not connected yet
 * - `connected`: media can flow
 * - `reconnecting`: they could, and cannot at the moment
 * - `closed`: over for good
 */
export type RelayState = 'connecting' | 'connected' | 'reconnecting' | 'closed'

/** Events of a {@link Relay}. */
export type RelayEvents<Session extends RelaySession = RelaySession> = {
  /** An attempt has begun, with a session of its own on this side, which may be connected later. */
  session: [session: Session]
  /** The state is another one; with what went wrong, if something did. */
  state: [state: RelayState, error: BroadcastError | undefined]
  /** An attempt has failed, and there will be another one. */
  retry: [error: BroadcastError, delayMs: number]
  /** The nodes on the other side are others, or are known now. */
  path: [path: readonly string[]]
  /** It is over; with what went wrong, unless `close()` was called. The last event. */
  closed: [error: BroadcastError | undefined]
}

/** Snapshot of a {@link Relay}. */
export interface RelayStats<SessionStats = unknown> {
  readonly kind: 'pull' | 'push'
  readonly state: RelayState
  /** Where it is connected, or tries to connect. */
  readonly url: string
  /** The nodes on the other side, as far as they are known. */
  readonly path: readonly string[]
  /** How often it has tried to connect. */
  readonly attempts: number
  /** How often it has got connected. */
  readonly connections: number
  /** Failed attempts and short-lived connections, since the last connection that lasted. */
  readonly failures: number
  /** What went wrong last; undefined while it is well. */
  readonly error: { readonly code: BroadcastErrorCode; readonly message: string } | undefined
  /** Traffic of the present session on this side. */
  readonly session: SessionStats | undefined
}

/** Ends of the session here after which nobody wants the relay any more. */
const MEANT: ReadonlySet<PeerCloseReason> = new Set([
  'closed',
  'replaced',
  'kicked',
  'expired',
  'limit-exceeded',
  'broadcast-closed',
  'sfu-closed',
])

/** What says that the media come by a way that cannot be. */
const MISLED: ReadonlySet<BroadcastErrorCode> = new Set(['relay-loop', 'relay-too-deep'])

/** What `pull` and `push` return. */
export class Relay<Session extends RelaySession = RelaySession> extends TypedEmitter<RelayEvents<Session>> {
  /** Whether media come in or go out. */
  readonly kind: 'pull' | 'push'
  readonly #config: RelayConfig
  readonly #end: RelayEnd<Session>
  readonly #pause: Pause
  #state: RelayState = 'connecting'
  #error: BroadcastError | undefined
  #url: URL
  #link: RelayLink<Session> | undefined
  /** The one that is to be the next. */
  #next: RelayLink<Session> | undefined
  /** The attempt of the moment. */
  #attempt: AbortController | undefined
  #switch: RelaySwitch | undefined
  /** Another link is wanted. */
  #isDue = true
  #waitMs = 0
  #upMs = 0
  #attempts = 0
  #connections = 0
  #failures = 0
  #closing: Promise<void> | undefined

  /** @internal */
  constructor(end: RelayEnd<Session>, config: RelayConfig, url: URL) {
    super()
    this.kind = end.kind
    this.#end = end
    this.#config = config
    this.#url = url
    this.#pause = new Pause(config.time)
    this.#run().catch((error: unknown) => this.#over(BroadcastError.from(error)))
  }

  /** What it is doing. */
  get state(): RelayState {
    return this.#state
  }

  /** What went wrong last: why it is closed, or connects again; undefined while it is well. */
  get error(): BroadcastError | undefined {
    return this.#error
  }

  /** Where it is connected, or tries to connect. */
  get url(): string {
    return this.#url.href
  }

  /** The session of the moment on this side, which another one takes the place of after a reconnect; undefined before the first is connected. */
  get session(): Session | undefined {
    return this.#link?.session
  }

  /** The nodes on the other side, as far as they are known: of a pull, those that its media come through, of a push, the one that receives them. */
  get path(): readonly string[] {
    return this.#link?.path ?? []
  }

  /** Resolves when it is connected, now or later; rejects with a `BroadcastError` when it is closed before. */
  whenConnected(): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.#state === 'connected') resolve()
        else if (this.#state === 'closed') reject(this.#error ?? relayClosed())
        else return
        stop()
      }
      const stop = this.on('state', look)
      look()
    })
  }

  /** Snapshot of it. */
  async stats(): Promise<RelayStats<Awaited<ReturnType<Session['stats']>>>> {
    const session = (await this.session?.stats().catch(() => undefined)) as
      | Awaited<ReturnType<Session['stats']>>
      | undefined
    return {
      kind: this.kind,
      state: this.#state,
      url: this.url,
      path: this.path,
      attempts: this.#attempts,
      connections: this.#connections,
      failures: this.#failures,
      error: this.#error && { code: this.#error.code, message: this.#error.message },
      session,
    }
  }

  /**
   * Connects to another URL, of whatever server has the same broadcast, while what it has goes on; then that ends. Viewers' streams stay continuous.
   * Tried again until it succeeds; resolves then. Rejects with `option-invalid`, with `closed` if the relay is closed or switched elsewhere meanwhile, or with what the
   * other server refuses it for, for good: the relay then stays where it was, if that is well.
   */
  async switchTo(url: string | URL): Promise<void> {
    const to = relayUrl('url', url)
    if (this.#state === 'closed') throw relayClosed()
    this.#switch?.fail(new BroadcastError('closed', 'the relay is switched elsewhere'))
    const wanted = new RelaySwitch(to)
    this.#switch = wanted
    this.#attempt?.abort()
    this.#want(0)
    await wanted.done
  }

  /** Ends it, here and on the other server; resolves when both are done. Idempotent. */
  close(): Promise<void> {
    this.#over(undefined)
    return this.#closing ?? Promise.resolve()
  }

  async #run(): Promise<void> {
    while (this.#closing === undefined) {
      const waitMs = this.#isDue ? this.#waitMs : undefined
      this.#waitMs = 0
      if (waitMs !== 0) await this.#pause.sleep(waitMs)
      else await this.#connect()
    }
  }

  /** Another link is wanted, in so many milliseconds. */
  #want(waitMs: number): void {
    if (this.#closing !== undefined) return
    this.#isDue = true
    this.#waitMs = waitMs
    this.#pause.wake()
  }

  async #connect(): Promise<void> {
    const attempt = new AbortController()
    this.#attempt = attempt
    this.#attempts++
    try {
      const url = this.#switch?.to ?? (await this.#resolved())
      if (attempt.signal.aborted) return
      this.#url = url
      this.#next = new RelayLink(this.#config, this.#end, this.#listener, url)
      await this.#next.open(attempt.signal)
    } catch (error) {
      if (!attempt.signal.aborted) await this.#onFailure(BroadcastError.from(error))
    } finally {
      if (this.#attempt === attempt) this.#attempt = undefined
    }
  }

  async #resolved(): Promise<URL> {
    const url = await this.#config.resolveUrl?.(new URL(this.#url))
    return url === undefined ? this.#url : relayUrl('resolveUrl', url)
  }

  readonly #listener: RelayLinkListener<Session> = {
    onSession: (session) => this.emit('session', session),
    onUp: (link) => this.#onUp(link),
    onDown: (link, error) => {
      if (link === this.#link) this.#onLoss(error)
    },
    onWorn: (link, error) => {
      if (link !== this.#link || this.#isDue) return
      log('%s %s: %s', this.kind, this.url, error.message)
      this.#want(this.#delayMs(1))
    },
    onPath: (link) => {
      if (link === this.#link) this.emit('path', link.path)
    },
    onOver: (link, error, reason) => {
      if (link !== this.#link) return
      if (reason !== undefined && MEANT.has(reason)) this.#over(error)
      else this.#onLoss(error)
    },
  }

  #onUp(link: RelayLink<Session>): void {
    if (this.#closing !== undefined) return
    const before = this.#link
    if (link !== before) {
      this.#link = link
      this.#isDue = false
      this.#connections++
      this.#upMs = this.#config.time.nowMs()
      this.#switch?.succeed()
      this.#switch = undefined
      // Not before the broadcast has heard of the new session: it would be idle in between.
      if (before !== undefined) void Promise.resolve().then(() => before.end())
      if (!isSamePath(link.path, before?.path ?? [])) this.emit('path', link.path)
    }
    this.#become('connected', undefined)
  }

  /** A link that was up is not any more. */
  #onLoss(error: BroadcastError): void {
    const { backoff, time } = this.#config
    // Otherwise an attempt is being made, or waited for.
    if (!this.#isDue) {
      if (time.nowMs() - this.#upMs >= backoff.maxDelayMs) this.#failures = 0
      this.#failures++
      if (this.#failures > backoff.maxAttempts) return this.#over(error)
      this.#want(this.#delayMs(this.#failures))
    }
    this.#become('reconnecting', error)
  }

  async #onFailure(error: BroadcastError): Promise<void> {
    this.#failures++
    const { backoff, resolveUrl } = this.#config
    const isHopeless = isFinal(error) && (resolveUrl === undefined || error.code === 'closed')
    // What it has may not go on, or by a policy that lets no second publisher in has to make room.
    const isInTheWay = error.code === 'publisher-exists' || (MISLED.has(error.code) && this.#link?.isStale)
    if (isInTheWay) await this.#leave()
    if (this.#closing !== undefined) return
    if (isHopeless || this.#failures > backoff.maxAttempts) {
      if (this.#link?.isWell) this.#stay(this.#link, error)
      else this.#over(error)
      return
    }
    const delayMs = this.#delayMs(this.#failures, Number(error.details.retryAfterMs ?? 0))
    log('%s %s: %s; again in %d ms', this.kind, this.url, error.message, delayMs)
    if (!this.#link?.isWell) this.#become(this.#connections > 0 ? 'reconnecting' : 'connecting', error)
    this.emit('retry', error, delayMs)
    this.#want(delayMs)
  }

  async #leave(): Promise<void> {
    const link = this.#link
    this.#link = undefined
    await link?.end()
  }

  /** There is to be no other link, and the present one is well. */
  #stay(link: RelayLink<Session>, error: BroadcastError): void {
    log('%s %s: stays, as there is nothing better: %s', this.kind, link.url.href, error.message)
    this.#switch?.fail(error)
    this.#switch = undefined
    this.#isDue = false
    this.#url = link.url
  }

  #delayMs(failures: number, retryAfterMs = 0): number {
    const { backoff, random } = this.#config
    return backoffMs(backoff, failures, random(), retryAfterMs)
  }

  #become(state: RelayState, error: BroadcastError | undefined): void {
    this.#error = error
    if (this.#state === state || this.#state === 'closed') return
    this.#state = state
    log('%s %s is %s', this.kind, this.url, state)
    publish('manycast:relay:state', { relay: this, state, error })
    this.emit('state', state, error)
  }

  #over(error: BroadcastError | undefined): void {
    if (this.#closing !== undefined) return
    this.#attempt?.abort()
    this.#closing = Promise.all([this.#link?.end(), this.#next?.end()]).then(() => {})
    this.#switch?.fail(error ?? relayClosed())
    this.#pause.wake()
    this.#become('closed', error)
    this.emit('closed', error)
    this.removeAllListeners()
  }
}

function relayClosed(): BroadcastError {
  return new BroadcastError('closed', 'the relay is closed')
}
