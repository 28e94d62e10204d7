/** Signaling over WebSockets: JSON messages, as `docs/signaling.md` describes them. */
import type { SignalingTarget } from '../../broadcast/signaling-target.js'
import { createLog } from '../../util/log.js'
import { Scheduler } from '../../util/scheduler.js'
import { CLOSE_CODES, type CloseWord } from './close-codes.js'
import { Connection, type ConnectionHost } from './connection.js'
import { Link } from './link.js'
import { upgradeRequest } from './upgrade-request.js'
import type { UpgradeRequestLike, WebSocketConnection, WebSocketLike } from './websocket-like.js'
import { type WebSocketConfig, type WebSocketSignalingOptions, webSocketConfig } from './websocket-options.js'

const log = createLog('signaling')

/** What {@link webSocketSignaling} makes. */
export interface WebSocketSignaling {
  /**
   * Takes an open socket, and the HTTP request that opened it: without that, nothing is known of the client, and its token must be in its
   * messages. Never throws.
   */
  accept(socket: WebSocketLike, request?: UpgradeRequestLike): WebSocketConnection
  /** Open sockets. */
  readonly sockets: number
  /** Connections: those of the sockets, and those whose sessions wait for a `resume`. */
  readonly connections: number
  /** Closes all sockets with 4410 and ends their sessions; later sockets are closed, too. Idempotent. Resolves when the sessions are gone. */
  close(): Promise<void>
}

/**
 * Signaling over WebSockets, for whatever WebSocket server there is. Several sessions share a socket, and outlive it for a while if it is dropped.
 *
 * Let the server refuse large messages by itself, before they are in memory: `maxPayload` of `ws`. Throws `option-invalid`.
 *
 * @example
 * ```ts
 * const signaling = webSocketSignaling(new Sfu())
 * const server = new WebSocketServer({ port: 8080, maxPayload: 65_536 })
 * server.on('connection', (socket, request) => signaling.accept(socket, request))
 * ```
 */
export function webSocketSignaling(
  target: SignalingTarget,
  options: WebSocketSignalingOptions = {},
): WebSocketSignaling {
  const onError = (error: unknown): void => log('a deadline failed: %O', error)
  return new WebSocketAdapter(target, webSocketConfig(options), new Scheduler(undefined, undefined, onError))
}

/** The adapter with its time handed in. */
export class WebSocketAdapter implements WebSocketSignaling, ConnectionHost {
  readonly #links = new Set<Link>()
  readonly #connections = new Map<string, Connection>()
  #closed = false

  constructor(
    readonly target: SignalingTarget,
    readonly config: WebSocketConfig,
    readonly scheduler: Scheduler,
  ) {}

  get sockets(): number {
    return this.#links.size
  }

  get connections(): number {
    return this.#connections.size
  }

  accept(socket: WebSocketLike, request: UpgradeRequestLike = {}): WebSocketConnection {
    if (this.#closed) return refuse(socket, 'closed')
    if (this.#links.size >= this.config.maxSockets) return refuse(socket, 'full')
    let upgrade: Request | undefined
    try {
      upgrade = upgradeRequest(request, this.config)
    } catch (error) {
      log('upgrade request: %O', error)
      return refuse(socket, 'request')
    }
    return upgrade === undefined ? refuse(socket, 'origin') : this.#accept(socket, upgrade)
  }

  connection(resumeToken: string): Connection | undefined {
    return this.#connections.get(resumeToken)
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection.resumeToken)
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#connections.values()].map((connection) => connection.end()))
    this.scheduler.close()
  }

  #accept(socket: WebSocketLike, request: Request): WebSocketConnection {
    const connection = new Connection(this)
    const link = new Link(socket, request, connection, this.config, this.scheduler, () => this.#links.delete(link))
    this.#links.add(link)
    this.#connections.set(connection.resumeToken, connection)
    listenTo(socket, link)
    connection.start(link)
    return link
  }
}

function listenTo(socket: WebSocketLike, link: Link): void {
  socket.addEventListener?.('message', ({ data }) => link.receive(data))
  socket.addEventListener?.('close', ({ code }) => link.dropped(code))
  // An error is always followed by the end of the socket; but `ws` would end the process if nobody listened.
  socket.addEventListener?.('error', (error) => log('socket failed: %O', error))
}

function refuse(socket: WebSocketLike, word: CloseWord): WebSocketConnection {
  log('socket refused: %s', word)
  socket.addEventListener?.('error', () => {})
  try {
    socket.close(CLOSE_CODES[word], word)
  } catch (error) {
    log('closing failed: %O', error)
  }
  return { receive() {}, dropped() {} }
}
