/** Clients that do anything at all, on any number of sockets: nothing is thrown, nothing grows, and in the end nothing is left. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type FakeSocket, OFFER, RESTART, settle, websocketScene } from './scene.js'

const SOCKETS = 3
const SESSIONS = 2

const session = fc.constantFrom('a', 'b', 'c')
const id = fc.option(fc.oneof(fc.nat(9), fc.constant('x')), { nil: undefined })
const offer = { id, session, broadcast: fc.constantFrom('main', 'stage'), sdp: fc.constantFrom(OFFER, 'nonsense') }
const layer = fc.option(fc.record({ maxHeight: fc.integer({ min: 0, max: 9 }) }))

/** A message as some client may have meant it. */
const message = fc.oneof(
  fc.record({ type: fc.constantFrom('publish', 'view'), ...offer }),
  fc.record({ type: fc.constant('trickle'), id, session, fragment: fc.constantFrom(RESTART, '', 'a=ice-ufrag:abcd') }),
  fc.record({ type: fc.constant('trickle'), id, session, candidate: fc.constantFrom(null, {}, { candidate: '' }) }),
  fc.record({ type: fc.constant('layer'), id, session, layer }),
  fc.record({ type: fc.constant('layers'), id, session, watch: fc.boolean() }),
  fc.record({ type: fc.constantFrom('bye', 'ping', 'pong', '__proto__'), id, session }),
  fc.jsonValue(),
)

const socketIndex = fc.nat(SOCKETS)
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('message' as const), socketIndex, message }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('bytes' as const), socketIndex, text: fc.string() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('connect' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('resume' as const), socketIndex, whose: socketIndex }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('drop' as const), socketIndex, code: fc.constantFrom(1000, 1006, 1001) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stuff' as const), socketIndex }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('event' as const), which: fc.nat(5), ends: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(20_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
)

it('survives every client', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const scene = websocketScene({ maxSockets: SOCKETS, maxSessions: SESSIONS, messageBurst: 30 })
      const { adapter, target, clock, connect } = scene
      const sockets: FakeSocket[] = []
      let release = (): void => {}
      const at = (index: number) => sockets.filter((socket) => socket.closed === undefined).at(index)
      for (const one of steps) {
        if (one.do === 'message') at(one.socketIndex)?.receive(JSON.stringify(one.message))
        else if (one.do === 'bytes') at(one.socketIndex)?.receive(one.text)
        else if (one.do === 'connect') sockets.push(connect())
        else if (one.do === 'resume') {
          const resumeToken = sockets.at(one.whose)?.all('welcome')[0]?.resumeToken
          at(one.socketIndex)?.receive({ type: 'resume', resumeToken })
        } else if (one.do === 'drop') {
          const socket = at(one.socketIndex)
          if (socket !== undefined) socket.closed = 'terminated'
          socket?.connection?.dropped(one.code)
        } else if (one.do === 'stuff') Object.assign(at(one.socketIndex) ?? {}, { bufferedAmount: 1 << 30 })
        else if (one.do === 'event') {
          const session = target.sessions.at(one.which)
          if (one.ends) await session?.close('peer-closed')
          else session?.tell({ type: one.which % 2 === 0 ? 'live' : 'layer' })
        } else if (one.do === 'wait') clock.advance(one.ms)
        else if (one.do === 'hold') {
          release()
          release = target.hold()
        } else await settle()
        expect(adapter.sockets).toBeLessThanOrEqual(SOCKETS)
        expect(clock.pending).toBeLessThanOrEqual(1)
      }
      release()
      await settle()
      expect(target.sessions.length).toBeLessThanOrEqual(SESSIONS * adapter.connections)
      for (const socket of sockets) {
        const asked = socket.all('pong').length + socket.all('error').length + socket.all('answer').length
        expect(asked).toBeLessThan(200)
        socket.connection?.dropped(1006)
      }
      await settle()
      clock.advance(60_000)
      await settle()
      expect([adapter.sockets, adapter.connections, target.sessions.length, scene.scheduler.size]).toEqual([0, 0, 0, 0])
    }),
    { numRuns: 300 },
  )
})
