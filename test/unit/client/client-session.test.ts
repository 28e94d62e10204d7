/** A session that comes back: when, how often, and when not. */
import { describe, expect, it, vi } from 'vitest'
import { type PublishOptions, publish, type SessionState } from '../../../src/client/index.js'
import { connect, deferred, FakeConnection, FakeStream, fakeBrowser, pass, problem } from './fake-browser.js'

const browser = fakeBrowser()

/** A publisher, and what it tells. */
function session(options: PublishOptions = {}) {
  const stream = new FakeStream([{ kind: 'video' }]) as unknown as MediaStream
  const publisher = publish(stream, '/whip/x', options)
  const told: (SessionState | number | string)[] = []
  publisher.on('state', (state, error) => told.push(error ? `${state}: ${error.code}` : state))
  publisher.on('retry', (_, delayMs) => told.push(delayMs))
  return { publisher, told }
}

const posts = () => browser.server.requestsBy('POST').length
const sessions = () => browser.server.sessions.size

/** Refuses all offers with what `reply` makes. */
function refuseOffers(reply: () => Response): void {
  browser.server.before = ({ method }) => (method === 'POST' ? reply() : undefined)
}

describe('a session', () => {
  it('connects, and ends here and on the server when it is closed', async () => {
    const { publisher, told } = session({ token: 'secret' })
    const connected = publisher.whenConnected()
    const connection = await connect()
    await connected
    expect(publisher).toMatchObject({ state: 'connected', error: undefined, connection })
    const [offer] = browser.server.requests
    expect(offer).toMatchObject({ method: 'POST', path: '/whip/x' })
    expect(offer?.headers.get('content-type')).toBe('application/sdp')
    expect(offer?.headers.get('authorization')).toBe('Bearer secret')
    await publisher.close()
    expect(told).toEqual(['connected', 'closed: closed'])
    expect(connection.isClosed).toBe(true)
    expect(browser.server.requestsBy('DELETE')).toHaveLength(1)
    expect(sessions()).toBe(0)
    await publisher.close()
    await pass(60_000)
    expect([posts(), browser.server.requestsBy('DELETE').length, vi.getTimerCount()]).toEqual([1, 1, 0])
    await expect(publisher.whenConnected()).rejects.toMatchObject({ code: 'closed' })
  })

  it('throws for an URL that is none', () => {
    expect(() => publish(new FakeStream() as unknown as MediaStream, 'http://')).toThrow(TypeError)
  })

  it('waits longer and longer while the server cannot be reached, and goes on as soon as the network is back', async () => {
    browser.server.isDown = true
    const { publisher, told } = session()
    await pass(10_000)
    expect(told.slice(0, 7)).toEqual([125, 250, 500, 1000, 1500, 1500, 1500])
    expect(publisher).toMatchObject({ state: 'connecting', error: { code: 'unreachable' } })
    browser.server.isDown = false
    browser.page.dispatchEvent(new Event('online'))
    await connect()
    expect(publisher).toMatchObject({ state: 'connected', error: undefined })
    // One connection at a time.
    expect(FakeConnection.all.filter(({ isClosed }) => !isClosed)).toHaveLength(1)
  })

  it('waits as long as the server says', async () => {
    refuseOffers(() => problem(503, 'limit-reached', { 'retry-after': '20' }))
    const { told } = session()
    await pass(19_999)
    expect([told, posts()]).toEqual([[20_000], 1])
    await pass(1)
    expect(posts()).toBe(2)
  })

  it('gives up after so many attempts, counted anew after each success', async () => {
    browser.server.isDown = true
    const { publisher, told } = session({ reconnect: { maxAttempts: 2, firstDelayMs: 100 } })
    await pass(0)
    browser.server.isDown = false
    await pass(50)
    await connect()
    browser.server.isDown = true
    FakeConnection.last.become('failed')
    await pass(10_000)
    expect(told).toEqual([50, 'connected', 'reconnecting: lost', 50, 100, 'closed: unreachable'])
    await expect(publisher.whenConnected()).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('stays away after the first failure if it shall', async () => {
    browser.server.isDown = true
    const { told } = session({ reconnect: false })
    await pass(10_000)
    expect(told).toEqual(['closed: unreachable'])
  })

  it('does not ask again for what is refused for good', async () => {
    for (const [status, code] of [
      [401, 'unauthorized'],
      [404, 'not-found'],
      [409, 'publisher-exists'],
      [501, 'x'],
    ] as const) {
      refuseOffers(() => problem(status, code))
      const { told } = session()
      await pass(10_000)
      expect(told).toEqual([`closed: ${code}`])
    }
    expect(posts()).toBe(4)
  })

  it('waits for its predecessor to go where that is in the way', async () => {
    const { told } = session()
    const connection = await connect()
    browser.server.sessions.clear()
    refuseOffers(() => problem(409, 'publisher-exists'))
    connection.become('failed')
    await pass(1000)
    expect(told).toEqual(['connected', 'reconnecting: lost', 125, 250, 500, 1000])
    browser.server.before = () => undefined
    await pass(1000)
    await connect()
    expect(told.at(-1)).toBe('connected')
  })

  it('is not shaken off by a server on its way down or up, which knows of nothing', async () => {
    const { told } = session()
    const connection = await connect()
    browser.server.sessions.clear()
    const replies = [problem(410, 'closed'), problem(404, 'not-found')]
    browser.server.before = ({ method }) => (method === 'POST' ? replies.shift() : undefined)
    connection.become('failed')
    await pass(1000)
    await connect()
    expect(told).toEqual(['connected', 'reconnecting: lost', 125, 250, 500, 'connected'])
  })

  it('asks for a new token at each attempt', async () => {
    const token = vi.fn(() => `token${token.mock.calls.length}`)
    refuseOffers(() => problem(503, 'busy'))
    session({ token })
    await pass(500)
    expect(browser.server.requests.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer token1',
      'Bearer token2',
      'Bearer token3',
    ])
  })

  it('tries again when there was no token', async () => {
    const token = vi
      .fn<() => string>()
      .mockReturnValue('good')
      .mockImplementationOnce(() => {
        throw new Error('signed out')
      })
    const { told } = session({ token })
    await pass(200)
    expect([told, posts()]).toEqual([[125], 1])
  })

  it('gives up when the media find no way, and tries again', async () => {
    const { publisher, told } = session({ connectTimeoutMs: 2000 })
    await pass(2000)
    expect(told).toEqual([125])
    expect(FakeConnection.all[0]?.isClosed).toBe(true)
    await pass(125)
    expect([posts(), sessions()]).toEqual([2, 1])
    FakeConnection.last.become('failed')
    await pass(0)
    expect(told).toEqual([125, 250])
    expect(publisher.error?.code).toBe('timeout')
  })

  it('is over for good with an answer that the browser refuses, also for the server', async () => {
    const { publisher, told } = session()
    FakeConnection.last.refusal = new TypeError('bad SDP')
    await pass(0)
    expect(told).toEqual(['closed: failed'])
    expect(publisher.error?.cause).toBe(FakeConnection.last.refusal)
    expect([sessions(), FakeConnection.last.isClosed]).toEqual([0, true])
  })
})

describe('a network that is back', () => {
  it('ends the wait, also after a repair that went on for a while', async () => {
    const { told } = session({ reconnect: { whenEnded: true } })
    const connection = await connect()
    const patched = deferred<Response>()
    browser.server.before = ({ method }) => (method === 'PATCH' ? patched.promise : undefined)
    connection.become('disconnected')
    await pass(0)
    browser.server.isDown = true
    connection.sayGoodbye()
    await pass(200)
    patched.resolve(problem(503, 'busy'))
    await pass(0)
    browser.server.isDown = false
    browser.page.dispatchEvent(new Event('online'))
    await pass(0)
    expect([posts(), told.slice(2)]).toEqual([2, [125, 250]])
  })
})

describe('a goodbye of the server', () => {
  it('ends what is published where the server still answers, without a DELETE', async () => {
    const { told } = session()
    const connection = await connect()
    browser.server.sessions.clear()
    connection.sayGoodbye()
    await pass(1000)
    expect(told).toEqual(['connected', 'reconnecting: ended', 'closed: ended'])
    expect(connection.isClosed).toBe(true)
    expect(browser.server.requestsBy('DELETE')).toEqual([])
  })

  it('is that of a server that goes down where it does not answer any more', async () => {
    const { told } = session()
    const connection = await connect()
    browser.server.isDown = true
    connection.sayGoodbye()
    await pass(1000)
    browser.server.isDown = false
    await pass(1000)
    await connect()
    expect(told).toEqual(['connected', 'reconnecting: ended', 250, 500, 1000, 'connected'])
  })

  it('is one like any other loss if the page wants it so', async () => {
    const { told } = session({ reconnect: { whenEnded: true } })
    const connection = await connect()
    connection.sayGoodbye()
    await pass(125)
    expect(told).toEqual(['connected', 'reconnecting: ended', 125])
    expect(posts()).toBe(2)
  })
})

describe('close', () => {
  it('leaves no listener at the page', async () => {
    const added = vi.spyOn(browser.page, 'addEventListener')
    const { publisher } = session()
    await connect()
    await publisher.close()
    const signals = added.mock.calls.map(([, , options]) => Object(options).signal as AbortSignal)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true])
  })

  it('before the offer is made sends none', async () => {
    const { publisher } = session()
    await publisher.close()
    await pass(60_000)
    expect([browser.server.requests, vi.getTimerCount(), FakeConnection.last.isClosed]).toEqual([[], 0, true])
  })

  it('while the offer is on its way ends what is granted then', async () => {
    const answered = deferred<void>()
    browser.server.held = answered.promise
    const { publisher, told } = session()
    await pass(0)
    expect(sessions()).toBe(1)
    const closed = vi.fn()
    void publisher.close().then(closed)
    await pass(500)
    expect(closed).not.toHaveBeenCalled()
    answered.resolve(undefined)
    await pass(0)
    expect([sessions(), FakeConnection.last.isClosed, told]).toEqual([0, true, ['closed: closed']])
    expect(closed).toHaveBeenCalled()
    expect(FakeConnection.last.remoteDescription).toBeNull()
    await pass(60_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not wait for ever for a server that does not answer', async () => {
    const { publisher } = session()
    const connection = await connect()
    browser.server.before = () => new Promise(() => {})
    const closed = vi.fn()
    void publisher.close().then(closed)
    await pass(1000)
    expect(closed).toHaveBeenCalled()
    expect(connection.isClosed).toBe(true)
  })

  it('between two attempts ends the wait', async () => {
    browser.server.isDown = true
    const { publisher, told } = session()
    await pass(50)
    await publisher.close()
    browser.server.isDown = false
    await pass(60_000)
    expect([told, posts(), vi.getTimerCount()]).toEqual([[125, 'closed: closed'], 0, 0])
  })

  it('while it asks for ICE servers makes no connection', async () => {
    const { publisher } = session({ askIceServers: true })
    await publisher.close()
    await pass(10_000)
    expect(FakeConnection.all).toEqual([])
  })

  it('during a restart ends the session, too', async () => {
    const { publisher, told } = session()
    const connection = await connect()
    const answer = deferred<Response>()
    browser.server.before = ({ method }) => (method === 'PATCH' ? answer.promise : undefined)
    connection.become('disconnected')
    await pass(0)
    await publisher.close()
    answer.resolve(new Response('a=ice-ufrag:x\r\na=ice-pwd:y\r\n'))
    await pass(60_000)
    expect(told).toEqual(['connected', 'reconnecting: lost', 'closed: closed'])
    expect([sessions(), connection.isClosed, vi.getTimerCount()]).toEqual([0, true, 0])
  })
})

describe('ICE servers', () => {
  const TURN = '<turn:turn.test>; rel="ice-server"; username="u"; credential="c"'
  const turn = { urls: 'turn:turn.test', username: 'u', credential: 'c' }

  it('of the answer are for the next restart, and the next connection', async () => {
    browser.server.created = { link: TURN }
    session()
    const connection = await connect()
    expect(connection.configuration).toEqual({ bundlePolicy: 'max-bundle', iceServers: [turn] })
    connection.become('failed')
    await pass(125)
    expect(FakeConnection.all).toHaveLength(2)
    expect(FakeConnection.last.configuration.iceServers).toEqual([turn])
  })

  it('of the page are the only ones', async () => {
    browser.server.created = { link: TURN }
    const own = [{ urls: 'stun:mine.test' }]
    session({ iceServers: own, askIceServers: true })
    const connection = await connect()
    expect(connection.configuration.iceServers).toEqual(own)
    expect(browser.server.requestsBy('OPTIONS')).toEqual([])
  })

  it('are asked for before the first offer if the page wants it', async () => {
    browser.server.before = ({ method }) =>
      method === 'OPTIONS' ? new Response(null, { status: 204, headers: { link: TURN } }) : undefined
    session({ askIceServers: true })
    const connection = await connect()
    expect(connection.configuration.iceServers).toEqual([turn])
  })

  it('are none where the server does not tell', async () => {
    browser.server.before = ({ method }) => (method === 'OPTIONS' ? problem(405, 'x') : undefined)
    const { publisher } = session({ askIceServers: true })
    const connection = await connect()
    expect([publisher.state, connection.configuration.iceServers]).toEqual(['connected', []])
  })
})

describe('a page that is left', () => {
  const leave = () => browser.page.dispatchEvent(new Event('pagehide'))
  const comeBack = () => browser.page.dispatchEvent(new Event('pageshow'))

  it('ends the session at once, and has a new one when it comes back out of the cache', async () => {
    const { told } = session()
    await connect()
    leave()
    await pass(600_000)
    expect([posts(), sessions()]).toEqual([1, 0])
    comeBack()
    await connect()
    expect([posts(), sessions()]).toEqual([2, 1])
    expect(told).toEqual(['connected', 'reconnecting: closed', 'connected'])
  })

  it('makes no attempt in between, whatever it was doing', async () => {
    browser.server.isDown = true
    const { publisher } = session()
    await pass(100)
    leave()
    browser.server.isDown = false
    browser.page.dispatchEvent(new Event('online'))
    await pass(60_000)
    expect(posts()).toBe(0)
    await publisher.close()
    comeBack()
    await pass(60_000)
    expect([posts(), vi.getTimerCount()]).toEqual([0, 0])
  })
})

describe('stats', () => {
  it('come at once and then in intervals while it is connected, over reconnects, until it is closed', async () => {
    const { publisher } = session()
    const seen: number[] = []
    const done = vi.fn()
    void (async () => {
      for await (const { bitrateBps } of publisher.stats(500)) seen.push(bitrateBps)
    })().then(done)
    await pass(5000)
    expect(seen).toEqual([])
    const connection = await connect()
    await pass(1499)
    expect(seen).toHaveLength(3)
    connection.become('failed')
    await pass(2000)
    expect(seen).toHaveLength(3)
    await connect()
    expect(seen).toHaveLength(4)
    await publisher.close()
    await pass(0)
    expect(done).toHaveBeenCalled()
  })

  it('have the rates of one connection only', async () => {
    const { publisher } = session()
    const rates: number[] = []
    void (async () => {
      for await (const { bitrateBps } of publisher.stats()) rates.push(bitrateBps)
    })()
    const connection = await connect()
    connection.bytes = 1000
    await pass(1000)
    browser.server.sessions.clear()
    connection.become('failed')
    await pass(1000)
    FakeConnection.last.bytes = 5000
    await connect()
    FakeConnection.last.bytes = 5500
    await pass(1000)
    expect(rates).toEqual([0, 8000, 0, 4000])
    await publisher.close()
  })

  it('end without an error when the session is closed while they are asked for', async () => {
    const { publisher } = session()
    const connection = await connect()
    const report = deferred<never>()
    connection.getStats = () => report.promise
    const next = publisher.stats().next()
    await pass(0)
    await publisher.close()
    report.reject(new DOMException('closed', 'InvalidStateError'))
    expect(await next).toEqual({ done: true, value: undefined })
  })
})
