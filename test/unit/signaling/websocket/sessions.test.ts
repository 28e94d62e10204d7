/** What a client does with its sessions over one socket, and what it is told. */
import { describe, expect, it } from 'vitest'
import { BroadcastError } from '../../../../src/errors.js'
import type { SectionLayers } from '../../../../src/signaling/index.js'
import { OFFER, RESTART, settle, websocketScene } from './scene.js'

describe('an offer', () => {
  it.each([
    ['publish', 'publisher'],
    ['view', 'viewer'],
  ] as const)('to %s is answered, and the client told how things are', async (type, role) => {
    const { connect, target } = websocketScene()
    const socket = connect()
    expect(socket.take()).toEqual([
      {
        type: 'welcome',
        version: 1,
        resumeToken: expect.stringMatching(/^[\w-]{32}$/),
        resumeWithinMs: 30_000,
        heartbeatMs: 15_000,
        maxMessageBytes: 65_536,
      },
    ])
    socket.receive({ type, id: 1, session: 'a', broadcast: 'stage', sdp: OFFER })
    await settle()
    expect(target.calls).toEqual([{ method: type, sdp: OFFER, context: { broadcast: 'stage' } }])
    expect(socket.take()).toEqual([
      {
        type: 'answer',
        id: 1,
        session: 'a',
        sessionId: 'session-1',
        role,
        broadcast: 'stage',
        sdp: expect.stringContaining('v=0'),
      },
      { type: 'idle', session: 'a' },
    ])
  })

  it('carries what the client wants', async () => {
    const { connect, target } = websocketScene()
    const socket = connect()
    socket.receive({ type: 'publish', session: 'a', broadcast: 'stage', sdp: OFFER, as: 'slides' })
    const wishes = { layer: { maxHeight: 360 }, requireLive: true }
    socket.receive({ type: 'view', session: 'b', broadcast: 'stage', sdp: OFFER, ...wishes })
    await settle()
    expect(target.calls.map(({ context }) => context)).toEqual([
      { broadcast: 'stage', as: 'slides' },
      { broadcast: 'stage', ...wishes },
    ])
  })

  it('that fails is answered with the error, and its name is free again', async () => {
    const { connect, target } = websocketScene({ maxSessions: 1 })
    const socket = connect()
    const offer = { type: 'view', id: 'x', session: 'a', broadcast: 'stage', sdp: OFFER }
    target.failNext(new BroadcastError('not-live', 'nobody publishes', { details: { broadcast: 'stage' } }))
    target.failNext(new Error('connect ECONNREFUSED 10.0.0.7'))
    socket.receive(offer)
    socket.receive(offer)
    socket.receive({ ...offer, sdp: 'hello' })
    socket.receive(offer)
    await settle()
    const to = { type: 'error', id: 'x', session: 'a' }
    expect(socket.all('error')).toEqual([
      { ...to, code: 'not-live', message: 'nobody publishes', details: { broadcast: 'stage' } },
      { ...to, code: 'internal-error', message: 'The server failed to handle the request.' },
      { ...to, code: 'sdp-invalid', message: 'line 1: expected v=0', details: { line: 1 } },
    ])
    expect(socket.all('answer')).toHaveLength(1)
  })

  it('needs a name that is free, and a place', async () => {
    const { open, target } = websocketScene({ maxSessions: 2 })
    const { socket } = await open()
    const offer = { type: 'view', broadcast: 'stage', sdp: OFFER }
    for (const session of ['a', 'b', 'c']) socket.receive({ ...offer, session })
    await settle()
    expect(socket.all('error')).toMatchObject([
      { session: 'a', code: 'request-invalid', details: { field: 'session' } },
      { session: 'c', code: 'limit-reached', details: { limit: 'maxSessions' } },
    ])
    socket.receive({ type: 'bye', session: 'a' })
    socket.receive({ ...offer, session: 'a' })
    await settle()
    expect(target.sessions.map(({ id }) => id)).toEqual(['session-2', 'session-3'])
  })

  it('is overtaken by nothing', async () => {
    const { connect, target } = websocketScene()
    const release = target.hold()
    const socket = connect()
    socket.receive({ type: 'view', session: 'a', broadcast: 'stage', sdp: OFFER })
    socket.receive({ type: 'trickle', id: 1, session: 'a', candidate: null })
    await settle()
    expect(socket.all('error')).toEqual([])
    release()
    await settle()
    expect(socket.sent.map(({ type }) => type)).toEqual(['welcome', 'answer', 'idle', 'done'])
    expect(target.sessions[0]?.fragments).toHaveLength(1)
  })

  it('whose socket says goodbye before the answer leaves no session', async () => {
    const { connect, target, adapter } = websocketScene()
    const release = target.hold()
    const socket = connect()
    socket.receive({ type: 'view', session: 'a', broadcast: 'stage', sdp: OFFER })
    await settle()
    socket.connection?.dropped(1000)
    release()
    await settle()
    expect(target.calls).toHaveLength(1)
    expect(target.sessions).toEqual([])
    expect(adapter.connections).toBe(0)
  })
})

describe('trickle', () => {
  it('takes fragments as they are, and answers a restart with ours', async () => {
    const { open } = websocketScene()
    const { socket, session } = await open()
    const fragment = 'a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n'
    socket.receive({ type: 'trickle', session: 'a', fragment })
    socket.receive({ type: 'trickle', id: 2, session: 'a', fragment: RESTART })
    await settle()
    expect(session.fragments).toEqual([fragment, RESTART])
    expect(socket.take()).toEqual([
      { type: 'restarted', id: 2, session: 'a', fragment: expect.stringContaining('a=ice-ufrag:fake1') },
    ])
  })

  it('takes the candidates of browsers, with the credentials of the offer and then of the restart', async () => {
    const { open } = websocketScene()
    const { socket, session } = await open()
    const candidate = 'candidate:1 1 udp 2122260223 192.0.2.1 5000 typ host'
    const init = { candidate, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'abcd' }
    socket.receive({ type: 'trickle', id: 1, session: 'a', candidate: init })
    socket.receive({ type: 'trickle', id: 2, session: 'a', candidate: { candidate: '' } })
    socket.receive({ type: 'trickle', id: 3, session: 'a', fragment: RESTART })
    socket.receive({ type: 'trickle', id: 4, session: 'a', candidate: init })
    socket.receive({ type: 'trickle', id: 5, session: 'a', candidate: null })
    await settle()
    expect(session.fragments).toEqual([
      `a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=${candidate}\r\n`,
      'a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=end-of-candidates\r\n',
      RESTART,
      'a=ice-ufrag:efgh\r\na=ice-pwd:ABCDEFGHIJKLMNOPQRSTUV\r\na=end-of-candidates\r\n',
    ])
    expect(socket.sent).toMatchObject([
      { type: 'done', id: 1 },
      { type: 'done', id: 2 },
      { type: 'restarted', id: 3 },
      { type: 'error', id: 4, code: 'ice-mismatch' },
      { type: 'done', id: 5 },
    ])
  })

  it.each(['host', 'candidate:1\r\na=ice-pwd:x', 'candidate:'])('refuses %j as a candidate', async (candidate) => {
    const { open } = websocketScene()
    const { socket, session } = await open()
    socket.receive({ type: 'trickle', session: 'a', candidate: { candidate } })
    await settle()
    expect(socket.take()).toMatchObject([{ type: 'error', session: 'a', code: 'request-invalid' }])
    expect(session.fragments).toEqual([])
  })

  it('tells why a fragment is not taken', async () => {
    const { open } = websocketScene()
    const { socket } = await open()
    socket.receive({ type: 'trickle', id: 1, session: 'a', fragment: 'hello' })
    await settle()
    expect(socket.take()).toMatchObject([{ type: 'error', id: 1, session: 'a', code: 'sdp-invalid' }])
  })
})

describe('events', () => {
  it('are told as they come, by the name of the session', async () => {
    const { open } = websocketScene()
    const { socket, session } = await open()
    session.tell({ type: 'live' })
    session.tell({ type: 'viewers', count: 3 })
    session.tell({ type: 'layer' })
    session.tell({ type: 'idle' })
    await session.close('replaced')
    expect(socket.take()).toEqual([
      { type: 'live', session: 'a' },
      { type: 'viewers', session: 'a', count: 3 },
      { type: 'idle', session: 'a' },
      { type: 'bye', session: 'a', reason: 'replaced' },
    ])
    socket.receive({ type: 'bye', id: 1, session: 'a' })
    await settle()
    expect(socket.take()).toMatchObject([{ type: 'error', id: 1, code: 'session-not-found' }])
  })

  it('of each session are told apart', async () => {
    const { open, target } = websocketScene()
    const { socket } = await open('publish')
    socket.receive({ type: 'view', session: 'b', broadcast: 'main', sdp: OFFER })
    await settle()
    socket.take()
    target.sessions[1]?.tell({ type: 'live' })
    target.sessions[0]?.tell({ type: 'viewers', count: 1 })
    expect(socket.take()).toEqual([
      { type: 'live', session: 'b' },
      { type: 'viewers', session: 'a', count: 1 },
    ])
  })

  it('end with the session that its client ends', async () => {
    const { open, target } = websocketScene()
    const { socket } = await open()
    socket.receive({ type: 'bye', id: 1, session: 'a' })
    await settle()
    expect(socket.take()).toEqual([
      { type: 'bye', session: 'a', reason: 'closed' },
      { type: 'done', id: 1, session: 'a' },
    ])
    expect(target.sessions).toEqual([])
  })

  it('begin with the end where the session has ended before its answer went out', async () => {
    const { connect, target } = websocketScene()
    const view = target.view.bind(target)
    target.view = async (...args) => {
      const answer = await view(...args)
      await answer.session.close('sfu-closed')
      return answer
    }
    const socket = connect()
    socket.receive({ type: 'view', session: 'a', broadcast: 'main', sdp: OFFER })
    await settle()
    expect(socket.sent.map(({ type }) => type)).toEqual(['welcome', 'answer', 'idle', 'bye'])
  })
})

describe('layers', () => {
  const layers = (bitrateBps: number, live = true) => [
    { mid: '1', layers: [{ rid: 'h', live, bitrateBps, sublayers: [] }] },
  ]

  it('are told when asked for', async () => {
    const { open, clock } = websocketScene()
    const { socket, session } = await open()
    session.available = layers(500_000)
    socket.receive({ type: 'layers', id: 1, session: 'a' })
    await settle()
    session.available = []
    clock.advance(10_000)
    await settle()
    expect(socket.take()).toEqual([{ type: 'layers', id: 1, session: 'a', layers: layers(500_000) }])
  })

  it('are told again when they have changed, if they are watched, but not for every bitrate', async () => {
    const { open, clock } = websocketScene()
    const { socket, session } = await open()
    const step = async (ms: number) => {
      clock.advance(ms)
      await settle()
      return socket.all('layers').splice(0).length
    }
    session.available = layers(500_000)
    socket.receive({ type: 'layers', session: 'a', watch: true })
    await settle()
    socket.take()
    session.available = layers(600_000)
    expect(await step(2000)).toBe(0)
    session.available = layers(0, false)
    expect(await step(2000)).toBe(1)
    socket.receive({ type: 'layers', session: 'a', watch: false })
    await settle()
    socket.take()
    session.available = layers(600_000)
    expect(await step(10_000)).toBe(0)
  })

  it('are looked at sooner where there is a reason, but not more than once a second', async () => {
    const { open, clock } = websocketScene()
    const { socket, session } = await open()
    let looks = 0
    session.layers = async () => {
      looks++
      return []
    }
    socket.receive({ type: 'layers', session: 'a', watch: true })
    await settle()
    for (let i = 0; i < 100; i++) {
      session.tell({ type: 'layer' })
      clock.advance(100)
      await settle()
    }
    expect(looks).toBeGreaterThanOrEqual(9)
    expect(looks).toBeLessThanOrEqual(12)
  })

  it('are no longer looked at when their client goes away during a look', async () => {
    const { open, connect, scheduler, clock } = websocketScene()
    const { socket, session, resumeToken } = await open()
    socket.receive({ type: 'layers', session: 'a', watch: true })
    await settle()
    let found = (_layers: readonly SectionLayers[]): void => {}
    session.layers = () => new Promise((resolve) => (found = resolve))
    clock.advance(2000)
    socket.connection?.dropped(1006)
    found([{ mid: '1', layers: [] }])
    await settle()
    // The end of the connection, if nobody resumes.
    expect(scheduler.size).toBe(1)
    const next = connect()
    next.receive({ type: 'resume', resumeToken })
    await settle()
    expect(next.sent.map(({ type }) => type)).toEqual(['welcome', 'resumed', 'idle'])
  })

  it('are chosen for all videos, or for one', async () => {
    const { open } = websocketScene()
    const { socket, session } = await open()
    socket.receive({ type: 'layer', id: 1, session: 'a', layer: { maxRid: 'l' } })
    socket.receive({ type: 'layer', session: 'a', layer: null, mid: '1' })
    await settle()
    expect(session.preferences).toEqual([{ layer: { maxRid: 'l' } }, { layer: undefined, mid: '1' }])
    expect(socket.take()).toEqual([{ type: 'done', id: 1, session: 'a' }])
  })
})

it('a ping is answered at once, also while a request takes its time', async () => {
  const { connect, target } = websocketScene()
  target.hold()
  const socket = connect()
  socket.receive({ type: 'view', session: 'a', broadcast: 'main', sdp: OFFER })
  socket.receive({ type: 'ping', id: 9 })
  expect(socket.sent.at(-1)).toEqual({ type: 'pong', id: 9 })
})

it('close ends all sessions and sockets, and takes no more of them', async () => {
  const { adapter, open, connect, target, clock } = websocketScene()
  const { socket } = await open()
  const dropped = await open()
  dropped.socket.connection?.dropped(1006)
  await adapter.close()
  expect(socket.closed).toEqual({ code: 4410, reason: 'closed' })
  expect(target.sessions).toEqual([])
  expect([adapter.sockets, adapter.connections, clock.pending]).toEqual([0, 0, 0])
  expect(connect().closed).toEqual({ code: 4410, reason: 'closed' })
})
