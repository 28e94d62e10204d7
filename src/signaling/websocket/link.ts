/** One socket, with everything that bounds what its client can make us do. */
import { createLog } from '../../util/log.js'
import type { Scheduler } from '../../util/scheduler.js'
import { TokenBucket } from '../../util/token-bucket.js'
import { CLOSE_CODES, type CloseWord, isGoodbye, WITHOUT_HANDSHAKE } from './close-codes.js'
import { errorMessage } from './error-message.js'
import { Heartbeat } from './heartbeat.js'
import type { WebSocketRequest, WebSocketServerMessage } from './messages.js'
import { readMessage } from './read-message.js'
import { RequestQueue } from './request-queue.js'
import type { WebSocketLike } from './websocket-like.js'
import type { WebSocketConfig } from './websocket-options.js'

const log = createLog('signaling')

/** The connection that a link belongs to, until another one resumes. */
export interface LinkOwner {
  /** Carries out a request; the next one of the link waits for it. Never rejects. */
  handle(request: WebSocketRequest, link: Link): Promise<void>
  /** The socket is gone; `isGoodbye` if the client has closed it in good order. */
  onDropped(link: Link, isGoodbye: boolean): void
}

/** Reads and writes messages, until it is closed by either side. */
export class Link {
  owner: LinkOwner
  readonly #socket: WebSocketLike
  readonly #config: WebSocketConfig
  readonly #scheduler: Scheduler
  readonly #heartbeat: Heartbeat
  readonly #bucket: TokenBucket
  readonly #queue: RequestQueue<WebSocketRequest>
  #isOpen = true

  constructor(
    socket: WebSocketLike,
    /** The upgrade request. */
    readonly request: Request,
    owner: LinkOwner,
    config: WebSocketConfig,
    scheduler: Scheduler,
    /** Called once, when the socket is closed by either side. */
    private readonly onClosed: () => void = () => {},
  ) {
    this.owner = owner
    this.#socket = socket
    this.#config = config
    this.#scheduler = scheduler
    this.#bucket = new TokenBucket(config.messageBurst)
    this.#queue = new RequestQueue(config.maxPendingBytes, (waiting) => this.owner.handle(waiting, this))
    this.#heartbeat = new Heartbeat(scheduler, config.heartbeatMs, {
      onQuiet: () => this.send({ type: 'ping' }),
      onLost: () => this.close('silent'),
    })
  }

  /** False once either side has closed it. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** A message has come. */
  receive(data: unknown): void {
    if (!this.#isOpen) return
    this.#heartbeat.heard()
    if (typeof data !== 'string') return this.close('binary')
    if (isLonger(data, this.#config.maxMessageBytes)) return this.close('too-large')
    this.#bucket.refill(this.#config.messagesPerSecond, this.#scheduler.clock.nowMs())
    if (!this.#bucket.take(1)) return this.close('too-fast')
    const read = readMessage(data)
    if ('error' in read) return this.send(errorMessage(read.error, read.correlation))
    const { message } = read
    if (message.type === 'ping') this.send({ ...message, type: 'pong' })
    else if (message.type !== 'pong' && !this.#queue.add(message, data.length)) this.close('too-fast')
  }

  /** The socket has ended. */
  dropped(code?: number): void {
    if (this.#isOpen) this.#end(isGoodbye(code))
  }

  /** Sends a message, unless the socket is gone or its client does not read. */
  send(message: WebSocketServerMessage): void {
    if (!this.#isOpen) return
    if ((this.#socket.bufferedAmount ?? 0) > this.#config.maxBufferedBytes) return this.close('slow')
    try {
      this.#socket.send(JSON.stringify(message))
    } catch (error) {
      log('sending failed: %O', error)
      this.#end(false)
    }
  }

  /** Closes the socket from our side. */
  close(word: CloseWord): void {
    if (!this.#isOpen) return
    log('socket closed: %s', word)
    try {
      if (WITHOUT_HANDSHAKE.has(word) && this.#socket.terminate) this.#socket.terminate()
      else this.#socket.close(CLOSE_CODES[word], word)
    } catch (error) {
      log('closing failed: %O', error)
    }
    this.#end(false)
  }

  #end(goodbye: boolean): void {
    this.#isOpen = false
    this.#heartbeat.stop()
    this.#queue.clear()
    this.onClosed()
    this.owner.onDropped(this, goodbye)
  }
}

/** Whether `text` has more bytes than that in UTF-8, counted only where it is not plain anyway. */
function isLonger(text: string, maxBytes: number): boolean {
  return text.length > maxBytes || (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes)
}
