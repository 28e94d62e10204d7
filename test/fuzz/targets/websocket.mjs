/**
 * Messages to the WebSocket adapter, one per line, from two sockets in turns. A line may also be `+` and milliseconds that pass, `-` and the code
 * that a socket is dropped with, or `!` for a resume of the other one's connection. Nothing is thrown, everything is bounded, nothing is left in the end.
 */
import { CLOSE_CODES } from '../../../dist/signaling/websocket/close-codes.js'
import { webSocketConfig } from '../../../dist/signaling/websocket/websocket-options.js'
import { WebSocketAdapter } from '../../../dist/signaling/websocket/websocket-signaling.js'
import { fakeTarget } from '../../../dist/testing/fake-target.js'
import { VirtualClock } from '../../../dist/testing/virtual-clock.js'
import { Scheduler } from '../../../dist/util/scheduler.js'
import { mutateLines } from '../engine/mutate-lines.mjs'
import { must } from '../engine/oracles.mjs'

const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-ufrag:abcd\r\n'
const FRAGMENT =
  'a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\n'
const MAX_SESSIONS = 2
const CODES = new Set(Object.values(CLOSE_CODES))
const REPLIES = new Set([
  'welcome',
  'answer',
  'done',
  'restarted',
  'layers',
  'resumed',
  'error',
  'live',
  'idle',
  'viewers',
  'bye',
  'ping',
  'pong',
])

const lines = (...messages) =>
  Buffer.from(messages.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\r\n'))
const seeds = () => [
  lines(
    { type: 'publish', id: 1, session: 'a', broadcast: 'main', sdp: SDP, as: 'camera' },
    {
      type: 'view',
      id: 'x',
      session: 'b',
      broadcast: 'main',
      sdp: SDP,
      token: 't',
      layer: { maxHeight: 360 },
      requireLive: true,
    },
    { type: 'trickle', id: 2, session: 'a', fragment: FRAGMENT },
    {
      type: 'trickle',
      session: 'b',
      candidate: { candidate: 'candidate:1 1 udp 1 192.0.2.1 5 typ host', usernameFragment: 'abcd' },
    },
    { type: 'layer', id: 3, session: 'b', layer: { maxRid: 'h', maxTemporalId: 1, maxBitrateBps: 300_000 }, mid: '1' },
    { type: 'layers', id: 4, session: 'b', watch: true },
    { type: 'bye', id: 5, session: 'a' },
  ),
  lines(
    { type: 'view', session: 'a', broadcast: 'main', sdp: SDP },
    '-1006',
    '!',
    '+31000',
    { type: 'ping', id: 1 },
    { type: 'pong' },
  ),
  lines('+15000', '+15000', { type: 'resume', resumeToken: 'none' }, 'nonsense', '[]', '{"type":"__proto__"}', '-1000'),
]

class FakeSocket {
  closed = false
  sent = 0
  welcome = undefined
  connection = undefined

  send(text) {
    must(!this.closed, 'nothing is sent to a closed socket')
    must(text.length < 20_000, 'a reply is not out of proportion')
    const message = JSON.parse(text)
    must(REPLIES.has(message.type), `a reply of the type ${message.type}`)
    must(message.code !== 'internal-error', `an error of our own: ${text}`)
    if (message.type === 'welcome') this.welcome = message
    this.sent++
  }

  close(code, reason) {
    must(!this.closed && CODES.has(code) && reason.length < 100, `closed with ${code} ${reason}`)
    this.closed = true
  }

  terminate() {
    this.closed = true
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

function perform(line, socket, other, clock) {
  if (line[0] === '+') clock.advance(Math.min(60_000, Math.abs(Number.parseInt(line.slice(1), 10)) || 0))
  else if (line[0] === '-') {
    socket.closed = true
    socket.connection.dropped(Number.parseInt(line.slice(1), 10) || undefined)
  } else if (line === '!') {
    socket.connection.receive(JSON.stringify({ type: 'resume', resumeToken: other.welcome?.resumeToken }))
  } else socket.connection.receive(line)
}

async function run(input) {
  const clock = new VirtualClock()
  const target = fakeTarget()
  const config = webSocketConfig({ maxSessions: MAX_SESSIONS, maxSockets: 2, maxMessageBytes: 4096, messageBurst: 40 })
  const adapter = new WebSocketAdapter(target, config, new Scheduler(clock, clock))
  const open = () => {
    const socket = new FakeSocket()
    socket.connection = adapter.accept(socket, { headers: { host: 'localhost' }, url: '/?token=t' })
    return socket
  }
  const sockets = [open(), open()]
  for (const [i, line] of input.toString('utf8').split('\r\n').slice(0, 60).entries()) {
    const which = i % 3 === 2 ? 1 : 0
    if (sockets[which].closed) sockets[which] = open()
    perform(line, sockets[which], sockets[1 - which], clock)
    if (i % 4 === 3) await settle()
    must(adapter.sockets <= 2, 'sockets are bounded')
    must(clock.pending <= 1, 'there is one timer for all')
  }
  await settle()
  must(target.sessions.length <= MAX_SESSIONS * adapter.connections, 'sessions are bounded')
  for (const socket of sockets) {
    must(socket.sent <= 200, 'what is sent is in proportion to what came')
    socket.closed = true
    socket.connection.dropped(1006)
  }
  await settle()
  clock.advance(60_000)
  await settle()
  must(adapter.sockets + adapter.connections + target.sessions.length === 0, 'nothing is left')
}

export const target = { seeds, mutate: mutateLines, maxLength: 6000, run }
