/**
 * What a client has with us, over one socket after the other.
 *
 *     attached --(socket dropped)--> waiting --(resume)--> attached
 *         \                             |
 *          +--(goodbye)--> ended <--(resumeWithinMs)
 *
 * Its sessions do not notice which of it is the case: media has a path of its own.
 */
import { randomBytes } from 'node:crypto'
import { BroadcastError } from '../../errors.js'
import { createLog } from '../../util/log.js'
import type { Deadline } from '../../util/scheduler.js'
import { admitToSession } from '../admission.js'
import { ConnectionSessions, type SessionsHost } from './connection-sessions.js'
import { errorMessage } from './error-message.js'
import type { Link, LinkOwner } from './link.js'
import type { ResumeMessage, WebSocketRequest, WebSocketServerMessage } from './messages.js'
import { withToken } from './upgrade-request.js'

const log = createLog('signaling')

const RESUME_TOKEN_BYTES = 24

/** What a connection needs of the adapter. */
export interface ConnectionHost extends SessionsHost {
  /** The connection of that token, unless it has ended. */
  connection(resumeToken: string): Connection | undefined
  /** It has ended. */
  forget(connection: Connection): void
}

/** The state machine of a connection; sockets and time are handed in. */
export class Connection implements LinkOwner {
  readonly resumeToken = randomBytes(RESUME_TOKEN_BYTES).toString('base64url')
  readonly #host: ConnectionHost
  readonly #sessions: ConnectionSessions
  /** What must not get lost while there is no socket: replies to what is under way, and a `bye` per session. */
  #outbox: WebSocketServerMessage[] = []
  #link: Link | undefined
  #expiry: Deadline | undefined
  #ended = false

  constructor(host: ConnectionHost) {
    this.#host = host
    this.#sessions = new ConnectionSessions(host, (message) => this.#send(message))
  }

  /** Begins on its first socket. */
  start(link: Link): void {
    const { resumeWithinMs, heartbeatMs, maxMessageBytes } = this.#host.config
    const { resumeToken } = this
    this.#link = link
    this.#send({ type: 'welcome', version: 1, resumeToken, resumeWithinMs, heartbeatMs, maxMessageBytes })
  }

  /** Ends it with all its sessions. Idempotent; resolves when they are gone. */
  async end(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    this.#expiry?.cancel()
    this.#outbox = []
    this.#host.forget(this)
    this.#link?.close('closed')
    await this.#sessions.close()
  }

  onDropped(link: Link, isGoodbye: boolean): void {
    if (link !== this.#link) return
    this.#link = undefined
    this.#sessions.unlisten()
    if (this.#ended) return
    const { config, scheduler } = this.#host
    if (isGoodbye || this.#sessions.size === 0 || config.resumeWithinMs === 0) this.#finish()
    else this.#expiry = scheduler.after(config.resumeWithinMs, () => this.#finish())
  }

  async handle(request: WebSocketRequest, link: Link): Promise<void> {
    try {
      if (request.type === 'resume') return await this.#resume(request, link)
      const reply = await this.#sessions.carryOut(request, link.request)
      if (reply !== undefined) this.#send(reply)
    } catch (error) {
      const { id } = request
      const session = 'session' in request ? { session: request.session } : {}
      this.#send(errorMessage(error, { ...(id === undefined ? {} : { id }), ...session }))
    }
  }

  /** Hands the socket over to the connection that `request` names; this one has no more use then. */
  async #resume(request: ResumeMessage, link: Link): Promise<void> {
    if (this.#sessions.size > 0) {
      throw new BroadcastError('request-invalid', 'resume must come before the offers on a socket')
    }
    const from = withToken(link.request, request.token)
    for (const { session } of this.#other(request).#sessions.open) {
      await admitToSession(from, this.#host.config, session)
    }
    // It may have ended meanwhile, and so may the socket.
    const other = this.#other(request)
    if (!link.isOpen) return
    this.#link = undefined
    this.#finish()
    link.owner = other
    other.#attach(link, request)
  }

  #other({ resumeToken }: ResumeMessage): Connection {
    const other = this.#host.connection(resumeToken)
    if (other !== undefined && other !== this) return other
    throw new BroadcastError('session-not-found', 'there is nothing to resume; it may have ended')
  }

  #attach(link: Link, { id }: ResumeMessage): void {
    const old = this.#link
    this.#link = link
    this.#expiry?.cancel()
    // The client knows better than we do that it is dead.
    old?.close('resumed')
    const { resumeToken } = this
    const sessions = this.#sessions.open.map((session) => session.state)
    this.#send({ type: 'resumed', ...(id === undefined ? {} : { id }), resumeToken, sessions })
    const waiting = this.#outbox
    this.#outbox = []
    for (const message of waiting) this.#send(message)
    if (this.#link === link) this.#sessions.listen()
  }

  #send(message: WebSocketServerMessage): void {
    if (this.#link !== undefined) this.#link.send(message)
    else if (!this.#ended) this.#outbox.push(message)
  }

  #finish(): void {
    this.end().catch((error: unknown) => log('ending a connection: %O', error))
  }
}
