/** What tokens and limits permit, with real tokens over HTTP and real media behind it. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'
import { afterEach, expect, it } from 'vitest'
import { Sfu, type SfuOptions } from '../../../src/index.js'
import { type Authorize, jwtAuthorizer, nodeHttp, whipWhep } from '../../../src/signaling/index.js'
import { testPublisher } from '../../../src/testing/index.js'
import { TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { LightClient } from '../../support/light-client.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'
import { waitFor } from '../../support/wait-for.js'

const SECRET = 'a secret of at least thirty-two bytes'
const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function start(options: SfuOptions = {}, authorize?: Authorize) {
  const sfu = new Sfu({ ...TEST_OPTIONS, ...options })
  const server: Server = createServer(nodeHttp(whipWhep(sfu, { authorize }), { trustProxy: true }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(
    () => sfu.close(),
    () => server.closeAllConnections(),
    () => server.close(),
  )
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${base}${path}`, { method: 'POST', headers: { 'content-type': 'application/sdp', ...headers }, body })
  return { sfu, post }
}

async function lightClient(role: 'publisher' | 'viewer'): Promise<LightClient> {
  const client = await LightClient.create(role)
  closers.push(() => client.close())
  return client
}

it('a session has what its token says, and ends with it', async () => {
  const options = { secret: SECRET, endSessionsAtExpiry: true, clockToleranceSeconds: 0 }
  const { sfu, post } = await start({}, await jwtAuthorizer(options))
  const exp = Math.floor(Date.now() / 1000) + 6
  const claims = { view: 'stage', maxBitrateBps: 500_000, roles: ['speaker'], metadata: { name: 'Ada' } }
  const jwt = new SignJWT({ manycast: claims }).setProtectedHeader({ alg: 'HS256' }).setSubject('user-7')
  const authorization = `Bearer ${await jwt.setExpirationTime(exp).sign(new TextEncoder().encode(SECRET))}`
  expect((await post('/whip/stage', PUBLISHER_OFFER, { authorization })).status).toBe(403)
  expect((await post('/whep/other', VIEWER_OFFER, { authorization })).status).toBe(403)

  const viewer = await lightClient('viewer')
  const opened = await post('/whep/stage', viewer.offer, { authorization, 'x-forwarded-for': '203.0.113.9' })
  expect(opened.status).toBe(201)
  await viewer.accept(await opened.text())
  const session = sfu.sessions()[0]
  await waitFor('the viewer to be connected', () => session?.state === 'connected')
  expect(session?.info()).toMatchObject({
    address: '203.0.113.9',
    expiresAt: exp * 1000,
    roles: ['speaker'],
    metadata: { name: 'Ada', sub: 'user-7' },
  })
  await waitFor('the token to expire', () => session?.state === 'closed')
  expect(session?.closeReason).toBe('expired')
  expect(sfu.sessions()).toEqual([])
})

it('an address has its own limits, told by a proxy or not', async () => {
  const { post } = await start({ addressLimits: { maxViewers: 2, maxPublishers: 1, maxJoinsPerSecond: 1 } })
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const [a, b, c] = ['203.0.113.1', '203.0.113.2', '203.0.113.3'].map((address) => from(address as string))
  expect((await post('/whep/stage', VIEWER_OFFER, a)).status).toBe(201)
  expect((await post('/whep/other', VIEWER_OFFER, a)).status).toBe(201)
  const third = await post('/whep/stage', VIEWER_OFFER, a)
  expect([third.status, Number(third.headers.get('retry-after')) > 0]).toEqual([503, true])
  expect(await third.json()).toMatchObject({ code: 'limit-reached', details: { limit: 'addressLimits.maxViewers' } })
  expect((await post('/whep/stage', VIEWER_OFFER, b)).status).toBe(201)

  expect((await post('/whip/stage', PUBLISHER_OFFER, b)).status).toBe(201)
  expect((await post('/whip/other', PUBLISHER_OFFER, b)).status).toBe(503)

  const statuses: number[] = []
  for (let i = 0; i < 6; i++) statuses.push((await post('/whip/stage', 'v=0\r\n', c)).status)
  expect(statuses).toEqual([400, 400, 400, 400, 400, 429])
})

it('a grant says how many may watch', async () => {
  const { post } = await start({}, ({ action }) => (action === 'publish' ? { maxViewers: 1 } : {}))
  expect((await post('/whip/stage', PUBLISHER_OFFER)).status).toBe(201)
  expect((await post('/whep/stage', VIEWER_OFFER)).status).toBe(201)
  expect((await post('/whep/stage', VIEWER_OFFER)).status).toBe(503)
})

it('a broadcast that nobody publishes to goes after its time, with those who wait', async () => {
  const { sfu, post } = await start({ idleTimeoutMs: 1000 })
  const viewer = await lightClient('viewer')
  const answer = await post('/whep/stage', viewer.offer)
  await viewer.accept(await answer.text())
  const session = sfu.sessions()[0]
  await waitFor('the broadcast to go', () => sfu.broadcasts().length === 0)
  expect(session?.closeReason).toBe('broadcast-closed')
})

it('a publisher that sends more than its broadcast may have is ended, by what really came', async () => {
  const { sfu, post } = await start({ limits: { maxPublishedBps: 200_000 } })
  const exchange = async (offer: string) => (await post('/whip/stage', offer)).text()
  const publisher = await testPublisher(exchange, { audio: false, video: { bitrateBps: 800_000 } })
  closers.push(() => publisher.close())
  const session = sfu.sessions()[0]
  await waitFor('the end of the publisher', () => session?.state === 'closed', 30_000)
  expect(session?.closeReason).toBe('limit-exceeded')
})
