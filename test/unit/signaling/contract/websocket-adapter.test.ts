/** The WebSocket adapter keeps the contract that applications test theirs with; each client has a socket of its own. */
import { describe, it } from 'vitest'
import {
  type WebSocketClientMessage,
  type WebSocketConnection,
  type WebSocketServerMessage,
  webSocketSignaling,
} from '../../../../src/signaling/index.js'
import { signalingContract } from '../../../../src/testing/index.js'

type Reply = Exclude<WebSocketServerMessage, { type: 'error' }>

/** The client's end of a socket in memory. */
class SocketClient {
  connection: WebSocketConnection | undefined
  #id = 0
  readonly #waiting: {
    holds(message: WebSocketServerMessage): boolean
    take(message: WebSocketServerMessage): void
  }[] = []
  #end: (error: Error) => void = () => {}
  readonly #ended = new Promise<never>((_, reject) => {
    this.#end = reject
  })

  constructor() {
    this.#ended.catch(() => {})
  }

  /** What the server sends. */
  send(text: string): void {
    const message = JSON.parse(text) as WebSocketServerMessage
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.holds(message)) waiting.take(message)
      else this.#waiting.push(waiting)
    }
  }

  /** The server ends the socket. */
  close(code: number, reason: string): void {
    this.#end(Object.assign(new Error(`${code} ${reason}`), { code: String(code) }))
  }

  /** The reply to a request. Rejects with the error that the server tells instead, or if it ends the socket. */
  async request(message: WebSocketClientMessage): Promise<Reply> {
    const id = ++this.#id
    const replied = this.when((reply) => 'id' in reply && reply.id === id)
    this.connection?.receive(JSON.stringify({ ...message, id }))
    const reply = await Promise.race([replied, this.#ended])
    if (reply.type === 'error') throw Object.assign(new Error(reply.message), reply)
    return reply
  }

  when(holds: (message: WebSocketServerMessage) => boolean): Promise<WebSocketServerMessage> {
    return new Promise((take) => this.#waiting.push({ holds, take }))
  }
}

describe('webSocketSignaling', () => {
  const contract = signalingContract(({ target, authorize }) => {
    const signaling = webSocketSignaling(target, { authorize, resumeWithinMs: 0 })
    return {
      async join({ role, broadcast, offerSdp: sdp, token, signal }) {
        const client = new SocketClient()
        const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
        client.connection = signaling.accept(client, { url: '/', headers })
        signal.addEventListener('abort', () => client.connection?.dropped(1006))
        const ended = client.when(({ type }) => type === 'bye')
        const type = role === 'publisher' ? 'publish' : 'view'
        const answer = await client.request({ type, session: 'a', broadcast, sdp })
        return {
          answerSdp: 'sdp' in answer ? answer.sdp : '',
          async leave() {
            await client.request({ type: 'bye', session: 'a' })
          },
          async trickle(fragment) {
            const reply = await client.request({ type: 'trickle', session: 'a', fragment })
            return 'fragment' in reply ? reply.fragment : undefined
          },
          async ended() {
            await ended
          },
        }
      },
      close: () => signaling.close(),
    }
  })
  for (const { name, run } of contract) it(name, run)
})
