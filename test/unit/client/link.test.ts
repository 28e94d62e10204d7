/** One session: trickle ICE, ICE restarts, and what repairs it. */
import { describe, expect, it } from 'vitest'
import { publish } from '../../../src/client/index.js'
import {
  connect,
  deferred,
  FakeConnection,
  FakeStream,
  fakeBrowser,
  pass,
  problem,
  type SeenRequest,
} from './fake-browser.js'

const browser = fakeBrowser()

function session() {
  const stream = new FakeStream([{ kind: 'video' }, { kind: 'audio' }]) as unknown as MediaStream
  const publisher = publish(stream, '/whip/x')
  const told: string[] = []
  publisher.on('state', (state, error) => told.push(error ? `${state}: ${error.code}` : state))
  return { publisher, told }
}

const patches = () => browser.server.requestsBy('PATCH')
const restarts = () => patches().filter(({ headers }) => headers.get('if-match') === '*').length
const posts = () => browser.server.requestsBy('POST').length
const candidatesIn = ({ body }: SeenRequest) => body.match(/(?<=a=candidate:)\w+/g)

describe('trickle ICE', () => {
  it('tells the candidates that were found, in one request for many, with the entity-tag', async () => {
    session()
    await pass(0)
    const connection = FakeConnection.last
    connection.find('one')
    await pass(50)
    connection.find('two')
    await pass(100)
    connection.find('three')
    await pass(100)
    expect(patches().map(candidatesIn)).toEqual([
      ['one', 'two'],
      ['one', 'two', 'three'],
    ])
    const [{ headers, path, body }] = patches() as [SeenRequest]
    expect(path).toBe('/whip/x/session1')
    expect(headers.get('if-match')).toBe('"first"')
    expect(headers.get('content-type')).toBe('application/trickle-ice-sdpfrag')
    expect(body).toContain('a=ice-ufrag:ufrag1\r\n')
  })

  it('costs nothing once there is a way', async () => {
    session()
    const connection = await connect()
    connection.find('late')
    await pass(1000)
    expect(patches()).toEqual([])
  })

  it('waits for the answer', async () => {
    const answer = deferred<void>()
    browser.server.held = answer.promise
    session()
    await pass(0)
    FakeConnection.last.find('early')
    await pass(1000)
    expect(patches()).toEqual([])
    answer.resolve(undefined)
    await pass(100)
    expect(patches().map(candidatesIn)).toEqual([['early']])
  })

  it('is not tried with a server without entity-tags, and its failure does not matter', async () => {
    browser.server.created = {}
    session()
    await pass(0)
    FakeConnection.last.find('one')
    await pass(1000)
    expect(patches()).toEqual([])

    browser.server.created = { etag: '"x"' }
    browser.server.before = ({ method }) => (method === 'PATCH' ? problem(412, 'etag-mismatch') : undefined)
    const { told } = session()
    await pass(0)
    FakeConnection.last.find('one')
    await pass(1000)
    await connect()
    expect([patches().length, told]).toEqual([1, ['connected']])
  })
})

describe('an ICE restart', () => {
  it('goes by If-Match: *, keeps the session, and takes the new entity-tag', async () => {
    const { publisher, told } = session()
    const connection = await connect()
    await publisher.restartIce()
    const [restart] = patches()
    expect(restart?.headers.get('if-match')).toBe('*')
    expect(restart?.body).toContain('a=ice-ufrag:ufrag2\r\n')
    expect(connection.remoteDescription?.sdp.match(/a=ice-(ufrag|pwd):.*/g)).toEqual([
      'a=ice-ufrag:server-ufrag2',
      'a=ice-pwd:secret',
      'a=ice-ufrag:server-ufrag2',
      'a=ice-pwd:secret',
    ])
    // Also while it is connected by the old candidates: where there is a new way, the server may have to be told.
    connection.find('new')
    await pass(100)
    expect(patches()[1]?.headers.get('if-match')).toBe('"second"')
    expect(patches().slice(1).map(candidatesIn)).toEqual([['new']])
    expect([told, posts(), FakeConnection.all.length]).toEqual([['connected'], 1, 1])
  })

  it('asked for twice is made once', async () => {
    const { publisher } = session()
    await connect()
    await Promise.all([publisher.restartIce(), publisher.restartIce()])
    expect(patches()).toHaveLength(1)
  })

  it('is refused while there is no session', async () => {
    const { publisher } = session()
    await expect(publisher.restartIce()).rejects.toMatchObject({ code: 'closed' })
    await connect()
    await publisher.close()
    await expect(publisher.restartIce()).rejects.toMatchObject({ code: 'closed' })
    expect(patches()).toEqual([])
  })

  it('is refused before the answer is in', async () => {
    const { publisher } = session()
    const connection = FakeConnection.last
    const answered = deferred<void>()
    connection.setRemoteDescription = () => answered.promise
    await pass(0)
    await expect(publisher.restartIce()).rejects.toMatchObject({ code: 'closed' })
    expect([patches(), connection.rollbacks]).toEqual([[], 0])
    answered.resolve()
  })

  it('is refused where the server cannot do it', async () => {
    browser.server.created = {}
    const { publisher } = session()
    await connect()
    await expect(publisher.restartIce()).rejects.toMatchObject({ code: 'unsupported' })
  })

  it('that the server refuses leaves everything as it was, and is not asked for again', async () => {
    browser.server.before = ({ method }) => (method === 'PATCH' ? problem(422, 'no-restart') : undefined)
    const { publisher, told } = session()
    const connection = await connect()
    await expect(publisher.restartIce()).rejects.toMatchObject({ code: 'no-restart', status: 422 })
    expect([connection.rollbacks, connection.signalingState, told]).toEqual([1, 'stable', ['connected']])
    await expect(publisher.restartIce()).rejects.toMatchObject({ code: 'unsupported' })
  })

  it('that gets an answer without credentials fails', async () => {
    browser.server.before = ({ method }) => (method === 'PATCH' ? new Response(null, { status: 204 }) : undefined)
    const { publisher } = session()
    const connection = await connect()
    await expect(publisher.restartIce()).rejects.toMatchObject({ code: 'failed' })
    expect(connection.signalingState).toBe('stable')
  })

  it('that does not reach the server is made again with the same credentials', async () => {
    const { publisher } = session()
    await connect()
    browser.server.isDown = true
    await expect(publisher.restartIce()).rejects.toMatchObject({ code: 'unreachable' })
    browser.server.isDown = false
    await publisher.restartIce()
    expect(patches().map(({ body }) => /ufrag:(\w+)/.exec(body)?.[1])).toEqual(['ufrag2'])
  })
})

describe('a connection that is lost', () => {
  it('is repaired by an ICE restart in the same session', async () => {
    const { told } = session()
    const connection = await connect()
    connection.become('disconnected')
    await pass(0)
    expect(patches()).toHaveLength(1)
    connection.become('connected')
    await pass(10_000)
    expect(told).toEqual(['connected', 'reconnecting: lost', 'connected'])
    expect([patches().length, posts(), FakeConnection.all.length]).toEqual([1, 1, 1])
  })

  it('is given up after two restarts in vain, for a new session', async () => {
    const { told } = session()
    const connection = await connect()
    connection.become('disconnected')
    await pass(6000)
    expect([restarts(), connection.isClosed]).toEqual([2, true])
    await pass(125)
    await connect()
    expect(told).toEqual(['connected', 'reconnecting: lost', 'connected'])
    expect([posts(), browser.server.sessions.size]).toEqual([2, 1])
  })

  it('is given up at once where the server does not know the session any more, without a DELETE', async () => {
    session()
    const connection = await connect()
    browser.server.sessions.clear()
    connection.become('disconnected')
    await pass(125)
    expect([posts(), connection.isClosed]).toEqual([2, true])
    expect(browser.server.requestsBy('DELETE')).toEqual([])
  })

  it('is waited for while the server cannot be reached, up to when the connection fails', async () => {
    const { told } = session()
    const connection = await connect()
    browser.server.isDown = true
    connection.become('disconnected')
    await pass(9000)
    expect([FakeConnection.all.length, connection.isClosed]).toEqual([1, false])
    connection.become('failed')
    await pass(4000)
    expect(connection.isClosed).toBe(true)
    browser.server.isDown = false
    await pass(4000)
    await connect()
    expect(told).toEqual(['connected', 'reconnecting: lost', 'connected'])
  })

  it('goes on in the same session when the server was away for a moment only', async () => {
    const { told } = session()
    const connection = await connect()
    browser.server.isDown = true
    connection.become('disconnected')
    await pass(1000)
    browser.server.isDown = false
    await pass(1000)
    expect(restarts()).toBe(1)
    connection.become('connected')
    await pass(5000)
    expect([told.at(-1), posts()]).toEqual(['connected', 1])
  })

  it('without restarts may come back by itself, and else is given up when it fails', async () => {
    browser.server.created = {}
    const { told } = session()
    const connection = await connect()
    connection.become('disconnected')
    await pass(2000)
    connection.become('connected')
    await pass(1000)
    expect(told).toEqual(['connected', 'reconnecting: lost', 'connected'])
    connection.become('disconnected')
    await pass(1000)
    connection.become('failed')
    await pass(4000)
    expect([connection.isClosed, posts()]).toEqual([true, 2])
  })
})

describe('another network', () => {
  const online = () => browser.page.dispatchEvent(new Event('online'))

  it('is taken at once, in the same session, before the browser notices that the old one is gone', async () => {
    const { told } = session()
    const connection = await connect()
    online()
    await pass(0)
    expect([restarts(), connection.connectionState]).toEqual([1, 'connected'])
    connection.answers++
    await pass(1000)
    expect(told).toEqual(['connected', 'reconnecting: lost', 'connected'])
    await pass(10_000)
    expect([restarts(), posts()]).toEqual([1, 1])
  })

  it('is waited for until requests go through', async () => {
    const { told } = session()
    const connection = await connect()
    browser.server.isDown = true
    online()
    await pass(300)
    browser.server.isDown = false
    await pass(300)
    connection.bytes += 100
    await pass(1000)
    expect([restarts(), told.at(-1), posts()]).toEqual([1, 'connected', 1])
  })

  it('does not disturb a session that is just being made', async () => {
    session()
    await pass(0)
    online()
    await connect()
    expect([patches(), posts()]).toEqual([[], 1])
  })
})

describe('media that fall silent', () => {
  /** Media for a while, then none. */
  async function fallSilent(connection: FakeConnection): Promise<void> {
    connection.bytes = 1000
    await pass(1000)
  }

  it('have the server asked once, which may know of it', async () => {
    const { told } = session()
    await fallSilent(await connect())
    await pass(20_000)
    expect(browser.server.requestsBy('GET')).toHaveLength(1)
    expect(told).toEqual(['connected'])
  })

  it('are a loss where the server does not know the session any more', async () => {
    session()
    const connection = await connect()
    await fallSilent(connection)
    browser.server.sessions.clear()
    await pass(2200)
    expect([posts(), connection.isClosed]).toEqual([2, true])
  })

  it('are a loss where the server cannot be reached, until something comes again', async () => {
    const { told } = session()
    const connection = await connect()
    await fallSilent(connection)
    browser.server.isDown = true
    await pass(3000)
    expect(told).toEqual(['connected', 'reconnecting: lost'])
    connection.answers++
    await pass(1000)
    expect(told).toEqual(['connected', 'reconnecting: lost', 'connected'])
    expect(connection.isClosed).toBe(false)
  })
})
