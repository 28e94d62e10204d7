/** Another upstream while the present one runs: `switchTo`, and servers that ask for it. */
import { describe, expect, it } from 'vitest'
import { FakeServers } from './fake-server.js'
import { pullScene, settle } from './relay-scene.js'

const NEXT = 'https://next.test/whep/show'

describe('switchTo', () => {
  it('connects there first, and ends the present session then', async () => {
    const { relay, target, servers, states } = await pullScene()
    target.connects = false
    const switched = relay.switchTo(NEXT)
    await settle()
    const [first, second] = target.sessions
    expect(servers.of('POST')).toEqual(['https://up.test/whep/show', NEXT])
    expect([first?.state, relay.session]).toEqual(['connected', first])
    second?.become('connected')
    await switched
    await settle()
    expect([first?.state, relay.session, relay.url]).toEqual(['closed', second, NEXT])
    expect(servers.of('DELETE')).toEqual(['https://up.test/whep/show/s1'])
    expect(states).toEqual(['connected'])
  })

  it('takes the session that the newer one replaces for no loss', async () => {
    const { relay, target, states, pass } = await pullScene()
    target.connects = false
    const switched = relay.switchTo(NEXT)
    await settle()
    const [first, second] = target.sessions
    // As a broadcast does it: within the turn in which the newer one gets connected.
    second?.become('connected')
    first?.become('closed', 'replaced')
    await switched
    await pass(1000)
    expect(states).toEqual(['connected'])
    expect(target.sessions).toHaveLength(2)
  })

  it('is tried until it succeeds, and the present session goes on', async () => {
    const { relay, target, servers, states, pass } = await pullScene()
    servers.away.add('next.test')
    const switched = relay.switchTo(NEXT)
    await pass(5000)
    expect(target.sessions[0]?.state).toBe('connected')
    expect(states).toEqual(['connected'])
    servers.away.clear()
    await pass(3000)
    await switched
    expect(relay.url).toBe(NEXT)
  })

  it('that is refused for good leaves everything as it was', async () => {
    const servers = new FakeServers()
    servers.answer = ({ url }) => (url === NEXT ? new Response(null, { status: 403 }) : undefined)
    const { relay, target, states, pass } = await pullScene({ servers })
    await expect(relay.switchTo(NEXT)).rejects.toMatchObject({ code: 'relay-refused', details: { status: 403 } })
    await pass(10_000)
    expect(states).toEqual(['connected'])
    expect(relay.url).toBe('https://up.test/whep/show')
    expect(relay.session).toBe(target.sessions[0])
    expect(servers.of('POST')).toHaveLength(2)
  })

  it('comes before what resolveUrl says, once', async () => {
    const { relay, target, servers, pass } = await pullScene({ resolveUrl: () => 'https://up.test/x' })
    await relay.switchTo(NEXT)
    target.session.become('closed', 'peer-closed')
    await pass(500)
    expect(servers.of('POST')).toEqual(['https://up.test/x', NEXT, 'https://up.test/x'])
  })

  it('overtakes an attempt and a wait', async () => {
    const servers = new FakeServers()
    servers.answer = ({ url }) => (url.startsWith('https://up.test') ? new Promise(() => {}) : undefined)
    const stuck = await pullScene({ servers })
    await stuck.relay.switchTo(NEXT)
    expect(stuck.states).toEqual(['connected'])
    expect(stuck.target.sessions[0]?.state).toBe('closed')

    servers.answer = () => undefined
    servers.away.add('up.test')
    const waiting = await pullScene({ servers, reconnect: { firstDelayMs: 60_000 } })
    await waiting.relay.switchTo(NEXT)
    expect(waiting.states).toEqual(['connected'])
  })

  it('is overtaken by another one, and by the end', async () => {
    const { relay, servers } = await pullScene()
    servers.away.add('next.test')
    const first = relay.switchTo(NEXT)
    const second = relay.switchTo('https://third.test/x')
    await expect(first).rejects.toMatchObject({ code: 'closed' })
    await second
    const third = relay.switchTo(NEXT)
    await relay.close()
    await expect(third).rejects.toMatchObject({ code: 'closed' })
    expect(servers.sessions.size).toBe(0)
  })

  it('refuses what is no URL', async () => {
    const { relay } = await pullScene()
    await expect(relay.switchTo('nonsense')).rejects.toMatchObject({ code: 'option-invalid' })
  })
})

describe('a server with events', () => {
  const withEvents = (): FakeServers => {
    const servers = new FakeServers()
    servers.streams.set('up.test', [])
    return servers
  }
  const tell = (servers: FakeServers, text: string): void =>
    servers.streams.get('up.test')?.at(-1)?.enqueue(new TextEncoder().encode(text))

  it('is asked for those that matter, with the token', async () => {
    const { servers } = await pullScene({ servers: withEvents(), token: 'secret' })
    const made = servers.seen.find(({ url }) => url.endsWith('/s1/events'))
    expect(made).toMatchObject({ method: 'POST', body: '["reconnect"]' })
    expect(servers.of('GET')).toEqual(['https://up.test/whep/show/s1/events/events'])
    expect(servers.last('GET').headers.get('authorization')).toBe('Bearer secret')
  })

  it('that asks to connect anew gets another session, and the present one goes on until then', async () => {
    const { target, servers, states, pass } = await pullScene({ servers: withEvents() })
    tell(servers, 'retry: 2000\n\n:\n\nevent: active\ndata: {}\n\n')
    await pass(500)
    expect(target.sessions).toHaveLength(1)
    target.connects = false
    tell(servers, 'event: reconn')
    tell(servers, 'ect\ndata: {}\n\n')
    await pass(500)
    expect(target.sessions.map(({ state }) => state)).toEqual(['connected', 'connecting'])
    target.session.become('connected')
    await settle()
    expect(target.sessions.map(({ state }) => state)).toEqual(['closed', 'connected'])
    expect(states).toEqual(['connected'])
  })

  it('that breaks the stream off and does not answer is left at once', async () => {
    const servers = withEvents()
    const resolveUrl = () => (servers.away.size > 0 ? NEXT : undefined)
    const { target, pass } = await pullScene({ servers, resolveUrl })
    servers.away.add('up.test')
    servers.streams.get('up.test')?.at(-1)?.error(new TypeError('terminated'))
    await pass(300)
    expect(servers.of('POST').at(-1)).toBe(NEXT)
    expect(target.sessions.map(({ state }) => state)).toEqual(['closed', 'connected'])
  })

  it('that breaks the stream off and answers is read again', async () => {
    const { target, servers, pass } = await pullScene({ servers: withEvents() })
    servers.streams.get('up.test')?.at(-1)?.close()
    await pass(2500)
    expect(servers.streams.get('up.test')).toHaveLength(2)
    tell(servers, 'event: reconnect\ndata: {}\n\n')
    await pass(500)
    expect(target.sessions).toHaveLength(2)
  })

  it('that refuses the stream is a server without', async () => {
    const servers = withEvents()
    servers.answer = ({ url }) => (url.includes('/events') ? new Response(null, { status: 503 }) : undefined)
    const { states, pass } = await pullScene({ servers })
    await pass(4000)
    expect(states).toEqual(['connected'])
    expect(servers.seen.filter(({ url }) => url.includes('/events'))).toHaveLength(1)
  })
})
