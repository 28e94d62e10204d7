import { describe, expect, it, vi } from 'vitest'
import { BroadcastError } from '../../../src/errors.js'
import { setClientAddress } from '../../../src/signaling/client-address.js'
import {
  type AdapterOptions,
  type AuthorizationRequest,
  type Authorize,
  plainExchange,
  whipWhep,
} from '../../../src/signaling/index.js'
import { fakeTarget } from '../../../src/testing/index.js'
import { bare, OFFER, post, problemOf } from './requests.js'

const VIEW_OFFER = OFFER.replace('sendonly', 'recvonly')
const TOKEN = { authorization: 'Bearer good' }

/** Lets in whoever has the token "good". */
const byToken: Authorize = ({ token }) => (token === 'good' ? {} : undefined)

const ADAPTERS = [
  { name: 'whip', path: '/whip/main', adapter: whipWhep, offer: OFFER, action: 'publish' },
  { name: 'whep', path: '/whep/main', adapter: whipWhep, offer: VIEW_OFFER, action: 'view' },
  { name: 'plain exchange, sender', path: '/sdp', adapter: plainExchange, offer: OFFER, action: 'publish' },
  { name: 'plain exchange, viewer', path: '/sdp', adapter: plainExchange, offer: VIEW_OFFER, action: 'view' },
] as const

describe.each(ADAPTERS)('an offer to $name', ({ path, adapter, offer, action }) => {
  async function send(options: AdapterOptions, headers: Record<string, string> = {}, query = '') {
    const target = fakeTarget()
    const request = post(`${path}${query}`, offer, headers)
    setClientAddress(request, '203.0.113.9')
    const response = await adapter(target, options)(request)
    return { response, target, context: target.calls[0]?.context }
  }

  it('asks for a token with 401 and a challenge, and does nothing', async () => {
    const { response, target } = await send({ authorize: byToken })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="manycast"')
    expect(response.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect((await problemOf(response)).code).toBe('unauthorized')
    expect(target.calls).toEqual([])
  })

  it('says of a token that does not count that it is invalid', async () => {
    const { response, target } = await send({ authorize: byToken }, { authorization: 'Bearer bad' })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="manycast", error="invalid_token"')
    expect(target.calls).toEqual([])
  })

  it.each(['Bearer good', 'bearer good', 'BEARER   good '])('takes %j', async (authorization) => {
    const { response } = await send({ authorize: byToken }, { authorization })
    expect(response.ok).toBe(true)
  })

  it.each(['good', 'Basic good', 'Bearer', 'Bearer good more', 'Bearergood'])('finds no token in %j', async (value) => {
    const { response } = await send({ authorize: byToken }, { authorization: value })
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="manycast"')
  })

  it('refuses with 403 when the hook throws "forbidden", in its words', async () => {
    const authorize: Authorize = () => {
      throw new BroadcastError('forbidden', 'this is not your broadcast')
    }
    const { response, target } = await send({ authorize }, TOKEN)
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="manycast", error="insufficient_scope"')
    expect((await problemOf(response)).detail).toBe('this is not your broadcast')
    expect(target.calls).toEqual([])
  })

  it.each([
    [async () => Promise.reject(new Error('the database at 10.0.0.7 is down'))],
    [() => false as const],
    [() => null],
    [() => true as never],
    [() => 'yes' as never],
  ] as [Authorize][])('refuses what is no grant, and tells nobody why: %s', async (authorize) => {
    const { response, target } = await send({ authorize }, TOKEN)
    expect(response.status).toBe(401)
    expect(await response.text()).not.toContain('10.0.0.7')
    expect(target.calls).toEqual([])
  })

  it('takes a token from the URL only where that is allowed', async () => {
    const allowed = { authorize: byToken, tokenParameter: 'access_token' }
    expect((await send(allowed, {}, '?access_token=good')).response.ok).toBe(true)
    expect((await send({ authorize: byToken }, {}, '?access_token=good')).response.status).toBe(401)
    const { response } = await send(allowed, TOKEN, '?access_token=good')
    expect(response.status).toBe(400)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="manycast", error="invalid_request"')
  })

  it('tells the hook who wants what', async () => {
    const authorize = vi.fn<Authorize>(() => ({}))
    const { context } = await send({ authorize }, { ...TOKEN, 'x-user': '7' })
    const asked = authorize.mock.calls[0]?.[0] as AuthorizationRequest
    expect(asked).toMatchObject({ action, broadcast: 'main', token: 'good', address: '203.0.113.9' })
    expect([asked.sessionId, asked.role]).toEqual([undefined, undefined])
    expect([asked.header('X-User'), asked.header('x-none')]).toEqual(['7', undefined])
    expect(context).toEqual({ broadcast: 'main', address: '203.0.113.9' })
  })

  it('passes on the limits of the grant', async () => {
    const limits = {
      maxBitrateBps: 500_000,
      maxViewers: 3,
      layer: { maxHeight: 360 },
      publishers: ['slides'],
      roles: ['moderator'],
      metadata: { user: 7 },
    }
    const expiresAt = new Date(Date.now() + 60_000)
    const { context } = await send({ authorize: () => ({ ...limits, as: 'camera', expiresAt }) }, TOKEN)
    expect(context).toEqual({
      ...limits,
      as: 'camera',
      expiresAt: expiresAt.getTime(),
      broadcast: 'main',
      address: '203.0.113.9',
    })
  })

  it('refuses a grant that is over', async () => {
    const { response, target } = await send({ authorize: () => ({ expiresAt: Date.now() - 1 }) }, TOKEN)
    expect(response.status).toBe(401)
    expect(target.calls).toEqual([])
  })

  it('never asks for a token at a preflight', async () => {
    const preflight = { 'access-control-request-method': 'POST', origin: 'https://example.org' }
    const authorize = vi.fn<Authorize>()
    const response = await adapter(fakeTarget(), { authorize })(bare('OPTIONS', path, preflight))
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-headers')).toContain('Authorization')
    expect(authorize).not.toHaveBeenCalled()
  })

  it('takes the address from wherever the application has it', async () => {
    const { context } = await send(
      { clientAddress: (request) => request.headers.get('x-real') ?? undefined },
      {
        'x-real': '198.51.100.1',
      },
    )
    expect(context?.address).toBe('198.51.100.1')
  })
})

it('lets the grant name the publisher, whatever the request wants', async () => {
  const target = fakeTarget()
  const asked: unknown[] = []
  const authorize: Authorize = ({ as }) => {
    asked.push(as)
    return as === 'slides' ? { as: 'user-7' } : {}
  }
  const handler = whipWhep(target, { authorize })
  await handler(post('/whip/main?as=slides', OFFER))
  await handler(post('/whip/main?as=camera', OFFER))
  expect(asked).toEqual(['slides', 'camera'])
  expect(target.calls.map(({ context }) => context.as)).toEqual(['user-7', 'camera'])
})

it('does not read the body of somebody who has no token', async () => {
  const pull = vi.fn()
  const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 })
  const response = await whipWhep(fakeTarget(), { authorize: byToken })(post('/whip/main', body))
  expect(response.status).toBe(401)
  expect(pull).not.toHaveBeenCalled()
})

describe('a request at the URL of a session', () => {
  async function open(options: AdapterOptions) {
    const target = fakeTarget()
    const handler = whipWhep(target, options)
    const opened = await handler(post('/whep/main', VIEW_OFFER, TOKEN))
    return { target, handler, url: opened.headers.get('location') as string }
  }

  it('needs what the offer needed', async () => {
    const { target, handler, url } = await open({ authorize: byToken })
    for (const method of ['DELETE', 'GET', 'HEAD']) {
      const refused = await handler(bare(method, url))
      expect([method, refused.status, refused.headers.get('www-authenticate')]).toEqual([
        method,
        401,
        'Bearer realm="manycast"',
      ])
    }
    expect(target.sessions).toHaveLength(1)
    expect((await handler(bare('DELETE', url, TOKEN))).status).toBe(200)
    expect(target.sessions).toHaveLength(0)
  })

  it('needs nothing but the URL where that is proof enough', async () => {
    const { target, handler, url } = await open({ authorize: byToken, sessionAccess: 'url' })
    expect((await handler(bare('DELETE', url))).status).toBe(200)
    expect(target.sessions).toHaveLength(0)
  })

  it('tells the hook which session it is', async () => {
    const authorize = vi.fn<Authorize>(() => ({}))
    const { handler, url } = await open({ authorize })
    await handler(bare('DELETE', url, TOKEN))
    expect(authorize.mock.calls[1]?.[0]).toMatchObject({
      action: 'session',
      sessionId: 'session-1',
      role: 'viewer',
      broadcast: 'main',
      token: 'good',
    })
  })

  it('is told that the session is unknown before anything else, and that a preflight is fine', async () => {
    const authorize = vi.fn<Authorize>()
    const handler = whipWhep(fakeTarget(), { authorize })
    expect((await handler(bare('DELETE', '/whep/main/nobody'))).status).toBe(404)
    const preflight = { 'access-control-request-method': 'DELETE', origin: 'https://example.org' }
    expect((await handler(bare('OPTIONS', '/whep/main/nobody', preflight))).status).toBe(200)
    expect(authorize).not.toHaveBeenCalled()
  })
})

describe('the plain exchange', () => {
  it('asks again for a view when the place of the publisher is taken', async () => {
    const target = fakeTarget()
    const asked: string[] = []
    const authorize: Authorize = ({ action }) => {
      asked.push(action)
      return { metadata: { action } }
    }
    const handler = plainExchange(target, { authorize })
    await Promise.all([handler(post('/sdp', OFFER)), handler(post('/sdp', OFFER))])
    expect(asked).toEqual(['publish', 'publish', 'view'])
    expect(target.sessions.map(({ role, metadata }) => [role, metadata])).toEqual([
      ['publisher', { action: 'publish' }],
      ['viewer', { action: 'view' }],
    ])
    await handler(post('/sdp', OFFER))
    expect(asked.slice(3)).toEqual(['view'])
  })

  it('does not hold up others while the hook thinks about one', async () => {
    const target = fakeTarget()
    let release: (grant: object) => void = () => {}
    const slow = new Promise<object>((resolve) => {
      release = resolve
    })
    const handler = plainExchange(target, { authorize: ({ token }) => (token === 'slow' ? slow : {}) })
    const waiting = handler(post('/sdp', OFFER, { authorization: 'Bearer slow' }))
    expect((await handler(post('/sdp', OFFER, TOKEN))).status).toBe(200)
    release({})
    expect((await waiting).status).toBe(200)
    expect(target.sessions.map(({ role }) => role)).toEqual(['publisher', 'viewer'])
  })
})

it.each([
  [{ authorize: 'secret' }, 'authorize'],
  [{ sessionAccess: 'none' }, 'sessionAccess'],
  [{ tokenParameter: 'a b' }, 'tokenParameter'],
  [{ tokenParameter: '' }, 'tokenParameter'],
  [{ clientAddress: '10.0.0.1' }, 'clientAddress'],
])('refuses the options %j', (options, option) => {
  const refusal = expect.objectContaining({ code: 'option-invalid', details: { option } })
  expect(() => whipWhep(fakeTarget(), options as never)).toThrow(refusal)
  expect(() => plainExchange(fakeTarget(), options as never)).toThrow(refusal)
})
