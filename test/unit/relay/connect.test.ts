/** How a relay connects: what it asks for, with whose token, and what it makes of the reply. */
import { describe, expect, it } from 'vitest'
import { pull } from '../../../src/relay/index.js'
import { FakeRelayTarget } from './fake-relay-target.js'
import { FakeServers, type Seen } from './fake-server.js'
import { pullScene, pushScene, settle } from './relay-scene.js'

const redirect = (location: string, status = 307) => new Response(null, { status, headers: { location } })

describe('a pull', () => {
  it('posts its offer, takes the answer and is connected once its session is', async () => {
    const target = new FakeRelayTarget()
    target.connects = false
    const { relay, servers, states } = await pullScene({ target, token: 'secret', headers: { 'X-Region': 'eu' } })
    const post = servers.last('POST')
    expect(post).toMatchObject({ url: 'https://up.test/whep/show', body: 'offer-1' })
    expect(Object.fromEntries(post.headers)).toMatchObject({
      'content-type': 'application/sdp',
      authorization: 'Bearer secret',
      'manycast-path': 'self',
      'x-region': 'eu',
    })
    expect(target.answers).toEqual(['answer-1'])
    expect(target.session.context).toEqual({ relay: { path: [] }, essential: true, layers: 3 })
    expect(relay.state).toBe('connecting')
    expect(relay.session).toBeUndefined()
    target.session.become('connected')
    await relay.whenConnected()
    expect(states).toEqual(['connected'])
    expect(relay.session).toBe(target.session)
  })

  it('takes and publishes a publisher of that name, within a bitrate', async () => {
    const { target, servers } = await pullScene({ as: 'slides', layers: 1, maxBitrateBps: 500_000 })
    expect(servers.last('POST').url).toBe('https://up.test/whep/show?as=slides')
    expect(target.session.context).toEqual({
      relay: { path: [] },
      essential: true,
      as: 'slides',
      layers: 1,
      maxBitrateBps: 500_000,
    })
  })

  it('says how it is', async () => {
    const servers = new FakeServers()
    servers.paths.set('up.test', 'origin, up')
    const { relay, target } = await pullScene({ servers })
    expect(await relay.stats()).toEqual({
      kind: 'pull',
      state: 'connected',
      url: 'https://up.test/whep/show',
      path: ['origin', 'up'],
      attempts: 1,
      connections: 1,
      failures: 0,
      error: undefined,
      session: { transport: { packetsIn: 1 } },
    })
    expect(target.session.path).toEqual(['origin', 'up'])
  })

  it('ends here and there when it is closed, and resolves after that', async () => {
    const { relay, target, servers, states } = await pullScene({ token: 'secret' })
    await relay.close()
    expect(servers.last('DELETE')).toMatchObject({ url: 'https://up.test/whep/show/s1' })
    expect(servers.last('DELETE').headers.get('authorization')).toBe('Bearer secret')
    expect(servers.sessions.size).toBe(0)
    expect(target.session.state).toBe('closed')
    expect(states).toEqual(['connected', 'closed'])
    await expect(relay.whenConnected()).rejects.toMatchObject({ code: 'closed' })
    await expect(relay.switchTo('https://x.test')).rejects.toMatchObject({ code: 'closed' })
  })

  it('leaves nothing behind when it is closed on its way', async () => {
    const target = new FakeRelayTarget()
    target.connects = false
    const { relay, servers } = await pullScene({ target })
    await relay.close()
    expect(servers.sessions.size).toBe(0)
    expect(target.session.state).toBe('closed')
  })

  it('gives up the request that it waits for when it is closed', async () => {
    const servers = new FakeServers()
    servers.answer = ({ method }) => (method === 'POST' ? new Promise(() => {}) : undefined)
    const { relay, target } = await pullScene({ servers })
    await relay.close()
    expect(target.session.state).toBe('closed')
    expect(relay.error).toBeUndefined()
  })
})

it('a push says the nodes that its media come through, and learns the one that takes them', async () => {
  const target = new FakeRelayTarget()
  target.upstream = ['origin', 'edge']
  const servers = new FakeServers()
  servers.paths.set('up.test', 'there')
  const { relay } = await pushScene({ target, servers, as: 'slides' })
  expect(servers.last('POST').headers.get('manycast-path')).toBe('origin, edge, self')
  expect(servers.last('POST').url).toBe('https://up.test/whip/show?as=slides')
  expect(target.directions).toEqual(['out'])
  expect(target.session.context).toEqual({ relay: { path: [] }, essential: true, publishers: ['slides'], layers: 3 })
  expect(relay.path).toEqual(['there'])
})

describe('a server without simulcast', () => {
  const plain = (servers: FakeServers, more = ''): FakeServers => {
    servers.answer = ({ method, body }) => {
      if (method !== 'POST') return undefined
      const location = `/whip/show/${body}`
      servers.sessions.add(`https://up.test${location}`)
      return new Response(`answer${more}`, { status: 201, headers: { location } })
    }
    return servers
  }

  it('is pushed one video that it can tell by its SSRC', async () => {
    const { target, servers, states } = await pushScene({ servers: plain(new FakeServers()) })
    expect(target.sessions.map(({ context }) => context.layers)).toEqual([3, 1])
    expect(target.sessions.map(({ state }) => state)).toEqual(['closed', 'connected'])
    expect(target.answers).toEqual(['answer'])
    expect(servers.sessions).toEqual(new Set(['https://up.test/whip/show/offer-2']))
    expect(states).toEqual(['connected'])
  })

  it('but for a word in its answer is one, too: it cannot tell the layers', async () => {
    const { target } = await pushScene({ servers: plain(new FakeServers(), '\r\na=simulcast:recv 0;1;2') })
    expect(target.sessions.map(({ context }) => context.layers)).toEqual([3, 1])
  })

  it('is asked for one video if that is all that is wanted', async () => {
    const { target } = await pushScene({ servers: plain(new FakeServers()), layers: 1 })
    expect(target.sessions).toHaveLength(1)
  })

  it('sends what it has, when it is pulled', async () => {
    const { target } = await pullScene({ servers: plain(new FakeServers()) })
    expect(target.sessions).toHaveLength(1)
  })

  it.each([400, 406, 415, 422, 500, 501])('that refuses such an offer with %d gets a plain one', async (status) => {
    const servers = new FakeServers()
    servers.answer = ({ body }) => (body === 'offer-1' ? new Response(null, { status }) : undefined)
    const { target, states } = await pullScene({ servers })
    expect(target.sessions.map(({ context }) => context.layers)).toEqual([3, 1])
    expect(states).toEqual(['connected'])
  })
})

describe('the token', () => {
  it('is asked for before each request', async () => {
    let count = 0
    const { relay, servers } = await pullScene({ token: async () => `t${++count}` })
    await relay.close()
    expect(servers.seen.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer t1', 'Bearer t2'])
  })

  it('that is not to be had is a failed attempt', async () => {
    const { states, servers, delays } = await pullScene({ token: () => Promise.reject(new Error('no')) })
    expect(states).toEqual([])
    expect(servers.seen).toEqual([])
    expect(delays).toEqual([125])
  })

  it.each<[what: string, location: string, from: string, goes: boolean]>([
    ['to the same origin', '/whep/elsewhere', 'https://up.test/whep/show', true],
    ['not to another host', 'https://other.test/whep/show', 'https://up.test/whep/show', false],
    ['not to another port', 'https://up.test:8443/whep/show', 'https://up.test/whep/show', false],
    ['to a host that is trusted', 'https://edge.test:81/whep/show', 'https://up.test/whep/show', true],
    ['not there without encryption', 'http://edge.test:81/whep/show', 'https://up.test/whep/show', false],
    ['but there if there was none before', 'http://edge.test:81/whep/show', 'http://up.test/whep/show', true],
  ])('goes along a redirect %s', async (_what, location, url, goes) => {
    const servers = new FakeServers()
    servers.answer = (request) => (request.url === url ? redirect(location) : undefined)
    const { target, relay } = await pullScene({
      url,
      servers,
      token: 'secret',
      headers: { 'x-key': 'k' },
      trustedHosts: ['edge.test:81'],
    })
    const post = servers.last('POST')
    expect(post.url).toBe(new URL(location, url).href)
    expect(post.body).toBe('offer-1')
    expect(post.headers.get('authorization')).toBe(goes ? 'Bearer secret' : null)
    expect(post.headers.get('x-key')).toBe(goes ? 'k' : null)
    expect(target.answers).toEqual(['answer-1'])
    // Its session is below what has answered, and its end is asked for there.
    await relay.close()
    expect(servers.last('DELETE').url).toBe(`${post.url}/s1`)
    expect(servers.last('DELETE').headers.get('authorization')).toBe(goes ? 'Bearer secret' : null)
  })
})

describe('a redirect', () => {
  it.each([
    [301, 'https://b.test/'],
    [302, 'https://b.test/'],
    [303, 'https://b.test/'],
    [307, 'ftp://b.test/'],
    [307, 'http://['],
  ])('by %d to %s is not followed', async (status, location) => {
    const servers = new FakeServers()
    servers.answer = () => redirect(location, status)
    const { delays } = await pullScene({ servers })
    expect(servers.seen).toHaveLength(1)
    expect(delays).toHaveLength(1)
  })

  it('by 308 is followed', async () => {
    const servers = new FakeServers()
    servers.answer = ({ url }) => (url.startsWith('https://up.test') ? redirect('https://b.test/x', 308) : undefined)
    const { states } = await pullScene({ servers })
    expect(states).toEqual(['connected'])
  })

  it('is followed five times, and no more', async () => {
    const servers = new FakeServers()
    servers.answer = ({ url }) => redirect(`${url}x`)
    const { relay, delays } = await pullScene({ servers })
    expect(servers.seen).toHaveLength(6)
    expect(relay.error?.code).toBe('relay-unreachable')
    expect(delays).toHaveLength(1)
  })
})

describe('a reply', () => {
  it('that is too long is not read to its end', async () => {
    let sent = 0
    const body = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          sent += 1024
          controller.enqueue(new Uint8Array(1024))
        },
      })
    const servers = new FakeServers()
    servers.answer = () => new Response(body(), { status: 201 })
    const { relay } = await pullScene({ servers, maxBodyBytes: 4096 })
    expect(relay.error?.message).toContain('4096')
    expect(sent).toBeLessThan(16_384)
  })

  it('that does not come is waited for no longer than it may take', async () => {
    const servers = new FakeServers()
    servers.answer = () => new Promise(() => {})
    const { relay, target, pass } = await pullScene({ servers, requestTimeoutMs: 1000 })
    await pass(950)
    expect(relay.error).toBeUndefined()
    await pass(50)
    expect(relay.error).toMatchObject({ code: 'relay-unreachable', message: expect.stringContaining('too long') })
    expect(target.session.state).toBe('closed')
  })

  it('without a Location is taken, too; nobody can then be asked or told', async () => {
    const servers = new FakeServers()
    servers.answer = () => new Response('answer', { status: 201 })
    const { relay, target, states, pass } = await pullScene({ servers })
    target.session.isHeard = false
    await pass(10_000)
    await relay.close()
    expect(states).toEqual(['connected', 'closed'])
    expect(servers.seen).toHaveLength(1)
  })

  it('whose session never connects is a failed attempt, and is ended there', async () => {
    const target = new FakeRelayTarget()
    target.connects = false
    const { relay, servers } = await pullScene({ target })
    target.session.become('closed', 'connect-timeout')
    await settle()
    expect(relay.error).toMatchObject({ code: 'relay-unreachable', details: { reason: 'connect-timeout' } })
    expect(servers.sessions.size).toBe(0)
  })
})

describe('options', () => {
  it.each<[name: string, options: object]>([
    ['token', { token: 7 }],
    ['headers', { headers: { 'bad name': 'x' } }],
    ['headers', { headers: 'x' }],
    ['trustedHosts', { trustedHosts: ['https://x.test'] }],
    ['as', { as: '' }],
    ['layers', { layers: 0 }],
    ['maxBitrateBps', { maxBitrateBps: 1 }],
    ['reconnect', { reconnect: 5 }],
    ['reconnect.firstDelayMs', { reconnect: { firstDelayMs: 0 } }],
    ['reconnect.maxDelayMs', { reconnect: { firstDelayMs: 500, maxDelayMs: 400 } }],
    ['reconnect.maxAttempts', { reconnect: { maxAttempts: -1 } }],
    ['resolveUrl', { resolveUrl: 'x' }],
    ['silenceMs', { silenceMs: 1 }],
    ['fetch', { fetch: 1 }],
  ])('that are wrong are refused: %s', (option, options) => {
    expect(() => pull(new FakeRelayTarget(), 'https://a.test/', options)).toThrow(
      expect.objectContaining({ code: 'option-invalid', details: { option } }),
    )
  })

  it.each(['', 'nonsense', 'ftp://a.test/', 'https://user:secret@a.test/'])('an URL like %j is refused', (url) => {
    const refused = (): unknown => pull(new FakeRelayTarget(), url)
    expect(refused).toThrow(expect.objectContaining({ code: 'option-invalid', details: { option: 'whepUrl' } }))
    expect(refused).not.toThrow(/secret/)
  })

  it('headers of a request are those of the application and of the protocol', async () => {
    const { servers } = await pullScene({ headers: { 'Content-Type': 'text/plain' } })
    expect((servers.seen[0] as Seen).headers.get('content-type')).toBe('application/sdp')
  })
})
