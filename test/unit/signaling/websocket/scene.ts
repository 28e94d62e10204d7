/** The adapter on virtual time with a fake target, and sockets that write down what they are sent. */
import type {
  UpgradeRequestLike,
  WebSocketConnection,
  WebSocketServerMessage,
} from '../../../../src/signaling/index.js'
import {
  type WebSocketSignalingOptions,
  webSocketConfig,
} from '../../../../src/signaling/websocket/websocket-options.js'
import { WebSocketAdapter } from '../../../../src/signaling/websocket/websocket-signaling.js'
import { type FakeSession, fakeTarget } from '../../../../src/testing/index.js'
import { VirtualClock } from '../../../../src/testing/virtual-clock.js'
import { Scheduler } from '../../../../src/util/scheduler.js'

type Message<Type extends WebSocketServerMessage['type']> = Extract<WebSocketServerMessage, { type: Type }>

/** A socket without events, which is fed by its connection. */
export class FakeSocket {
  readonly sent: WebSocketServerMessage[] = []
  /** What the server has closed it with. */
  closed: { readonly code: number; readonly reason: string } | 'terminated' | undefined
  bufferedAmount = 0
  connection: WebSocketConnection | undefined

  send(text: string): void {
    if (this.closed !== undefined) throw new Error('sent to a closed socket')
    this.sent.push(JSON.parse(text) as WebSocketServerMessage)
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason }
  }

  terminate(): void {
    this.closed = 'terminated'
  }

  /** The client sends that. */
  receive(message: unknown): void {
    this.connection?.receive(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** The messages of a type, in order. */
  all<Type extends WebSocketServerMessage['type']>(type: Type): Message<Type>[] {
    return this.sent.filter((message): message is Message<Type> => message.type === type)
  }

  /** The newest one; throws if there is none. */
  last<Type extends WebSocketServerMessage['type']>(type: Type): Message<Type> {
    const message = this.all(type).at(-1)
    if (message === undefined) throw new Error(`no ${type} among ${JSON.stringify(this.sent)}`)
    return message
  }

  /** Takes what was sent since the last call. */
  take(): WebSocketServerMessage[] {
    return this.sent.splice(0)
  }
}

/** Lets everything run that waits for nothing but its turn. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

export function websocketScene(options: WebSocketSignalingOptions = {}) {
  const clock = new VirtualClock()
  const scheduler = new Scheduler(clock, clock)
  const target = fakeTarget()
  const adapter = new WebSocketAdapter(target, webSocketConfig(options), scheduler)
  const connect = (request?: UpgradeRequestLike): FakeSocket => {
    const socket = new FakeSocket()
    socket.connection = adapter.accept(socket, request)
    return socket
  }
  return {
    clock,
    scheduler,
    target,
    adapter,
    connect,
    /** A socket with an open session, and what it was sent up to then taken. */
    async open(type: 'publish' | 'view' = 'view', session = 'a', request?: UpgradeRequestLike) {
      const socket = connect(request)
      socket.receive({ type, session, broadcast: 'main', sdp: OFFER })
      await settle()
      const { resumeToken } = socket.last('welcome')
      socket.take()
      return { socket, resumeToken, session: target.sessions.at(-1) as FakeSession }
    },
  }
}

export const OFFER = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:abcdefghijklmnopqrstuv',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:0',
  '',
].join('\r\n')

/** New credentials: an ICE restart. */
export const RESTART = 'a=ice-ufrag:efgh\r\na=ice-pwd:ABCDEFGHIJKLMNOPQRSTUV\r\na=end-of-candidates\r\n'
