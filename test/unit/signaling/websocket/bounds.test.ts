/** What a client can make the server do is bounded: sizes, rates, memory, and time without a word. */
import { expect, it, vi } from 'vitest'
import { OFFER, settle, websocketScene } from './scene.js'

const view = (session: string, sdp = OFFER) => ({ type: 'view', session, broadcast: 'main', sdp })

it.each([
  ['in characters', 'x'.repeat(2000)],
  ['in bytes', 'ü'.repeat(900)],
])('a message that is too large closes the socket, counted %s', async (_how, sdp) => {
  const { open, target, adapter } = websocketScene({ maxMessageBytes: 1500 })
  const { socket, session } = await open()
  socket.receive(view('b', sdp))
  await settle()
  expect(socket.closed).toEqual({ code: 4413, reason: 'too-large' })
  expect([adapter.sockets, adapter.connections, target.calls.length]).toEqual([0, 1, 1])
  expect(session.closeReason).toBeUndefined()
})

it('a binary message closes it', () => {
  const { connect } = websocketScene()
  const socket = connect()
  socket.connection?.receive(Buffer.from('{"type":"ping"}'))
  expect(socket.closed).toEqual({ code: 4415, reason: 'binary' })
})

it('messages may come in a burst, but not for long', () => {
  const { connect, clock } = websocketScene({ messagesPerSecond: 10, messageBurst: 5 })
  const socket = connect()
  socket.receive({ type: 'ping' })
  for (let i = 0; i < 100; i++) {
    clock.advance(100)
    socket.receive({ type: 'ping' })
  }
  expect(socket.closed).toBeUndefined()
  for (let i = 0; i < 5; i++) socket.receive({ type: 'ping' })
  expect(socket.closed).toEqual({ code: 4429, reason: 'too-fast' })
  const pongs = socket.all('pong').length
  socket.receive({ type: 'ping' })
  expect(socket.all('pong')).toHaveLength(pongs)
})

it('messages that are none count, too', () => {
  const { connect } = websocketScene({ messageBurst: 5 })
  const socket = connect()
  for (let i = 0; i < 6; i++) socket.receive('{')
  expect(socket.all('error')).toHaveLength(5)
  expect(socket.closed).toEqual({ code: 4429, reason: 'too-fast' })
})

it('requests that wait for a slow one take so much memory and no more', async () => {
  const { connect, target } = websocketScene({ maxPendingBytes: 10_000, messageBurst: 1000 })
  target.hold()
  const socket = connect()
  let taken = 0
  while (socket.closed === undefined && taken < 1000) {
    socket.receive({ type: 'trickle', session: 'a', candidate: null })
    taken++
    if (taken === 1) socket.receive(view('a'))
    await settle()
  }
  expect(taken).toBeLessThan(20)
  expect(socket.closed).toEqual({ code: 4429, reason: 'too-fast' })
})

it('a client that does not read loses its socket, but not its session', async () => {
  const { open, connect } = websocketScene({ maxBufferedBytes: 5000 })
  const { socket, session, resumeToken } = await open()
  socket.bufferedAmount = 5000
  session.tell({ type: 'live' })
  expect(socket.take()).toHaveLength(1)
  socket.bufferedAmount = 5001
  session.tell({ type: 'idle' })
  expect([socket.take(), socket.closed]).toEqual([[], 'terminated'])
  const next = connect()
  next.receive({ type: 'resume', resumeToken })
  await settle()
  expect(next.last('idle')).toEqual({ type: 'idle', session: 'a' })
})

it.each([
  ['resumed', []],
  ['idle', ['idle']],
] as const)('a client that stops reading behind the first "%s" is told no more', async (type, told) => {
  const { open, connect, target } = websocketScene({ maxBufferedBytes: 5000 })
  const { socket, resumeToken } = await open()
  socket.receive(view('b'))
  await settle()
  for (const session of target.sessions) session.tell({ type: 'viewers', count: 1 })
  const next = connect()
  const send = next.send.bind(next)
  next.send = (text) => {
    send(text)
    if (text.includes(`"${type}"`)) next.bufferedAmount = 10_000
  }
  next.receive({ type: 'resume', resumeToken })
  await settle()
  expect(next.closed).toBe('terminated')
  expect(next.sent.map(({ type }) => type)).toEqual(['welcome', 'resumed', ...told])
  const last = connect()
  last.receive({ type: 'resume', resumeToken })
  await settle()
  expect(last.sent.map(({ type }) => type)).toEqual(['welcome', 'resumed', 'idle', 'viewers', 'idle', 'viewers'])
})

it('a socket that throws is a dropped one', async () => {
  const { open, adapter } = websocketScene()
  const { socket, session } = await open()
  socket.send = () => {
    throw new Error('closed under our feet')
  }
  session.tell({ type: 'live' })
  expect([adapter.sockets, adapter.connections, session.closeReason]).toEqual([0, 1, undefined])
})

it('further sockets are refused, until others are gone', () => {
  const { connect, adapter } = websocketScene({ maxSockets: 2 })
  const [first, second, third] = [connect(), connect(), connect()]
  expect(third.closed).toEqual({ code: 4503, reason: 'full' })
  expect([first.closed, second.closed, adapter.sockets]).toEqual([undefined, undefined, 2])
  first.connection?.dropped(1006)
  expect(connect().closed).toBeUndefined()
})

it('a client that is silent is pinged, and then dropped', async () => {
  const { open, clock, adapter } = websocketScene({ heartbeatMs: 1000 })
  const { socket, session } = await open()
  for (let i = 0; i < 10; i++) {
    clock.advance(1000)
    expect(socket.take()).toEqual([{ type: 'ping' }])
    clock.advance(999)
    socket.receive({ type: 'pong' })
  }
  clock.advance(1000)
  expect(socket.take()).toEqual([{ type: 'ping' }])
  clock.advance(1000)
  expect([socket.closed, adapter.sockets, session.closeReason]).toEqual(['terminated', 0, undefined])
})

it('a client that talks is not pinged', async () => {
  const { connect, clock } = websocketScene({ heartbeatMs: 1000 })
  const socket = connect()
  for (let i = 0; i < 20; i++) {
    clock.advance(900)
    socket.receive({ type: 'ping' })
  }
  expect(socket.all('ping')).toEqual([])
})

it('a thousand sockets cost one timer', () => {
  const { connect, clock } = websocketScene()
  for (let i = 0; i < 1000; i++) connect()
  expect(clock.pending).toBe(1)
})

it('a socket with events needs nobody to feed it', async () => {
  const { adapter, target } = websocketScene()
  const listeners = new Map<string, (event: { data?: unknown; code?: number }) => void>()
  const send = vi.fn()
  adapter.accept({
    send,
    close() {},
    addEventListener: (type: string, listener: (event: never) => void) => void listeners.set(type, listener as never),
  })
  listeners.get('message')?.({ data: JSON.stringify(view('a')) })
  await settle()
  expect(target.sessions).toHaveLength(1)
  listeners.get('error')?.({})
  listeners.get('close')?.({ code: 1000 })
  expect(target.sessions).toHaveLength(0)
})
