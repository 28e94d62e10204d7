/** Sessions outlive their socket, and find their client again. */
import { expect, it } from 'vitest'
import { OFFER, RESTART, settle, websocketScene } from './scene.js'

const RESUME_MS = 30_000

async function resume(scene: ReturnType<typeof websocketScene>, resumeToken: string) {
  const socket = scene.connect()
  socket.take()
  socket.receive({ type: 'resume', id: 1, resumeToken })
  await settle()
  return socket
}

it('a dropped socket is replaced by another one; the session does not notice', async () => {
  const scene = websocketScene()
  const { socket, session, resumeToken } = await scene.open('publish')
  session.tell({ type: 'live' })
  socket.connection?.dropped(1006)
  session.state = 'connected'
  session.tell({ type: 'viewers', count: 5 })
  scene.clock.advance(RESUME_MS - 1)
  const next = await resume(scene, resumeToken)
  expect(next.take()).toEqual([
    {
      type: 'resumed',
      id: 1,
      resumeToken,
      sessions: [{ session: 'a', sessionId: session.id, role: 'publisher', broadcast: 'main', state: 'connected' }],
    },
    { type: 'live', session: 'a' },
    { type: 'viewers', session: 'a', count: 5 },
  ])
  next.receive({ type: 'trickle', session: 'a', fragment: RESTART })
  await settle()
  expect(next.take()).toMatchObject([{ type: 'restarted', session: 'a' }])
  scene.clock.advance(14_000)
  expect([session.closeReason, scene.adapter.connections, scene.adapter.sockets]).toEqual([undefined, 1, 1])
})

it('a client that was away hears that its session has to go elsewhere', async () => {
  const scene = websocketScene()
  const { socket, session, resumeToken } = await scene.open()
  session.tell({ type: 'reconnect' })
  expect(socket.all('reconnect')).toEqual([{ type: 'reconnect', session: 'a' }])
  socket.connection?.dropped(1006)
  const next = await resume(scene, resumeToken)
  expect(next.all('reconnect')).toEqual([{ type: 'reconnect', session: 'a' }])
})

it('sessions whose client does not come back end in time', async () => {
  const scene = websocketScene()
  const { socket, session, resumeToken } = await scene.open()
  socket.connection?.dropped(1006)
  scene.clock.advance(RESUME_MS)
  expect([session.closeReason, scene.adapter.connections, scene.clock.pending]).toEqual(['closed', 0, 0])
  const next = await resume(scene, resumeToken)
  expect(next.take()).toMatchObject([{ type: 'error', id: 1, code: 'session-not-found' }])
  // The new socket is as good as any.
  next.receive({ type: 'view', session: 'a', broadcast: 'main', sdp: OFFER })
  await settle()
  expect(next.all('answer')).toHaveLength(1)
})

it.each([
  ['says 1000', {}, 1000],
  ['says nothing in its close frame', {}, 1005],
  ['is dropped where nothing is kept', { resumeWithinMs: 0 }, 1006],
] as const)('sessions end at once with a socket that %s', async (_what, options, code) => {
  const scene = websocketScene(options)
  const { socket, session } = await scene.open()
  socket.connection?.dropped(code)
  expect([session.closeReason, scene.adapter.connections]).toEqual(['closed', 0])
})

it('a socket without sessions leaves nothing behind', () => {
  const scene = websocketScene()
  const socket = scene.connect()
  socket.connection?.dropped(1006)
  expect([scene.adapter.connections, scene.clock.pending]).toEqual([0, 0])
})

it('a client that changes its network need not wait until its old socket is found dead', async () => {
  const scene = websocketScene()
  const { socket, session, resumeToken } = await scene.open()
  const next = await resume(scene, resumeToken)
  expect(socket.closed).toEqual({ code: 4409, reason: 'resumed' })
  expect(next.take()).toMatchObject([{ type: 'resumed' }, { type: 'idle' }])
  // What the old socket still does concerns nobody.
  socket.connection?.dropped(1000)
  socket.receive({ type: 'bye', session: 'a' })
  scene.clock.advance(10_000)
  await settle()
  expect(session.closeReason).toBeUndefined()
  session.tell({ type: 'live' })
  expect([socket.take(), next.take()]).toEqual([[], [{ type: 'live', session: 'a' }]])
})

it('what happened meanwhile is told: replies that were under way, sessions that ended', async () => {
  const scene = websocketScene()
  const { socket, session, resumeToken } = await scene.open()
  const release = scene.target.hold()
  socket.receive({ type: 'view', id: 'late', session: 'b', broadcast: 'main', sdp: OFFER })
  socket.receive({ type: 'view', id: 'lost', session: 'c', broadcast: 'main', sdp: OFFER })
  await settle()
  socket.connection?.dropped()
  release()
  await settle()
  for (let i = 0; i < 1000; i++) session.tell({ type: 'viewers', count: i })
  await session.close('peer-closed')
  const next = await resume(scene, resumeToken)
  expect(next.take()).toMatchObject([
    { type: 'resumed', sessions: [{ session: 'b', sessionId: 'session-2' }] },
    { type: 'answer', id: 'late', session: 'b', sessionId: 'session-2' },
    { type: 'bye', session: 'a', reason: 'peer-closed' },
    { type: 'idle', session: 'b' },
  ])
  expect(scene.target.calls).toHaveLength(2)
})

it('what is sent behind a resume belongs to the connection that goes on', async () => {
  const scene = websocketScene()
  const { socket, session, resumeToken } = await scene.open()
  socket.connection?.dropped(1006)
  const next = scene.connect()
  next.receive({ type: 'resume', resumeToken })
  next.receive({ type: 'trickle', id: 2, session: 'a', candidate: null })
  await settle()
  expect(session.fragments).toHaveLength(1)
  expect(next.last('done')).toEqual({ type: 'done', id: 2, session: 'a' })
})

it('layers that are watched are told again', async () => {
  const scene = websocketScene()
  const { socket, session, resumeToken } = await scene.open()
  socket.receive({ type: 'layers', session: 'a', watch: true })
  await settle()
  socket.connection?.dropped(1006)
  session.available = [{ mid: '0', layers: [] }]
  scene.clock.advance(10_000)
  await settle()
  const next = await resume(scene, resumeToken)
  expect(next.all('layers')).toEqual([])
  scene.clock.advance(1)
  await settle()
  expect(next.all('layers')).toEqual([{ type: 'layers', session: 'a', layers: session.available }])
})

it('of two that resume one after the other, the last one has it', async () => {
  const scene = websocketScene()
  const { resumeToken, session } = await scene.open()
  const [first, second] = [scene.connect(), scene.connect()]
  first.receive({ type: 'resume', resumeToken })
  second.receive({ type: 'resume', resumeToken })
  await settle()
  expect(first.closed).toEqual({ code: 4409, reason: 'resumed' })
  first.take()
  second.take()
  session.tell({ type: 'live' })
  expect([first.take(), second.take()]).toEqual([[], [{ type: 'live', session: 'a' }]])
})

it.each(['their own', 'a wrong'])('%s token is refused, and so is one behind an offer', async (whose) => {
  const scene = websocketScene()
  const other = await scene.open()
  const socket = scene.connect()
  const { resumeToken } = socket.last('welcome')
  socket.receive({ type: 'resume', resumeToken: whose === 'their own' ? resumeToken : 'x'.repeat(32) })
  socket.receive({ type: 'view', session: 'a', broadcast: 'main', sdp: OFFER })
  socket.receive({ type: 'resume', resumeToken: other.resumeToken })
  await settle()
  expect(socket.all('error').map(({ code }) => code)).toEqual(['session-not-found', 'request-invalid'])
  expect(other.socket.closed).toBeUndefined()
})
