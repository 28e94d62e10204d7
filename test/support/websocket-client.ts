/** A client of the WebSocket protocol over `ws`, for tests. */
import { WebSocket } from 'ws'
import type { WebSocketClientMessage, WebSocketServerMessage } from '../../src/signaling/index.js'
import { waitFor } from './wait-for.js'

type Message<Type extends WebSocketServerMessage['type']> = Extract<WebSocketServerMessage, { type: Type }>

/** Answers pings by itself, unless told otherwise, and keeps everything else until it is asked for. */
export class WebSocketClient {
  readonly socket: WebSocket
  readonly #received: WebSocketServerMessage[] = []
  answersPings = true
  /** The code of the close frame, once there is one. */
  closeCode: number | undefined

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, { headers })
    this.socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as WebSocketServerMessage
      if (message.type === 'ping' && this.answersPings) this.send({ type: 'pong' })
      else if (message.type !== 'ping') this.#received.push(message)
    })
    this.socket.on('close', (code) => {
      this.closeCode = code
    })
    this.socket.on('error', () => {})
  }

  send(message: WebSocketClientMessage): void {
    this.socket.send(JSON.stringify(message))
  }

  /** The next message of that type; those before it are dropped. An error is thrown, unless it is what is waited for. */
  async next<Type extends WebSocketServerMessage['type']>(type: Type): Promise<Message<Type>> {
    for (;;) {
      await waitFor(`a message of type ${type}`, () => this.#received.length > 0)
      const message = this.#received.shift() as WebSocketServerMessage
      if (message.type === type) return message as Message<Type>
      if (message.type === 'error') throw new Error(`${message.code}: ${message.message}`)
    }
  }
}
