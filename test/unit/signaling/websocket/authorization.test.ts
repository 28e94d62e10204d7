/** The hook is asked by WebSockets as it is by HTTP, with what browsers can and cannot say there. */
import { describe, expect, it, vi } from 'vitest'
import type { AuthorizationRequest, Authorize, UpgradeRequestLike } from '../../../../src/signaling/index.js'
import { webSocketSignaling } from '../../../../src/signaling/index.js'
import { fakeTarget } from '../../../../src/testing/index.js'
import { OFFER, settle, websocketScene } from './scene.js'

const byToken: Authorize = ({ token }) => (token === 'good' ? {} : undefined)
const view = { type: 'view', session: 'a', broadcast: 'stage', sdp: OFFER }
const upgrade: UpgradeRequestLike = {
  url: '/ws?x=1',
  headers: { host: 'example.org', 'x-user': '7', authorization: 'Bearer good' },
  socket: { remoteAddress: '203.0.113.9' },
}

describe('an offer', () => {
  it('is put to the hook, with what the upgrade request had', async () => {
    const authorize = vi.fn<Authorize>(() => ({ metadata: { user: 7 } }))
    const { connect, target } = websocketScene({ authorize })
    const socket = connect(upgrade)
    socket.receive({ ...view, type: 'publish', as: 'slides' })
    await settle()
    const asked = authorize.mock.calls[0]?.[0] as AuthorizationRequest
    expect(asked).toMatchObject({ action: 'publish', broadcast: 'stage', as: 'slides', token: 'good' })
    expect([asked.address, asked.header('X-User'), asked.sessionId]).toEqual(['203.0.113.9', '7', undefined])
    expect(target.calls[0]?.context).toEqual({
      broadcast: 'stage',
      as: 'slides',
      address: '203.0.113.9',
      metadata: { user: 7 },
    })
  })

  it('may bring a token of its own, as browsers cannot set headers', async () => {
    const { connect, target } = websocketScene({ authorize: byToken })
    const socket = connect({ ...upgrade, headers: { authorization: 'Bearer bad' } })
    for (const [session, token] of [['a'], ['b', 'good'], ['c', 'good bad'], ['d', 'bad']]) {
      socket.receive({ ...view, session, token })
    }
    await settle()
    expect(socket.all('answer').map(({ session }) => session)).toEqual(['b'])
    expect(socket.all('error')).toMatchObject([
      { session: 'a', code: 'unauthorized', details: { error: 'invalid_token' } },
      { session: 'c', code: 'request-invalid', details: { field: 'token' } },
      { session: 'd', code: 'unauthorized' },
    ])
    expect(target.calls[0]?.context.address).toBe('203.0.113.9')
  })

  it('may have it in the URL, where that is allowed', async () => {
    const { connect } = websocketScene({ authorize: byToken, tokenParameter: 'access_token' })
    const socket = connect({ url: '/ws?access_token=good' })
    socket.receive(view)
    socket.receive({ ...view, session: 'b', token: 'good' })
    await settle()
    expect(socket.all('answer').map(({ session }) => session)).toEqual(['a'])
    expect(socket.all('error')).toMatchObject([{ session: 'b', code: 'request-invalid' }])
  })

  it('is refused without leave, and does nothing', async () => {
    const { connect, target } = websocketScene({ authorize: byToken })
    const socket = connect()
    socket.receive({ ...view, id: 1 })
    await settle()
    const message = 'a bearer token is needed'
    expect(socket.all('error')).toEqual([{ type: 'error', id: 1, session: 'a', code: 'unauthorized', message }])
    expect(target.calls).toEqual([])
  })

  it('gets no better layer than its grant says, now or later', async () => {
    const layer = { maxHeight: 360, maxRid: 'm', maxBitrateBps: 500_000 }
    const { connect, target } = websocketScene({ authorize: () => ({ layer }) })
    const socket = connect()
    socket.receive({ ...view, layer: { maxHeight: 1080, maxTemporalId: 1 } })
    socket.receive({ type: 'layer', session: 'a', layer: { maxHeight: 180, maxRid: 'h' } })
    socket.receive({ type: 'layer', session: 'a', layer: null, mid: '1' })
    await settle()
    expect(target.calls[0]?.context.layer).toEqual({ ...layer, maxTemporalId: 1 })
    expect(target.sessions[0]?.preferences).toEqual([{ layer: { ...layer, maxHeight: 180 } }, { layer, mid: '1' }])
  })
})

describe('resume', () => {
  async function resume(options: Parameters<typeof websocketScene>[0], extra: Record<string, string> = {}) {
    const authorize = vi.fn<Authorize>(byToken)
    const scene = websocketScene({ ...options, authorize })
    const { socket, resumeToken, session } = await scene.open('view', 'a', upgrade)
    socket.connection?.dropped(1006)
    authorize.mockClear()
    const next = scene.connect()
    next.receive({ type: 'resume', resumeToken, ...extra })
    await settle()
    return { next, authorize, session }
  }

  it('needs leave for the sessions, as requests at their URLs do', async () => {
    const refused = await resume({})
    expect(refused.next.all('error')).toMatchObject([{ code: 'unauthorized' }])
    expect(refused.session.closeReason).toBeUndefined()
    const { next, authorize, session } = await resume({}, { token: 'good' })
    expect(next.all('resumed')).toHaveLength(1)
    expect(authorize.mock.calls).toMatchObject([
      [{ action: 'session', sessionId: session.id, role: 'viewer', broadcast: 'main', token: 'good' }],
    ])
  })

  it('needs the resume token only, where that is said to be enough', async () => {
    const { next, authorize } = await resume({ sessionAccess: 'url' })
    expect(next.all('resumed')).toHaveLength(1)
    expect(authorize).not.toHaveBeenCalled()
  })

  /** A socket that resumes, while the hook still thinks about it. */
  async function resumeSlowly() {
    let decide = (_grant: object): void => {}
    const authorize: Authorize = ({ action }) =>
      action === 'session' ? new Promise<object>((resolve) => (decide = resolve)) : {}
    const scene = websocketScene({ authorize })
    const { socket, resumeToken, session } = await scene.open()
    socket.connection?.dropped(1006)
    const next = scene.connect()
    next.receive({ type: 'resume', resumeToken })
    await settle()
    return { ...scene, next, session, decide }
  }

  it('of a socket that is dropped meanwhile keeps nothing alive', async () => {
    const { next, session, decide, clock, adapter } = await resumeSlowly()
    next.connection?.dropped(1006)
    decide({})
    await settle()
    clock.advance(30_000)
    await settle()
    expect([session.closeReason, adapter.connections]).toEqual(['closed', 0])
  })

  it('fails if the sessions have ended while the hook thought about it', async () => {
    const { next, decide, clock, adapter } = await resumeSlowly()
    for (let i = 0; i < 4; i++) {
      clock.advance(10_000)
      next.receive({ type: 'ping' })
    }
    decide({})
    await settle()
    expect(next.all('error')).toMatchObject([{ code: 'session-not-found' }])
    expect(adapter.connections).toBe(1)
  })
})

describe('pages of other origins', () => {
  const from = (origin: string, host = 'example.org') => ({ headers: { host, origin, cookie: 'id=7' } })

  it.each([
    [true, 'https://evil.example', false],
    [true, 'https://example.org', true],
    [true, 'null', false],
    [['https://friend.example'], 'https://friend.example', true],
    [['https://friend.example'], 'https://example.org', true],
    [false, 'https://example.org', true],
  ])('with cors %j, %s may connect, and its cookies count: %s', async (cors, origin, counts) => {
    const authorize: Authorize = ({ header }) => ({ metadata: { cookie: header('cookie') ?? null } })
    const { connect, target } = websocketScene({ authorize, cors })
    const socket = connect(from(origin))
    socket.receive(view)
    await settle()
    expect(target.sessions[0]?.metadata).toEqual({ cookie: counts ? 'id=7' : null })
  })

  it.each([
    [false, 'https://evil.example'],
    [false, 'null'],
    [['https://friend.example'], 'https://friend.example.evil.example'],
    [['https://friend.example'], 'http://friend.example'],
  ])('with cors %j, %s may not', (cors, origin) => {
    const { connect, adapter } = websocketScene({ cors })
    const socket = connect(from(origin))
    expect([socket.closed, socket.sent, adapter.connections]).toEqual([{ code: 4403, reason: 'origin' }, [], 0])
  })
})

describe('the upgrade request', () => {
  const addressOf = async (request: UpgradeRequestLike | undefined, options = {}) => {
    const { connect, target } = websocketScene(options)
    const socket = connect(request)
    socket.receive(view)
    await settle()
    return target.calls[0]?.context.address
  }

  it('tells the address, behind proxies as far as they are trusted', async () => {
    const forwarded = { ...upgrade, headers: { 'x-forwarded-for': '1.1.1.1, 198.51.100.1' } }
    expect(await addressOf(forwarded)).toBe('203.0.113.9')
    expect(await addressOf(forwarded, { trustProxy: true })).toBe('198.51.100.1')
    expect(await addressOf(undefined)).toBeUndefined()
    const clientAddress = (request: Request) => request.headers.get('x-real') ?? undefined
    expect(await addressOf({ headers: { 'x-real': '192.0.2.1' } }, { clientAddress })).toBe('192.0.2.1')
  })

  it('may be a Fetch request, or have lists of values and pseudo headers', async () => {
    const seen: unknown[] = []
    const authorize: Authorize = ({ header, token }) => {
      seen.push([token, header('x-list')])
      return {}
    }
    for (const request of [
      new Request('https://example.org/ws', { headers: { authorization: 'Bearer t', 'x-list': '1, 2' } }),
      { url: '//evil.example/ws', headers: { ':path': '/', authorization: 'Bearer t', 'x-list': ['1', '2'] } },
    ]) {
      const { connect } = websocketScene({ authorize })
      connect(request).receive(view)
      await settle()
    }
    expect(seen).toEqual([
      ['t', '1, 2'],
      ['t', '1, 2'],
    ])
  })

  it('that cannot be understood closes the socket', () => {
    const { connect } = websocketScene()
    for (const request of [{ url: 'nonsense' }, { headers: { host: 'a b' } }, { headers: { 'x\n': '1' } }]) {
      expect(connect(request).closed).toEqual({ code: 4400, reason: 'request' })
    }
  })
})

it.each([
  [{ heartbeatMs: 1 }, 'heartbeatMs'],
  [{ maxMessageBytes: 0.5 }, 'maxMessageBytes'],
  [{ resumeWithinMs: -1 }, 'resumeWithinMs'],
  [{ authorize: 'yes' as never }, 'authorize'],
  [{ trustProxy: ['nowhere'] }, 'trustProxy'],
])('wrong options are refused: %j', (options, option) => {
  expect(() => webSocketSignaling(fakeTarget(), options)).toThrow(
    expect.objectContaining({ code: 'option-invalid', details: { option } }),
  )
})
