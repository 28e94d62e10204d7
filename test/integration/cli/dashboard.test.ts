/** What the dashboard asks the server of the command, over HTTP, and who gets an answer. */
import { type IncomingHttpHeaders, request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { dashboardApi } from '../../../src/cli/dashboard/dashboard-api.js'
import { DashboardHistory } from '../../../src/cli/dashboard/dashboard-history.js'
import { type RunningServer, type ServeOptions, serve } from '../../../src/cli/serve.js'
import type { SessionHealth } from '../../../src/metrics/index.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

const KEY = 'an-admin-key-of-mine'
const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

interface Access {
  readonly adminKey?: string
  readonly openToLocal?: boolean
  readonly trustProxy?: number
}

async function start({ adminKey, openToLocal = true, trustProxy }: Access = {}) {
  const { sfu, engine, clock } = fakeSfu()
  const history = new DashboardHistory(sfu, { time: clock })
  const healths = new Map<string, SessionHealth>()
  const dashboard = dashboardApi(sfu, { history, adminKey, openToLocal, healthOf: (id) => healths.get(id) })
  const options: ServeOptions = { host: '127.0.0.1', port: 0, dashboard, access: trustProxy ? { trustProxy } : {} }
  const server: RunningServer = await serve(sfu, options)
  ends.push(
    () => server.close(),
    () => history.close(),
  )
  const { port } = server
  /** Like a browser or curl; `fetch` would not let the host be chosen. */
  const ask = (method: string, path: string, headers: IncomingHttpHeaders = {}): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, method, path, headers: { host: `localhost:${port}`, ...headers } }
      const sent = request(options, (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      })
      sent.on('error', reject)
      sent.end()
    })
  const join = async (role: 'publisher' | 'viewer', broadcast: string, metadata = {}) => {
    const { session } = await (role === 'viewer'
      ? sfu.view(VIEWER_OFFER, { broadcast, metadata })
      : sfu.publish(PUBLISHER_OFFER, { broadcast, metadata }))
    engine.simulateState(session.id, 'connected')
    return session
  }
  const sample = async () => {
    clock.advance(2000)
    await history.sample()
  }
  const data = async (query = '') => JSON.parse((await ask('GET', `/dashboard/data${query}`)).body)
  return { sfu, engine, server, port, ask, join, sample, data, healths }
}

interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

describe('the door of the dashboard', () => {
  const PATHS: [method: string, path: string][] = [
    ['GET', '/dashboard/data'],
    ['GET', '/dashboard/api/stats'],
    ['GET', '/dashboard/api/sessions'],
    ['DELETE', '/dashboard/api/sessions/unknown'],
    ['DELETE', '/dashboard/api/broadcasts/unknown'],
    ['POST', '/dashboard/api/drain'],
  ]

  it.each(PATHS)('%s %s: this machine without a key, everybody else with the key', async (method, path) => {
    const { ask, port } = await start({ adminKey: KEY, trustProxy: 1 })
    const allowed = async (headers: IncomingHttpHeaders) => (await ask(method, path, headers)).status !== 401
    const origin = `http://localhost:${port}`
    expect(await allowed({})).toBe(true)
    expect(await allowed({ host: `127.0.0.1:${port}` })).toBe(true)
    expect(await allowed({ origin, 'sec-fetch-site': 'same-origin' })).toBe(true)
    // A browser elsewhere, behind the proxy that is trusted.
    const remote = { 'x-forwarded-for': '203.0.113.9', host: 'live.example.org' }
    expect(await allowed(remote)).toBe(false)
    expect(await allowed({ ...remote, host: `localhost:${port}` })).toBe(false)
    expect(await allowed({ 'x-forwarded-for': '127.0.0.1' })).toBe(false)
    expect(await allowed({ ...remote, ...bearer(KEY) })).toBe(true)
    expect(await allowed({ ...remote, ...bearer('another-key-of-mine') })).toBe(false)
    // A wrong key is wrong on this machine, too.
    expect(await allowed(bearer('another-key-of-mine'))).toBe(false)
    expect(await allowed(bearer(KEY))).toBe(true)
  })

  it.each(PATHS)(
    '%s %s: no page of another site gets in, nor one whose host name was pointed here',
    async (method, path) => {
      const { ask, port } = await start({ adminKey: KEY })
      const status = async (headers: IncomingHttpHeaders) => (await ask(method, path, headers)).status
      expect(await status({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).toBe(401)
      expect(await status({ origin: 'null' })).toBe(401)
      expect(await status({ origin: `http://localhost:${port + 1}`, 'sec-fetch-site': 'same-site' })).toBe(401)
      expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(401)
      const rebound = { host: `evil.example:${port}`, 'sec-fetch-site': 'same-origin' }
      expect(await status(rebound)).toBe(401)
      expect(await status({ ...rebound, origin: `http://evil.example:${port}` })).toBe(401)
    },
  )

  it('lets nobody in whom a proxy brings, though it was not said that there is one', async () => {
    const { ask } = await start()
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via', 'x-forwarded-proto']) {
      expect([name, (await ask('GET', '/dashboard/data', { [name]: '127.0.0.1' })).status]).toEqual([name, 401])
    }
  })

  it('wants the key of this machine, too, where that was asked for', async () => {
    const { ask } = await start({ adminKey: KEY, openToLocal: false })
    expect((await ask('GET', '/dashboard/data')).status).toBe(401)
    expect((await ask('GET', '/dashboard/data', bearer(KEY))).status).toBe(200)
  })

  it('takes no key from a URL, and tells nothing to pages of other origins', async () => {
    const { ask } = await start({ adminKey: KEY, openToLocal: false })
    for (const name of ['token', 'key', 'access_token']) {
      expect((await ask('GET', `/dashboard/data?${name}=${KEY}`)).status).toBe(401)
    }
    const origin = 'https://evil.example'
    const preflight = { origin, 'access-control-request-method': 'DELETE' }
    for (const reply of [
      await ask('OPTIONS', '/dashboard/api/sessions/x', preflight),
      await ask('OPTIONS', '/dashboard/data', preflight),
      await ask('GET', '/dashboard/data', { origin, ...bearer(KEY) }),
    ]) {
      expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  it('leaves the page itself open: it has nothing to tell', async () => {
    const { ask } = await start({ adminKey: KEY, openToLocal: false })
    expect((await ask('GET', '/dashboard')).status).toBe(200)
    expect((await ask('GET', '/assets/dashboard.js')).status).toBe(200)
  })
})

describe('the data of the dashboard', () => {
  it('are what there is', async () => {
    const { join, sample, data, healths } = await start()
    const publisher = await join('publisher', 'main', { name: '<b>camera</b>' })
    const viewer = await join('viewer', 'main')
    await join('viewer', 'other')
    healths.set(viewer.id, { score: 3, level: 'fair', reason: 'round trips take 700 ms', findings: [] })
    await sample()
    const all = await data()
    expect(all).toMatchObject({ intervalMs: 2000, windowMs: 600_000, sessionsOfAll: 3 })
    expect(all.fields).toContain('inBps')
    expect(all.samples).toHaveLength(1)
    expect(all.samples[0]).toHaveLength(all.fields.length + 1)
    expect(all.broadcasts.total).toBe(2)
    expect(all.broadcasts.items).toMatchObject([
      { name: 'main', live: true, publishers: 1, viewers: 1, joins: 2 },
      { name: 'other', live: false, publishers: 0, viewers: 1, joins: 1 },
    ])
    expect(all.sessions.items.map(({ role }: { role: string }) => role)).toEqual(['publisher', 'viewer', 'viewer'])
    expect(all.sessions.items[0]).toMatchObject({ id: publisher.id, metadata: '{"name":"<b>camera</b>"}' })
    expect(all.sessions.items[0]).not.toHaveProperty('health')
    expect(all.sessions.items[1].health).toEqual({ score: 3, level: 'fair', reason: 'round trips take 700 ms' })
    const one = await data('?broadcast=main')
    expect(one.broadcast).toBe('main')
    expect(one.sessions.items.map(({ id }: { id: string }) => id)).toEqual([publisher.id, viewer.id])
    expect((await data('?broadcast=nobody')).sessions.total).toBe(0)
  })

  it('are only what is new, if one asks so', async () => {
    const { sample, data } = await start()
    await sample()
    const [[firstMs]] = (await data()).samples
    expect((await data(`?since=${firstMs}`)).samples).toEqual([])
    await sample()
    expect((await data(`?since=${firstMs}`)).samples).toHaveLength(1)
    expect((await data('?since=x')).samples).toHaveLength(2)
  })

  it('come in parts of a bounded size', async () => {
    const { sfu, join, data, ask } = await start()
    for (let i = 0; i < 60; i++) await join('viewer', 'main')
    for (let i = 0; i < 55; i++) sfu.broadcast(`b${i}`)
    const first = await data()
    expect(first.sessions).toMatchObject({ total: 60 })
    expect(first.sessions.items).toHaveLength(50)
    expect(first.broadcasts).toMatchObject({ total: 56 })
    expect(first.broadcasts.items).toHaveLength(50)
    const second = await data('?sessionOffset=50&broadcastOffset=50')
    expect(second.sessions.items).toHaveLength(10)
    expect(second.broadcasts.items).toHaveLength(6)
    for (const query of ['limit=201', 'limit=-1', 'sessionOffset=x']) {
      expect([query, (await ask('GET', `/dashboard/data?${query}`)).status]).toEqual([query, 400])
    }
  })

  it('take GET and HEAD only', async () => {
    const { ask } = await start()
    expect((await ask('HEAD', '/dashboard/data')).status).toBe(200)
    expect((await ask('POST', '/dashboard/data')).status).toBe(405)
  })
})

it('throws out who is pointed at', async () => {
  const { ask, join, sfu } = await start()
  const [staying, going] = [await join('viewer', 'main'), await join('viewer', 'main')]
  expect((await ask('DELETE', `/dashboard/api/sessions/${going.id}`)).status).toBe(204)
  expect(sfu.sessions().map(({ id }) => id)).toEqual([staying.id])
  expect(going.closeReason).toBe('kicked')
})
