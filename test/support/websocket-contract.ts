/** A client of the WebSocket adapter, as the signaling contract wants it; texts go over whatever socket there is. */
import type { WebSocketClientMessage, WebSocketServerMessage } from '../../src/signaling/index.js'
import type { ContractClient, ContractJoin } from '../../src/testing/index.js'

type Reply = Exclude<WebSocketServerMessage, { type: 'error' }>

interface Waiting {
  holds(message: WebSocketServerMessage): boolean
  take(message: WebSocketServerMessage): void
}

/** The client's half of the protocol: one session on one socket. */
export class WebSocketContractClient {
  readonly #waiting = new Set<Waiting>()
  readonly #ended: Promise<never>
  #end: (error: Error) => void = () => {}
  #id = 0

  /** @param transmit sends a text to the server. */
  constructor(private readonly transmit: (text: string) => void) {
    this.#ended = new Promise((_, reject) => {
      this.#end = reject
    })
    this.#ended.catch(() => {})
  }

  /** The server has sent a text. */
  receive(text: string): void {
    const message = JSON.parse(text) as WebSocketServerMessage
    for (const waiting of [...this.#waiting]) {
      if (!waiting.holds(message)) continue
      this.#waiting.delete(waiting)
      waiting.take(message)
    }
  }

  /** The socket has ended. */
  ended(code: number, reason: string): void {
    this.#end(Object.assign(new Error(`${code} ${reason}`), { code: String(code) }))
  }

  /** Joins by an offer. */
  async join({ role, broadcast, offerSdp: sdp }: ContractJoin): Promise<ContractClient> {
    const bye = this.#when(({ type }) => type === 'bye')
    const type = role === 'publisher' ? 'publish' : 'view'
    const answer = await this.#request({ type, session: 'a', broadcast, sdp })
    return {
      answerSdp: 'sdp' in answer ? answer.sdp : '',
      leave: async () => void (await this.#request({ type: 'bye', session: 'a' })),
      trickle: async (fragment) => {
        const reply = await this.#request({ type: 'trickle', session: 'a', fragment })
        return 'fragment' in reply ? reply.fragment : undefined
      },
      ended: async () => void (await bye),
    }
  }

  /** The reply to a request. Rejects with the error that the server tells instead, or if the socket ends. */
  async #request(message: WebSocketClientMessage): Promise<Reply> {
    const id = ++this.#id
    const replied = this.#when((reply) => 'id' in reply && reply.id === id)
    this.transmit(JSON.stringify({ ...message, id }))
    const reply = await Promise.race([replied, this.#ended])
    if (reply.type === 'error') throw Object.assign(new Error(reply.message), reply)
    return reply
  }

  #when(holds: Waiting['holds']): Promise<WebSocketServerMessage> {
    return new Promise((take) => this.#waiting.add({ holds, take }))
  }
}
