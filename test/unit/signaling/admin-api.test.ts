import { describe, expect, it, vi } from 'vitest'
import { type AdminApiOptions, type Authorize, adminApi } from '../../../src/signaling/index.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'
import { bare, problemOf } from './requests.js'

const KEY = 'an-admin-key-of-mine'
const BEARER = { authorization: `Bearer ${KEY}` }

function scene(options: AdminApiOptions = { key: KEY }) {
  const { sfu, engine } = fakeSfu()
  const handler = adminApi(sfu, options)
  const send = (method: string, path: string, headers: Record<string, string> = BEARER) =>
    handler(bare(method, `/admin${path}`, headers))
  const json = async (path: string) => (await send('GET', path)).json()
  return { sfu, engine, handler, send, json }
}

/** Two broadcasts: one with a publisher and two viewers, of whom one is connected; one with a viewer who waits. */
async function crowd() {
  const all = scene()
  const { sfu, engine } = all
  const publisher = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'stage', as: 'camera', metadata: { user: 7 } })
  const viewer = await sfu.view(VIEWER_OFFER, { broadcast: 'stage', address: '203.0.113.9', roles: ['vip'] })
  const joining = await sfu.view(VIEWER_OFFER, { broadcast: 'stage' })
  const waiting = await sfu.view(VIEWER_OFFER, { broadcast: 'a room / with a view' })
  for (const { session } of [publisher, viewer, waiting]) engine.simulateState(session.id, 'connected')
  return {
    ...all,
    publisher: publisher.session,
    viewer: viewer.session,
    joining: joining.session,
    waiting: waiting.session,
  }
}

describe('the door', () => {
  const PATHS = ['/stats', '/broadcasts', '/broadcasts/a', '/sessions', '/sessions/x', '/sessions/x/stats', '/nothing']

  it.each(PATHS)('of %s opens by the key only', async (path) => {
    const { send, sfu } = scene()
    await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    for (const method of ['GET', 'HEAD', 'DELETE', 'POST', 'OPTIONS']) {
      for (const headers of [{}, { authorization: 'Bearer another-key-of-mine' }, { authorization: `Basic ${KEY}` }]) {
        const response = await send(method, path, headers as Record<string, string>)
        expect([method, response.status]).toEqual([method, 401])
        expect(response.headers.get('www-authenticate')).toContain('Bearer')
      }
      expect([method, (await send(method, path)).status]).not.toEqual([method, 401])
    }
  })

  it('is not there without a key', () => {
    const refusal = expect.objectContaining({ code: 'option-invalid', details: { option: 'key' } })
    expect(() => scene({})).toThrow(refusal)
    expect(() => scene({ key: '' })).toThrow(refusal)
    expect(() => scene({ key: 'short' })).toThrow(refusal)
  })

  it('opens by what an authorize function grants, which is told what it is about', async () => {
    const authorize = vi.fn<Authorize>(({ token, broadcast }) =>
      token === 'team-a' && broadcast === 'a' ? {} : undefined,
    )
    const { send, sfu } = scene({ authorize })
    sfu.broadcast('a')
    sfu.broadcast('b')
    const token = { authorization: 'Bearer team-a' }
    expect((await send('GET', '/broadcasts/a', token)).status).toBe(200)
    expect((await send('DELETE', '/broadcasts/b', token)).status).toBe(401)
    expect((await send('GET', '/sessions/xyz', token)).status).toBe(401)
    expect(authorize.mock.calls.map(([{ action, broadcast, sessionId }]) => [action, broadcast, sessionId])).toEqual([
      ['admin', 'a', undefined],
      ['admin', 'b', undefined],
      ['admin', undefined, 'xyz'],
    ])
  })

  it('opens by either, if there are both', async () => {
    const { send } = scene({ key: KEY, authorize: ({ token }) => (token === 'root' ? {} : undefined) })
    expect((await send('GET', '/stats')).status).toBe(200)
    expect((await send('GET', '/stats', { authorization: 'Bearer root' })).status).toBe(200)
    expect((await send('GET', '/stats', { authorization: 'Bearer boot' })).status).toBe(401)
  })

  it('is closed to the pages of other origins, unless told otherwise', async () => {
    const origin = 'https://admin.example.org'
    const preflight = { 'access-control-request-method': 'DELETE', origin }
    const closed = await scene().send('OPTIONS', '/sessions', preflight)
    expect([closed.status, closed.headers.get('access-control-allow-origin')]).toEqual([204, null])
    const open = await scene({ key: KEY, cors: [origin] }).send('OPTIONS', '/sessions', preflight)
    expect([open.status, open.headers.get('access-control-allow-origin')]).toEqual([204, origin])
    expect(open.headers.get('access-control-allow-methods')).toContain('DELETE')
  })

  it('is where the prefix says', async () => {
    const { handler } = scene({ key: KEY, pathPrefix: '/ops/live' })
    const knows = (path: string) => handler.knows(new URL(`http://localhost${path}`))
    expect(['/ops/live/stats', '/ops/live', '/admin/stats', '/ops/livestats/x'].map(knows)).toEqual([
      true,
      false,
      false,
      false,
    ])
    expect((await handler(bare('GET', '/ops/live/stats', BEARER))).status).toBe(200)
  })
})

describe('what is on', () => {
  it('is listed', async () => {
    const { json } = await crowd()
    expect(await json('/broadcasts')).toEqual({
      total: 2,
      broadcasts: [
        { name: 'stage', live: true, publishers: 1, viewers: 1 },
        { name: 'a room / with a view', live: false, publishers: 0, viewers: 1 },
      ],
    })
    expect(await json('/broadcasts/stage')).toEqual({ name: 'stage', live: true, publishers: 1, viewers: 1 })
    expect(await json('/broadcasts/a%20room%20%2F%20with%20a%20view')).toMatchObject({ viewers: 1 })
  })

  it('is measured', async () => {
    const { json, publisher } = await crowd()
    expect(await json('/stats')).toMatchObject({ broadcasts: 2, sessions: 4 })
    const stats = await json('/broadcasts/stage/stats')
    expect(stats).toMatchObject({ name: 'stage', live: true })
    expect(stats.sessions).toHaveLength(3)
    expect(await json(`/sessions/${publisher.id}/stats`)).toMatchObject({ id: publisher.id, role: 'publisher' })
  })

  it('comes in parts, where it is much', async () => {
    const { sfu, send, json } = scene()
    for (let i = 0; i < 120; i++) sfu.broadcast(`b${i}`)
    const first = await json('/broadcasts')
    expect([first.total, first.broadcasts.length, first.broadcasts[99].name]).toEqual([120, 100, 'b99'])
    const rest = await json('/broadcasts?offset=100&limit=50')
    expect([rest.total, rest.broadcasts.length, rest.broadcasts[0].name]).toEqual([120, 20, 'b100'])
    expect((await json('/broadcasts?offset=500')).broadcasts).toEqual([])
    for (const query of ['limit=1001', 'limit=-1', 'offset=x', 'offset=1e3', 'offset=']) {
      expect([query, (await send('GET', `/broadcasts?${query}`)).status]).toEqual([query, 400])
    }
  })
})

describe('who is there', () => {
  it('is listed, with what is known of them', async () => {
    const { json, publisher, viewer, joining, waiting } = await crowd()
    const { total, sessions } = await json('/sessions')
    expect(total).toBe(4)
    expect(sessions.map(({ id }: { id: string }) => id)).toEqual([publisher.id, viewer.id, joining.id, waiting.id])
    expect(sessions[0]).toMatchObject({ role: 'publisher', as: 'camera', broadcast: 'stage', metadata: { user: 7 } })
    expect(await json(`/sessions/${viewer.id}`)).toEqual(JSON.parse(JSON.stringify(viewer.info())))
  })

  it.each([
    ['broadcast=stage', 3],
    ['role=viewer', 3],
    ['role=viewer&broadcast=stage', 2],
    ['state=connecting', 1],
    ['address=203.0.113.9', 1],
    ['broadcast=a%20room%20/%20with%20a%20view', 1],
    ['broadcast=nowhere', 0],
    ['role=viewer&limit=1', 3],
  ])('is found by %s', async (query, total) => {
    const { json } = await crowd()
    expect(await json(`/sessions?${query}`)).toMatchObject({ total })
  })
})

describe('DELETE', () => {
  it('throws a session out, with a text', async () => {
    const { send, viewer, sfu } = await crowd()
    const response = await send('DELETE', `/sessions/${viewer.id}?message=sold%20twice`)
    expect([response.status, response.headers.get('content-length')]).toEqual([204, null])
    expect([viewer.closeReason, viewer.closeMessage]).toEqual(['kicked', 'sold twice'])
    expect(sfu.sessions()).toHaveLength(3)
    expect((await send('DELETE', `/sessions/${viewer.id}`)).status).toBe(404)
  })

  it.each([`message=${'x'.repeat(257)}`, 'message=a%0Ab'])('refuses the text of %s', async (query) => {
    const { send, viewer } = await crowd()
    expect((await send('DELETE', `/sessions/${viewer.id}?${query}`)).status).toBe(400)
    expect(viewer.state).toBe('connected')
  })

  it('closes a broadcast', async () => {
    const { send, viewer, waiting, sfu } = await crowd()
    expect((await send('DELETE', '/broadcasts/stage')).status).toBe(204)
    expect([viewer.closeReason, waiting.state]).toEqual(['broadcast-closed', 'connected'])
    expect(sfu.broadcasts().map(({ name }) => name)).toEqual(['a room / with a view'])
    const again = await send('DELETE', '/broadcasts/stage')
    expect([again.status, (await problemOf(again)).code]).toEqual([404, 'broadcast-not-found'])
  })
})

it.each([
  ['GET', '/broadcasts/none', 404],
  ['GET', '/sessions/none', 404],
  ['GET', '/sessions/none/stats', 404],
  ['GET', '/broadcasts/stage/more', 404],
  ['GET', '/broadcasts/stage/stats/more', 404],
  ['GET', '/broadcasts/', 404],
  ['GET', '/', 404],
  ['GET', '/nothing', 404],
  ['GET', '/stats/more', 404],
  ['GET', '/broadcasts/%E0%A4', 400],
  ['POST', '/sessions', 405],
  ['DELETE', '/sessions', 405],
  ['DELETE', '/broadcasts', 405],
  ['DELETE', '/stats', 405],
  ['PATCH', '/broadcasts/stage', 405],
  ['OPTIONS', '/broadcasts/stage', 204],
  ['HEAD', '/broadcasts', 200],
])('answers %s %s with %i', async (method, path, status) => {
  const { send } = await crowd()
  const response = await send(method, path)
  expect(response.status).toBe(status)
  expect(response.headers.get('cache-control')).toBe('no-store')
  if (status === 405) expect(response.headers.get('allow')).toContain('GET')
})

describe('drain', () => {
  it('is begun by POST, within the time that is asked for', async () => {
    const { sfu, send, json } = await crowd()
    const drain = vi.spyOn(sfu, 'drain')
    expect(await json('/drain')).toEqual({ draining: false })
    const response = await send('POST', '/drain?deadlineMs=4000')
    expect([response.status, await response.json()]).toEqual([202, { draining: true }])
    expect(drain.mock.calls).toEqual([[{ deadlineMs: 4000 }]])
    expect(await json('/drain')).toEqual({ draining: true })
    expect(sfu.draining).toBe(true)
  })

  it.each(['deadlineMs=-1', 'deadlineMs=soon', 'deadlineMs=86400001'])('refuses %s', async (query) => {
    const { sfu, send } = await crowd()
    expect((await send('POST', `/drain?${query}`)).status).toBe(400)
    expect((await send('DELETE', '/drain')).status).toBe(405)
    expect(sfu.draining).toBe(false)
  })

  it('is not there, as the load is not, where the target has none', async () => {
    const { sfu } = await crowd()
    const target = {
      broadcasts: () => sfu.broadcasts(),
      sessions: () => sfu.sessions(),
      session: () => undefined,
      stats: () => sfu.stats(),
    }
    const handler = adminApi(target, { key: KEY })
    for (const path of ['drain', 'load']) {
      expect((await handler(new Request(`http://localhost/admin/${path}`, { headers: BEARER }))).status).toBe(404)
    }
  })
})

it('tells the load', async () => {
  const { json, sfu } = await crowd()
  expect(await json('/load')).toEqual(JSON.parse(JSON.stringify(sfu.load())))
})
