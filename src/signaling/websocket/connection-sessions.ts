/** The sessions of one connection, by the names that its client has given them. */
import type { SignalingAnswer, SignalingContext, SignalingTarget } from '../../broadcast/signaling-target.js'
import { BroadcastError } from '../../errors.js'
import { createLog, printable } from '../../util/log.js'
import type { Scheduler } from '../../util/scheduler.js'
import { admitOffer } from '../admission.js'
import { withinLimit } from './layer-limit.js'
import type {
  PublishMessage,
  ResumeMessage,
  ViewMessage,
  WebSocketRequest,
  WebSocketServerMessage,
} from './messages.js'
import { SignaledSession } from './signaled-session.js'
import { withToken } from './upgrade-request.js'
import type { WebSocketConfig } from './websocket-options.js'

const log = createLog('signaling')

/** What opens sessions, and what they are made with. */
export interface SessionsHost {
  readonly target: SignalingTarget
  readonly config: WebSocketConfig
  readonly scheduler: Scheduler
}

type Offer = PublishMessage | ViewMessage

/** Opens and ends them, and carries out what is asked of them. */
export class ConnectionSessions {
  readonly #host: SessionsHost
  readonly #send: (message: WebSocketServerMessage) => void
  readonly #open = new Map<string, SignaledSession>()
  /** Names of sessions whose offers are being answered. */
  readonly #opening = new Set<string>()
  #listening = true
  #closed = false

  constructor(host: SessionsHost, send: (message: WebSocketServerMessage) => void) {
    this.#host = host
    this.#send = send
  }

  /** Those that are open, in the order in which they came. */
  get open(): readonly SignaledSession[] {
    return [...this.#open.values()]
  }

  /** How many are open or about to be. */
  get size(): number {
    return this.#open.size + this.#opening.size
  }

  /** There is a client again: it is told how things are. */
  listen(): void {
    this.#listening = true
    // A client that does not read may lose its socket on the way.
    for (const session of this.open) if (this.#listening) session.listen()
  }

  /** There is no client for now: it is told nothing but what must not get lost. */
  unlisten(): void {
    this.#listening = false
    for (const session of this.open) session.unlisten()
  }

  /** Resolves to what is to be sent when it is done, if anything. Rejects with why it cannot be. */
  async carryOut(
    request: Exclude<WebSocketRequest, ResumeMessage>,
    upgrade: Request,
  ): Promise<WebSocketServerMessage | undefined> {
    if (request.type === 'publish' || request.type === 'view') return this.#answer(request, upgrade)
    const session = this.#open.get(request.session)
    if (session === undefined) {
      throw new BroadcastError('session-not-found', 'there is no session of that name on this connection')
    }
    if (request.type === 'layers') return session.layers(request)
    if (request.type === 'trickle') {
      const reply = await session.trickle(request)
      if (reply !== undefined) return reply
    } else if (request.type === 'layer') await session.prefer(request)
    else await session.close()
    return request.id === undefined ? undefined : { type: 'done', id: request.id, session: request.session }
  }

  /** Ends them all, also those that are about to be opened. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.open.map((session) => session.close()))
  }

  async #answer(request: Offer, upgrade: Request): Promise<undefined> {
    const { session: name, broadcast } = request
    this.#reserve(name)
    try {
      const wanted = { action: request.type, broadcast, as: request.type === 'publish' ? request.as : undefined }
      const context = await admitOffer(withToken(upgrade, request.token), this.#host.config, wanted)
      await this.#begin(request, await this.#offer(request, context), context)
    } finally {
      this.#opening.delete(name)
    }
    return undefined
  }

  #reserve(name: string): void {
    if (this.#open.has(name) || this.#opening.has(name)) {
      throw new BroadcastError('request-invalid', 'field session: a session of that name is open on this connection', {
        details: { field: 'session' },
      })
    }
    const { maxSessions } = this.#host.config
    if (this.size >= maxSessions) {
      throw new BroadcastError('limit-reached', `a connection may have ${maxSessions} sessions`, {
        details: { limit: 'maxSessions' },
      })
    }
    this.#opening.add(name)
  }

  #offer(request: Offer, context: SignalingContext): Promise<SignalingAnswer> {
    const { target } = this.#host
    if (request.type === 'publish') return target.publish(request.sdp, context)
    const layer = withinLimit(request.layer, context.layer)
    return target.view(request.sdp, {
      ...context,
      ...(layer === undefined ? {} : { layer }),
      ...(request.requireLive ? { requireLive: true } : {}),
    })
  }

  async #begin(request: Offer, { sdp, session }: SignalingAnswer, context: SignalingContext): Promise<void> {
    const { id, session: name } = request
    // Nobody is left to take the answer; the session would only wait for its timeout.
    if (this.#closed) return session.close('closed')
    const signaled = new SignaledSession({
      name,
      session,
      offer: request.sdp,
      layerLimit: context.layer,
      scheduler: this.#host.scheduler,
      send: this.#send,
      onEnd: () => this.#open.delete(name),
    })
    this.#open.set(name, signaled)
    log('websocket: session %s is a %s of %s', session.id, session.role, printable(session.broadcast))
    this.#send({ type: 'answer', ...(id === undefined ? {} : { id }), ...signaled.names, sdp })
    signaled.start(this.#listening)
  }
}
