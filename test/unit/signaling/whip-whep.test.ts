import { describe, expect, it, vi } from 'vitest'
import { BroadcastError } from '../../../src/errors.js'
import { whipWhep } from '../../../src/signaling/index.js'
import { fakeTarget } from '../../../src/testing/index.js'
import { bare, OFFER, post, problemOf } from './requests.js'

describe.each([
  { protocol: 'whip', method: 'publish', role: 'publisher' },
  { protocol: 'whep', method: 'view', role: 'viewer' },
] as const)('POST /$protocol/:name', ({ protocol, method, role }) => {
  it('answers an offer with 201, the answer and the URL of the session', async () => {
    const target = fakeTarget({ answerSdp: 'v=0\r\ns=answer\r\n' })
    const response = await whipWhep(target)(post(`/${protocol}/main`, OFFER))
    expect(response.status).toBe(201)
    expect(response.headers.get('content-type')).toBe('application/sdp')
    expect(response.headers.get('location')).toBe(`/${protocol}/main/session-1`)
    expect(await response.text()).toBe('v=0\r\ns=answer\r\n')
    expect(target.calls).toEqual([{ method, sdp: OFFER, context: { broadcast: 'main' } }])
    expect(target.sessions[0]?.role).toBe(role)
  })

  it('passes on the offer byte for byte, also when it comes in pieces that cut a character', async () => {
    const target = fakeTarget()
    const bytes = new TextEncoder().encode(`${OFFER}s=Bühne ☕\r\n`)
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]))
        controller.close()
      },
    })
    const response = await whipWhep(target)(post(`/${protocol}/main`, body))
    expect(response.status).toBe(201)
    expect(target.calls[0]?.sdp).toBe(`${OFFER}s=Bühne ☕\r\n`)
  })

  it.each(['application/sdp', 'Application/SDP', 'application/sdp; charset=utf-8', ' application/sdp ;x=y'])(
    'takes the content type %j',
    async (contentType) => {
      const response = await whipWhep(fakeTarget())(post(`/${protocol}/a`, OFFER, { 'content-type': contentType }))
      expect(response.status).toBe(201)
    },
  )

  it.each(['', 'text/plain', 'application/sdpfrag', 'application/json', 'application/sdp, application/sdp'])(
    'refuses the content type %j with 415 and says what it takes',
    async (contentType) => {
      const target = fakeTarget()
      const response = await whipWhep(target)(post(`/${protocol}/a`, OFFER, { 'content-type': contentType }))
      expect(response.status).toBe(415)
      expect(response.headers.get('accept-post')).toBe('application/sdp')
      expect((await problemOf(response)).code).toBe('media-type-unsupported')
      expect(target.calls).toEqual([])
    },
  )

  it('refuses an empty body with 400', async () => {
    const response = await whipWhep(fakeTarget())(post(`/${protocol}/a`, ' \r\n'))
    expect(response.status).toBe(400)
    expect((await problemOf(response)).code).toBe('request-invalid')
  })

  it('refuses a body that is not UTF-8 with 400', async () => {
    const body = new Blob([new Uint8Array([0x76, 0x3d, 0xff])]).stream()
    expect((await whipWhep(fakeTarget())(post(`/${protocol}/a`, body))).status).toBe(400)
  })

  it('refuses a compressed body with 415', async () => {
    const response = await whipWhep(fakeTarget())(post(`/${protocol}/a`, OFFER, { 'content-encoding': 'gzip' }))
    expect(response.status).toBe(415)
  })

  it('answers wrong SDP with 400 and the line at fault', async () => {
    const target = fakeTarget()
    target.failNext(new BroadcastError('sdp-invalid', 'line 3: nonsense', { details: { line: 3 } }))
    const response = await whipWhep(target)(post(`/${protocol}/a`, OFFER))
    expect(response.status).toBe(400)
    expect(await problemOf(response)).toMatchObject({
      status: 400,
      title: 'Bad Request',
      code: 'sdp-invalid',
      detail: 'line 3: nonsense',
      details: { line: 3 },
    })
  })

  it.each(['codec-unsupported', 'direction-mismatch', 'sdp-unsupported'] as const)(
    'answers %s with 422, never with the 406 that WHEP keeps for counter-offers',
    async (code) => {
      const target = fakeTarget()
      target.failNext(new BroadcastError(code, 'no'))
      expect((await whipWhep(target)(post(`/${protocol}/a`, OFFER))).status).toBe(422)
    },
  )

  it('answers overload with 503 and when to come again', async () => {
    const target = fakeTarget()
    target.failNext(new BroadcastError('limit-reached', 'full', { details: { limit: 'maxViewers' } }))
    const response = await whipWhep(target)(post(`/${protocol}/a`, OFFER))
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('answers a defect with 500 and keeps its message to itself', async () => {
    const target = fakeTarget()
    target.failNext(new TypeError('secret of the house'))
    const response = await whipWhep(target)(post(`/${protocol}/a`, OFFER))
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
  })

  it.each(['a b', 'a%20b', '%2e%2e%2f', 'a%2Fb', '%ff', '%', 'x'.repeat(129), 'a&b', '%00'])(
    'refuses the name %j',
    async (name) => {
      const target = fakeTarget()
      const response = await whipWhep(target)(post(`/${protocol}/${name}`, OFFER))
      expect(response.status).toBe(400)
      expect(target.calls).toEqual([])
    },
  )

  it('decodes the name, so that one broadcast has one name', async () => {
    const target = fakeTarget()
    const response = await whipWhep(target)(post(`/${protocol}/%6dain%2D1`, OFFER))
    expect(response.headers.get('location')).toBe(`/${protocol}/main-1/session-1`)
    expect(target.calls[0]?.context.broadcast).toBe('main-1')
  })

  it('closes the session again when the client went away while it was made', async () => {
    const target = fakeTarget()
    const release = target.hold()
    const gone = new AbortController()
    const reply = whipWhep(target)(new Request(post(`/${protocol}/a`, OFFER), { signal: gone.signal }))
    await vi.waitFor(() => expect(target.calls).toHaveLength(1))
    gone.abort()
    release()
    expect((await reply).status).toBe(400)
    expect(target.sessions).toEqual([])
  })
})

it('tells a viewer of an unknown broadcast to come again: 409 and Retry-After, not 404', async () => {
  const target = fakeTarget()
  target.failNext(new BroadcastError('broadcast-not-found', 'nobody publishes'))
  const response = await whipWhep(target)(post('/whep/a', OFFER))
  expect(response.status).toBe(409)
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
})

it('tells a second publisher 409 where the first one is kept', async () => {
  const target = fakeTarget()
  target.failNext(new BroadcastError('publisher-exists', 'taken'))
  expect((await whipWhep(target)(post('/whip/a', OFFER))).status).toBe(409)
})

describe('the session URL', () => {
  async function opened(protocol = 'whip') {
    const target = fakeTarget()
    const handler = whipWhep(target)
    const response = await handler(post(`/${protocol}/main`, OFFER))
    return { target, handler, path: response.headers.get('location') ?? '' }
  }

  it('ends the session on DELETE with 200, once', async () => {
    const { target, handler, path } = await opened()
    const session = target.sessions[0]
    const response = await handler(bare('DELETE', path))
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
    expect(session?.closeReason).toBe('closed')
    expect((await handler(bare('DELETE', path))).status).toBe(404)
  })

  it('ignores entity-tags on DELETE', async () => {
    const { handler, path } = await opened()
    expect((await handler(bare('DELETE', path, { 'if-match': '"other"' }))).status).toBe(200)
  })

  it('answers 404 once the session has ended by itself', async () => {
    const { target, handler, path } = await opened()
    await target.sessions[0]?.close('peer-closed')
    expect((await handler(bare('GET', path))).status).toBe(404)
  })

  it.each(['GET', 'HEAD'])('answers %s with 200 and no content', async (method) => {
    const { handler, path } = await opened()
    const response = await handler(bare(method, path))
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
  })

  it('exists under its own name and protocol only', async () => {
    const { target, handler } = await opened('whip')
    for (const path of ['/whip/other/session-1', '/whep/main/session-1', '/whip/main/session-2', '/whip/main/%ff']) {
      expect((await handler(bare('DELETE', path))).status, path).toBe(404)
    }
    expect(target.sessions).toHaveLength(1)
  })

  it.each(['POST', 'PUT'])('answers %s with 405 and what is allowed', async (method) => {
    const { handler, path } = await opened()
    const response = await handler(bare(method, path))
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toContain('DELETE')
    expect((await problemOf(response)).code).toBe('method-not-allowed')
  })

  it('carries the name of a lone Broadcast, so that its DELETE finds the session', async () => {
    const target = fakeTarget()
    const lone = {
      ...target,
      publish: (offer: string) => target.publish(offer, { broadcast: 'its-own' }),
    } as typeof target
    const handler = whipWhep(lone)
    const path = (await handler(post('/whip/whatever', OFFER))).headers.get('location') ?? ''
    expect(path).toBe('/whip/its-own/session-1')
    expect((await handler(bare('DELETE', path))).status).toBe(200)
  })
})

describe('the endpoint', () => {
  it.each(['GET', 'HEAD'])('answers %s with 200, the media type and no content', async (method) => {
    const response = await whipWhep(fakeTarget())(bare(method, '/whep/main'))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/sdp')
    expect(await response.text()).toBe('')
  })

  it.each(['PATCH', 'PUT', 'DELETE'])('answers %s with 405 and what is allowed', async (method) => {
    const response = await whipWhep(fakeTarget())(bare(method, '/whip/main'))
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST, GET, HEAD, OPTIONS')
  })

  it('answers OPTIONS with 200 and Accept-Post', async () => {
    const response = await whipWhep(fakeTarget())(bare('OPTIONS', '/whip/main'))
    expect(response.status).toBe(200)
    expect(response.headers.get('accept-post')).toBe('application/sdp')
  })

  it('does not say of a session that it is gone while the server goes down: it may be elsewhere', async () => {
    const target = fakeTarget()
    const handler = whipWhep(target)
    expect((await handler(bare('GET', '/whip/main/gone'))).status).toBe(404)
    const response = await whipWhep(Object.assign(target, { draining: true }))(bare('GET', '/whip/main/gone'))
    expect(response.status).toBe(503)
    expect((await problemOf(response)).code).toBe('draining')
  })

  it('answers a method that nobody knows with 501', async () => {
    const { handler, path } = { handler: whipWhep(fakeTarget()), path: '/whip/main' }
    const response = await handler(bare('BREW', path))
    expect(response.status).toBe(501)
    expect((await problemOf(response)).detail).toContain('BREW')
  })

  it.each([
    '/',
    '/whip',
    '/whip/',
    '/whip//x',
    '/whip/a/',
    '/whip/a/b/c',
    '/whip/a/b/layer',
    '/whep/a/b/other',
    '/whep/a/b/layer/c',
    '/whep/a/b/events/c/d',
    '/whep/a/b/events/',
    '/whipp/a',
    '/x/whip/a',
  ])('leaves the path %s to others', async (path) => {
    const handler = whipWhep(fakeTarget())
    expect(handler.knows(new URL(`http://localhost${path}`))).toBe(false)
    expect((await handler(post(path, OFFER))).status).toBe(404)
  })

  it('lives below the path prefix, and so do its session URLs', async () => {
    const handler = whipWhep(fakeTarget(), { pathPrefix: '/media/v1' })
    expect((await handler(post('/whip/a', OFFER))).status).toBe(404)
    const response = await handler(post('/media/v1/whip/a', OFFER))
    expect(response.headers.get('location')).toBe('/media/v1/whip/a/session-1')
    expect((await handler(bare('DELETE', '/media/v1/whip/a/session-1'))).status).toBe(200)
  })
})

describe('limits on the body', () => {
  it('refuses what announces too much without reading it', async () => {
    const pull = vi.fn()
    const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 })
    const request = post('/whip/a', body, { 'content-length': '70000' })
    expect((await whipWhep(fakeTarget())(request)).status).toBe(413)
    expect(pull).not.toHaveBeenCalled()
  })

  it('stops reading as soon as there is too much, whatever was announced', async () => {
    let pulled = 0
    let cancelled = false
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1000
        controller.enqueue(new Uint8Array(1000).fill(0x61))
      },
      cancel() {
        cancelled = true
      },
    })
    const target = fakeTarget()
    const response = await whipWhep(target, { maxBodyBytes: 10_000 })(post('/whip/a', body))
    expect(response.status).toBe(413)
    expect((await problemOf(response)).code).toBe('request-too-large')
    expect(pulled).toBeLessThan(15_000)
    expect(cancelled).toBe(true)
    expect(target.calls).toEqual([])
  })

  it('takes a body of exactly the limit', async () => {
    const offer = OFFER.padEnd(10_000, 'x')
    const handler = whipWhep(fakeTarget(), { maxBodyBytes: 10_000 })
    expect((await handler(post('/whip/a', offer))).status).toBe(201)
    expect((await handler(post('/whip/a', `${offer}x`))).status).toBe(413)
  })

  it('gives up on a body that does not come', async () => {
    vi.useFakeTimers()
    try {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode('v=0\r\n')),
      })
      const reply = whipWhep(fakeTarget(), { bodyTimeoutMs: 5000 })(post('/whip/a', body))
      await vi.advanceTimersByTimeAsync(4999)
      expect(vi.getTimerCount()).toBe(1)
      await vi.advanceTimersByTimeAsync(1)
      expect((await reply).status).toBe(408)
    } finally {
      vi.useRealTimers()
    }
  })

  it('leaves no timer behind', async () => {
    vi.useFakeTimers()
    try {
      expect((await whipWhep(fakeTarget())(post('/whip/a', OFFER))).status).toBe(201)
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('CORS', () => {
  const preflight = (origin: string, path = '/whip/a/unknown') =>
    bare('OPTIONS', path, { origin, 'access-control-request-method': 'DELETE' })

  it('lets every origin preflight every method and header that WHIP needs, also for sessions that are gone', async () => {
    const response = await whipWhep(fakeTarget())(preflight('https://a.example'))
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const methods = response.headers.get('access-control-allow-methods')?.split(', ')
    expect(methods).toEqual(expect.arrayContaining(['POST', 'PATCH', 'DELETE', 'OPTIONS', 'GET', 'HEAD']))
    const headers = response.headers.get('access-control-allow-headers')?.split(', ')
    expect(headers).toEqual(expect.arrayContaining(['Authorization', 'Content-Type', 'If-Match']))
  })

  it('exposes the headers that a client has to read, on failures too', async () => {
    const handler = whipWhep(fakeTarget())
    for (const request of [post('/whip/a', OFFER), post('/whip/a', ''), bare('PATCH', '/whip/a/x')]) {
      const response = await handler(request)
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      const exposed = response.headers.get('access-control-expose-headers')?.split(', ')
      expect(exposed).toEqual(expect.arrayContaining(['Location', 'ETag', 'Link', 'Accept-Post', 'Retry-After']))
    }
  })

  it('lets clients find PATCH in a plain OPTIONS, and tells those that send ETag in place of If-Match what is wrong', async () => {
    const handler = whipWhep(fakeTarget())
    const plain = await handler(bare('OPTIONS', '/whip/a', { origin: 'https://a.example' }))
    expect(plain.headers.get('access-control-allow-methods')?.split(', ')).toContain('PATCH')
    expect(plain.headers.get('access-control-expose-headers')).toContain('Access-Control-Allow-Methods')
    const asked = await handler(preflight('https://a.example'))
    expect(asked.headers.get('access-control-allow-headers')?.split(', ')).toContain('ETag')
    const created = await handler(post('/whip/a', OFFER))
    const headers = { 'content-type': 'application/trickle-ice-sdpfrag', etag: created.headers.get('etag') ?? '' }
    const session = created.headers.get('location') ?? ''
    expect((await handler(bare('PATCH', session, headers))).status).toBe(428)
  })

  it('lets only listed origins in, and tells caches that it depends on the origin', async () => {
    const handler = whipWhep(fakeTarget(), { cors: ['https://a.example'] })
    const friend = await handler(preflight('https://a.example'))
    expect(friend.headers.get('access-control-allow-origin')).toBe('https://a.example')
    const stranger = await handler(preflight('https://b.example'))
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull()
    expect(stranger.headers.get('vary')).toBe('Origin')
  })

  it('says nothing when it is off', async () => {
    const response = await whipWhep(fakeTarget(), { cors: false })(preflight('https://a.example'))
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

it.each([
  { maxBodyBytes: 0 },
  { maxBodyBytes: 1.5 },
  { bodyTimeoutMs: -1 },
  { pathPrefix: 'media' },
  { pathPrefix: '/media/' },
  { pathPrefix: '/a/../b' },
  { cors: ['example.org'] },
  { cors: ['https://example.org/'] },
])('refuses the options %j when it is made', (options) => {
  expect(() => whipWhep(fakeTarget(), options)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
})
