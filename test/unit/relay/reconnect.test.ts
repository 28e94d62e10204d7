/** How a relay comes back: after what, when, and when not. */
import { describe, expect, it } from 'vitest'
import { BroadcastError } from '../../../src/errors.js'
import { backoffMs, resolveBackoff } from '../../../src/relay/backoff.js'
import { SeededRandom } from '../../../src/testing/seeded-random.js'
import { FakeRelayTarget } from './fake-relay-target.js'
import { FakeServers } from './fake-server.js'
import { pullScene, pushScene, settle } from './relay-scene.js'

const problem = (status: number, body: object = {}, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers })

describe('the wait', () => {
  it('doubles up to a bound, and half of it is chance', () => {
    const config = resolveBackoff()
    const random = new SeededRandom(7)
    for (let failures = 1; failures < 40; failures++) {
      const whole = Math.min(250 * 2 ** (failures - 1), 3000)
      expect(backoffMs(config, failures, 0)).toBe(whole / 2)
      const delayMs = backoffMs(config, failures, random.next())
      expect(delayMs).toBeGreaterThanOrEqual(whole / 2)
      expect(delayMs).toBeLessThan(whole)
    }
  })

  it('is as long as the server wants, up to a bound', () => {
    const config = resolveBackoff({ maxRetryAfterMs: 10_000 })
    expect(backoffMs(config, 1, 0, 5000)).toBe(5000)
    expect(backoffMs(config, 1, 0, 3_600_000)).toBe(10_000)
    expect(backoffMs(config, 1, 0, 1)).toBe(125)
  })
})

describe('a server that is away', () => {
  it('is tried again and again', async () => {
    const servers = new FakeServers()
    servers.away.add('up.test')
    const { relay, target, delays, states, pass } = await pullScene({ servers })
    await pass(6000)
    expect(delays).toEqual([125, 250, 500, 1000, 1500, 1500, 1500])
    expect(states).toEqual([])
    expect(relay.error).toMatchObject({ code: 'relay-unreachable', message: expect.stringContaining('ECONNREFUSED') })
    expect(target.sessions.every(({ state }) => state === 'closed')).toBe(true)
    servers.away.clear()
    await pass(1500)
    expect(states).toEqual(['connected'])
    expect(relay.error).toBeUndefined()
  })

  it('is tried no more often than it may be', async () => {
    const servers = new FakeServers()
    servers.away.add('up.test')
    const { relay, states, pass } = await pullScene({ servers, reconnect: { maxAttempts: 2 } })
    await pass(1000)
    expect(servers.of('POST')).toHaveLength(3)
    expect(states).toEqual(['closed relay-unreachable'])
    await expect(relay.whenConnected()).rejects.toMatchObject({ code: 'relay-unreachable' })
  })

  it('is not tried again without reconnect', async () => {
    const servers = new FakeServers()
    servers.away.add('up.test')
    const { states } = await pullScene({ servers, reconnect: false })
    expect(states).toEqual(['closed relay-unreachable'])
  })
})

describe('a refusal', () => {
  it.each([400, 401, 403, 405, 406, 413, 415, 422, 501])('with %d ends the relay', async (status) => {
    const servers = new FakeServers()
    servers.answer = () => problem(status, { code: 'forbidden', detail: 'not for you' })
    const { relay, states } = await pullScene({ servers })
    expect(states).toEqual(['closed relay-refused'])
    expect(relay.error).toMatchObject({
      message: `the other server answers ${status}: not for you`,
      details: { status, code: 'forbidden' },
    })
  })

  it.each([404, 408, 409, 410, 429, 500, 502, 503, 504])('with %d passes', async (status) => {
    const servers = new FakeServers()
    servers.answer = () => problem(status)
    const { relay, states, pass } = await pullScene({ servers })
    expect(relay.error?.details).toEqual({ status })
    servers.answer = () => undefined
    await pass(150)
    expect(states).toEqual(['connected'])
  })

  it('for good is none where another server may be named', async () => {
    const servers = new FakeServers()
    servers.answer = ({ url }) => (url.startsWith('https://up.test') ? problem(401) : undefined)
    const asked: string[] = []
    const resolveUrl = (last: URL): string | undefined => {
      asked.push(last.host)
      return asked.length > 1 ? 'https://b.test/whep/show' : undefined
    }
    const { relay, states, pass } = await pullScene({ servers, resolveUrl })
    await pass(150)
    expect(states).toEqual(['connected'])
    expect(relay.url).toBe('https://b.test/whep/show')
    expect(asked).toEqual(['up.test', 'up.test'])
  })

  it.each([
    ['seconds', '2'],
    ['a date', new Date(Date.UTC(2026, 0, 1) + 2000).toUTCString()],
  ])('says in %s when to come again', async (_form, value) => {
    const servers = new FakeServers()
    servers.answer = () => problem(503, {}, { 'retry-after': value })
    const { delays, pass } = await pullScene({ servers })
    expect(delays).toEqual([2000])
    await pass(1900)
    expect(servers.of('POST')).toHaveLength(1)
    await pass(150)
    expect(servers.of('POST')).toHaveLength(2)
  })

  it('of the offer on this side passes, unless the broadcast is closed', async () => {
    const target = new FakeRelayTarget()
    target.failure = new BroadcastError('limit-reached', 'full')
    const { states, pass } = await pullScene({ target })
    await pass(150)
    expect(states).toEqual(['connected'])
    target.failure = new BroadcastError('closed', 'the broadcast is closed')
    target.session.become('closed', 'peer-closed')
    await pass(300)
    expect(states.at(-1)).toBe('closed closed')
  })
})

describe('where to connect', () => {
  it('is asked before every attempt, and a failure of that is one of the attempt', async () => {
    const urls = [
      () => 'https://a.test/x',
      () => Promise.reject(new BroadcastError('limit-reached', 'no')),
      () => 'https://b.test/x',
    ]
    const { relay, target, states, delays, servers, pass } = await pullScene({ resolveUrl: () => urls.shift()?.() })
    target.session.become('closed', 'peer-closed')
    await pass(1000)
    expect(servers.of('POST')).toEqual(['https://a.test/x', 'https://b.test/x'])
    expect(states).toEqual(['connected', 'reconnecting relay-lost', 'connected'])
    expect(delays).toEqual([250])
    expect(relay.url).toBe('https://b.test/x')
  })

  it('has to be an URL', async () => {
    const { relay } = await pullScene({ resolveUrl: () => 'nonsense', reconnect: false })
    expect(relay.error).toMatchObject({ code: 'option-invalid', details: { option: 'resolveUrl' } })
  })
})

describe('a session that ends', () => {
  it.each(['peer-closed', 'consent-timeout', 'dtls-failed', 'engine-failed', 'internal-error'] as const)(
    'by %s is followed by another one',
    async (reason) => {
      const { target, servers, states, pass } = await pullScene()
      await pass(3000)
      target.session.become('closed', reason)
      await pass(150)
      expect(states).toEqual(['connected', 'reconnecting relay-lost', 'connected'])
      expect(target.sessions).toHaveLength(2)
      expect(servers.sessions).toEqual(new Set(['https://up.test/whep/show/s2']))
    },
  )

  it.each(['closed', 'replaced', 'kicked', 'expired', 'limit-exceeded', 'broadcast-closed', 'sfu-closed'] as const)(
    'by %s is meant to, and ends the relay',
    async (reason) => {
      const { relay, target, servers, states, pass } = await pullScene()
      target.session.become('closed', reason)
      await pass(150)
      expect(states).toEqual(['connected', 'closed relay-lost'])
      expect(relay.error?.message).toContain(reason)
      expect(servers.sessions.size).toBe(0)
    },
  )

  it('ends the relay if it is not to come back', async () => {
    const { target, states, pass } = await pullScene({ reconnect: false })
    await pass(5000)
    target.session.become('closed', 'peer-closed')
    expect(states).toEqual(['connected', 'closed relay-lost'])
  })

  it('soon after it was connected counts as a failed attempt', async () => {
    const { relay, target, pass } = await pullScene()
    for (let failures = 1; failures <= 5; failures++) {
      target.session.become('closed', 'peer-closed')
      expect((await relay.stats()).failures).toBe(failures)
      await pass(2000)
    }
    await pass(3000)
    target.session.become('closed', 'peer-closed')
    expect((await relay.stats()).failures).toBe(1)
  })
})

describe('a session that falls silent', () => {
  it('is followed by another one, and stays until that is connected', async () => {
    const { target, states, pass, servers } = await pullScene()
    await pass(3000)
    const [first] = target.sessions
    target.connects = false
    first?.become('disconnected')
    await pass(150)
    expect(target.sessions).toHaveLength(2)
    expect(first?.state).toBe('disconnected')
    target.session.become('connected')
    await settle()
    expect(first?.state).toBe('closed')
    expect(states).toEqual(['connected', 'reconnecting relay-lost', 'connected'])
    expect(servers.of('DELETE')).toEqual(['https://up.test/whep/show/s1'])
  })

  it('is asked about after two seconds, and goes on if the server knows it', async () => {
    const { target, servers, states, pass } = await pullScene({ checkIntervalMs: 3_600_000 })
    await pass(10_000)
    // Whether it answers such questions at all.
    expect(servers.of('GET')).toEqual(['https://up.test/whep/show/s1'])
    target.session.isHeard = false
    await pass(1900)
    expect(servers.of('GET')).toHaveLength(1)
    await pass(600)
    expect(servers.of('GET')).toHaveLength(2)
    await pass(4000)
    expect(servers.of('GET')).toHaveLength(4)
    expect(states).toEqual(['connected'])
  })

  it('goes on with a server that has no such answer but 404', async () => {
    const servers = new FakeServers()
    servers.answer = ({ method }) => (method === 'GET' ? new Response(null, { status: 404 }) : undefined)
    const { target, states, pass } = await pullScene({ servers })
    await pass(6000)
    target.session.isHeard = false
    await pass(10_000)
    expect(states).toEqual(['connected'])
  })

  it.each<[what: string, answer: () => Response]>([
    ['does not answer that', () => new Response(null, { status: 405 })],
    ['is busy', () => new Response(null, { status: 429 })],
    ['fails to', () => new Response(null, { status: 500 })],
  ])('goes on if the server is there but %s', async (_what, answer) => {
    const servers = new FakeServers()
    servers.answer = ({ method }) => (method === 'GET' ? answer() : undefined)
    const { target, states, pass } = await pullScene({ servers })
    target.session.isHeard = false
    await pass(10_000)
    expect(states).toEqual(['connected'])
  })

  it.each<[what: string, answer: (servers: FakeServers) => void]>([
    ['does not know it any more', ({ sessions }) => sessions.clear()],
    ['is away', ({ away }) => away.add('up.test')],
    [
      'is away behind a proxy',
      (servers) => Object.assign(servers, { answer: () => new Response(null, { status: 502 }) }),
    ],
    ['says nothing', (servers) => Object.assign(servers, { answer: () => new Promise(() => {}) })],
  ])('is given up if the server %s', async (_what, change) => {
    const { target, servers, states, pass } = await pullScene()
    await pass(4000)
    change(servers)
    target.session.isHeard = false
    await pass(4700)
    expect(states.slice(0, 2)).toEqual(['connected', 'reconnecting relay-lost'])
  })

  it('is asked about now and then also while media come, as a server may forget it', async () => {
    const { servers, states, pass } = await pullScene()
    await pass(1000)
    servers.sessions.clear()
    await pass(5200)
    expect(states).toEqual(['connected', 'reconnecting relay-lost', 'connected'])
  })

  it('is kept while media come and nobody answers', async () => {
    const { servers, states, pass } = await pullScene()
    servers.away.add('up.test')
    await pass(30_000)
    expect(states).toEqual(['connected'])
  })
})

it('a publisher that the policy protects makes room for its own successor', async () => {
  const { target, states, pass } = await pullScene()
  target.session.become('disconnected')
  target.failure = new BroadcastError('publisher-exists', 'there is one')
  await pass(150)
  expect(target.sessions[0]?.state).toBe('closed')
  await pass(500)
  expect(states).toEqual(['connected', 'reconnecting relay-lost', 'connected'])
})

it('a push comes back as a pull does', async () => {
  const { target, servers, states, pass } = await pushScene()
  target.session.become('closed', 'peer-closed')
  await pass(150)
  expect(states).toEqual(['connected', 'reconnecting relay-lost', 'connected'])
  expect(target.directions).toEqual(['out', 'out'])
  expect(servers.of('POST')).toHaveLength(2)
})
