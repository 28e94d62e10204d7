/** What applications add: ICE servers, redirections, throttling, and viewers only while somebody publishes. */
import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { BroadcastError } from '../../../../src/errors.js'
import { type IceServer, type IceServerContext, turnRestServer, whipWhep } from '../../../../src/signaling/index.js'
import { fakeTarget } from '../../../../src/testing/index.js'
import { bare, OFFER, post, problemOf } from '../requests.js'

afterEach(() => vi.useRealTimers())

describe('iceServers', () => {
  it('become one Link header field for each URL, with the credentials of TURN', async () => {
    const iceServers = (): IceServer[] => [
      { urls: 'stun:stun.example.net' },
      { urls: ['turn:t.example.net?transport=udp', 'turns:t.example.net:443'], username: 'u"\\', credential: 'p' },
    ]
    const handler = whipWhep(fakeTarget(), { iceServers })
    const link = (await handler(post('/whip/a', OFFER))).headers.get('link')
    expect(link?.split(', ').filter((value) => value.includes('ice-server'))).toEqual([
      '<stun:stun.example.net>; rel="ice-server"',
      '<turn:t.example.net?transport=udp>; rel="ice-server"; username="u\\"\\\\"; credential="p"; credential-type="password"',
      '<turns:t.example.net:443>; rel="ice-server"; username="u\\"\\\\"; credential="p"; credential-type="password"',
    ])
  })

  it('are asked for with whom they are for', async () => {
    const contexts: Partial<IceServerContext>[] = []
    const iceServers = ({ protocol, broadcast, session }: IceServerContext): IceServer[] => {
      contexts.push({ protocol, broadcast, session })
      return []
    }
    const handler = whipWhep(fakeTarget(), { iceServers })
    await handler(post('/whip/a', OFFER))
    await handler(post('/whep/b', OFFER))
    await handler(bare('OPTIONS', '/whep/c'))
    expect(contexts).toEqual([
      { protocol: 'whip', broadcast: 'a', session: 'session-1' },
      { protocol: 'whep', broadcast: 'b', session: 'session-2' },
      { protocol: 'whep', broadcast: 'c', session: undefined },
    ])
  })

  it('are in OPTIONS, but never in a preflight, in a failure or for a name that is none', async () => {
    const iceServers = vi.fn(() => [{ urls: 'stun:s' }])
    const target = fakeTarget()
    const handler = whipWhep(target, { iceServers })
    expect((await handler(bare('OPTIONS', '/whip/a'))).headers.get('link')).toContain('<stun:s>')
    expect(iceServers).toHaveBeenCalledTimes(1)
    const preflight = bare('OPTIONS', '/whip/a', { origin: 'https://x', 'access-control-request-method': 'POST' })
    expect((await handler(preflight)).headers.get('link')).toBeNull()
    target.failNext(new BroadcastError('codec-unsupported', 'no'))
    expect((await handler(post('/whip/a', OFFER))).headers.get('link')).toBeNull()
    await handler(bare('OPTIONS', '/whip/a%20b'))
    expect(iceServers).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['throw', () => Promise.reject(new Error('the provider is down'))],
    ['are no URLs', () => [{ urls: 'https://example.org' }]],
    ['would break the header', () => [{ urls: 'stun:a>,<stun:b' }]],
    ['have a password that no header can carry', () => [{ urls: 'turn:t', username: 'u', credential: 'p\r\nx: y' }]],
  ])('that %s are left out, and the session goes on', async (_, iceServers) => {
    const target = fakeTarget()
    const response = await whipWhep(target, { iceServers })(post('/whip/a', OFFER))
    expect(response.status).toBe(201)
    expect(response.headers.get('link')).not.toContain('ice-server')
    expect(target.sessions).toHaveLength(1)
  })
})

describe('turnRestServer', () => {
  it('has a user name that ends and a password that the TURN server can check', () => {
    vi.useFakeTimers({ now: 1_700_000_000_500 })
    const server = turnRestServer({ urls: 'turn:t', secret: 'north', ttlSeconds: 60, user: 'alice' })
    expect(server).toEqual({
      urls: 'turn:t',
      username: '1700000060:alice',
      credential: createHmac('sha1', 'north').update('1700000060:alice').digest('base64'),
    })
    expect(turnRestServer({ urls: 'turn:t', secret: 'north' }).username).toBe('1700003600')
  })

  it('is made by the recipe that other implementations follow', () => {
    vi.useFakeTimers({ now: 1_433_895_918_000 })
    // Computed with openssl: echo -n 1433982318:user | openssl dgst -sha1 -hmac secret -binary | base64
    const { username, credential } = turnRestServer({
      urls: 'turn:t',
      secret: 'secret',
      ttlSeconds: 86_400,
      user: 'user',
    })
    expect(username).toBe('1433982318:user')
    expect(credential).toBe('or5FSR6a0P+tifNgCUsdxC5AE2g=')
  })

  it.each([{ secret: '' }, { secret: 's', ttlSeconds: 0 }, { secret: 's', ttlSeconds: 1.5 }])(
    'refuses %j',
    (options) => {
      expect(() => turnRestServer({ urls: 'turn:t', ...options })).toThrow(
        expect.objectContaining({ code: 'option-invalid' }),
      )
    },
  )
})

describe('redirect', () => {
  it('sends offers elsewhere with 307, and nothing else', async () => {
    const target = fakeTarget()
    const redirect = ({ url }: Request) => new URL(new URL(url).pathname, 'https://edge-2.example')
    const handler = whipWhep(target, { redirect })
    const response = await handler(post('/whip/a?as=x', OFFER))
    expect(response.status).toBe(307)
    expect(response.headers.get('location')).toBe('https://edge-2.example/whip/a')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(target.calls).toEqual([])
    expect((await handler(bare('GET', '/whip/a'))).status).toBe(200)
    expect((await handler(bare('OPTIONS', '/whip/a'))).status).toBe(200)
  })

  it('takes the offer here where it says nothing', async () => {
    const handler = whipWhep(fakeTarget(), { redirect: async () => undefined })
    expect((await handler(post('/whip/a', OFFER))).status).toBe(201)
  })

  it('that fails is our fault', async () => {
    const redirect = () => {
      throw new Error('secret')
    }
    const response = await whipWhep(fakeTarget(), { redirect })(post('/whip/a', OFFER))
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
  })
})

describe('throttle', () => {
  it('answers with 429 and when to come again, before anything else is done', async () => {
    const target = fakeTarget()
    const throttle = vi.fn(() => 2.5)
    const handler = whipWhep(target, { throttle })
    for (const request of [post('/whip/a', OFFER), bare('PATCH', '/whip/a/x'), bare('DELETE', '/whip/a/x')]) {
      const response = await handler(request)
      expect(response.status).toBe(429)
      expect(response.headers.get('retry-after')).toBe('3')
      expect((await problemOf(response)).code).toBe('rate-limited')
    }
    expect(target.calls).toEqual([])
    for (const method of ['GET', 'HEAD', 'OPTIONS']) expect((await handler(bare(method, '/whip/a'))).status).toBe(200)
    expect(throttle).toHaveBeenCalledTimes(3)
  })

  it('lets everything pass where it says nothing', async () => {
    const handler = whipWhep(fakeTarget(), { throttle: async () => undefined })
    expect((await handler(post('/whip/a', OFFER))).status).toBe(201)
  })
})

describe('requireLive', () => {
  it('is passed on for viewers only', async () => {
    const target = fakeTarget()
    const handler = whipWhep(target, { requireLive: true })
    await handler(post('/whep/a', OFFER))
    await handler(post('/whip/a', OFFER))
    expect(target.calls.map(({ context }) => context)).toEqual([
      { broadcast: 'a', requireLive: true },
      { broadcast: 'a' },
    ])
  })

  it('answers with 409 and Retry-After, never 404', async () => {
    const target = fakeTarget()
    const handler = whipWhep(target, { requireLive: true, retryAfterSeconds: 7 })
    target.failNext(new BroadcastError('not-live', 'nobody publishes'))
    const response = await handler(post('/whep/a', OFFER))
    expect(response.status).toBe(409)
    expect(response.headers.get('retry-after')).toBe('7')
    target.failNext(new BroadcastError('limit-reached', 'full'))
    expect((await handler(post('/whep/a', OFFER))).headers.get('retry-after')).toBe('7')
  })
})

it.each([
  { iceServers: [] as never },
  { redirect: 'https://example.org' as never },
  { throttle: 1 as never },
  { requireLive: 'yes' as never },
  { retryAfterSeconds: 0 },
  { maxEventStreams: 0 },
  { eventHeartbeatMs: 1 },
])('refuses the options %j', (options) => {
  expect(() => whipWhep(fakeTarget(), options)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
})
