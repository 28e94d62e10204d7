/** A broadcast in a media element: what is shown, layers, the server's events. */
import { describe, expect, it, vi } from 'vitest'
import { type WatchOptions, watch } from '../../../src/client/index.js'
import { connect, FakeConnection, fakeBrowser, pass, problem } from './fake-browser.js'

const browser = fakeBrowser()
const EXTENSION = 'urn:ietf:params:whep:ext:core:'

class FakeElement {
  srcObject: unknown = null
  muted = false
  ended = false
  setAttribute = () => {}
  play = vi.fn(async () => {})
}

function viewer(options: WatchOptions = {}) {
  const element = new FakeElement()
  return { element, viewer: watch(element as unknown as HTMLMediaElement, '/whep/x', options) }
}

/** A track from the server, whose media have not come yet. */
function mutedTrack(kind: string) {
  return Object.assign(new EventTarget(), { kind, muted: true })
}

describe('watch', () => {
  it('offers to receive video and audio, or one of them', async () => {
    viewer()
    const { transceivers } = await connect()
    expect(transceivers.map(({ kind, init }) => [kind, init.direction])).toEqual([
      ['video', 'recvonly'],
      ['audio', 'recvonly'],
    ])
    viewer({ video: false })
    expect((await connect()).transceivers.map(({ kind }) => kind)).toEqual(['audio'])
  })

  it('shows the stream once there are media, and nothing after it is closed', async () => {
    const { viewer: session, element } = viewer()
    const connection = await connect()
    const [video, audio] = [mutedTrack('video'), mutedTrack('audio')]
    connection.receive(video)
    connection.receive(audio)
    expect(element.srcObject).toBeNull()
    video.dispatchEvent(new Event('unmute'))
    audio.dispatchEvent(new Event('unmute'))
    await pass(0)
    expect(element.srcObject).toBe(session.stream)
    expect(session.stream.getTracks()).toEqual([video, audio])
    expect(element.play).toHaveBeenCalledTimes(1)
    await session.close()
    expect(element.srcObject).toBeNull()
    video.dispatchEvent(new Event('unmute'))
    expect(element.srcObject).toBeNull()
  })

  it('keeps the last picture until there is another one, in the same stream', async () => {
    const { viewer: session, element } = viewer()
    const connection = await connect()
    const first = Object.assign(mutedTrack('video'), { muted: false })
    connection.receive(first)
    expect(element.srcObject).toBe(session.stream)
    browser.server.sessions.clear()
    connection.become('failed')
    await pass(1000)
    const next = await connect()
    const second = mutedTrack('video')
    next.receive(second)
    expect(session.stream.getTracks()).toEqual([first])
    second.dispatchEvent(new Event('unmute'))
    expect(session.stream.getTracks()).toEqual([second])
    expect(element.srcObject).toBe(session.stream)
  })

  it('shows nothing any more when it is closed before there was another picture', async () => {
    const { viewer: session, element } = viewer()
    const connection = await connect()
    connection.receive(Object.assign(mutedTrack('video'), { muted: false }))
    browser.server.sessions.clear()
    connection.become('failed')
    await pass(1000)
    await session.close()
    expect(element.srcObject).toBeNull()
  })

  it('tells when the browser does not play with sound, and does so when asked', async () => {
    const { viewer: session, element } = viewer()
    const blocked = vi.fn()
    session.on('autoplay-blocked', blocked)
    element.play.mockRejectedValueOnce(new DOMException('no gesture', 'NotAllowedError'))
    ;(await connect()).receive(Object.assign(mutedTrack('video'), { muted: false }))
    await pass(0)
    expect([blocked.mock.calls, element.muted]).toEqual([[['sound']], true])
    await session.unmute()
    expect(element.muted).toBe(false)
  })

  it('waits for a broadcast that is not there yet', async () => {
    browser.server.before = ({ method }) => (method === 'POST' ? problem(404, 'not-found') : undefined)
    const { viewer: session } = viewer()
    const retry = vi.fn()
    session.on('retry', retry)
    await pass(1000)
    expect(retry).toHaveBeenCalledTimes(4)
    browser.server.before = () => undefined
    await pass(1000)
    await connect()
    expect(session.state).toBe('connected')
  })

  it('comes back after a goodbye, unless it shall not', async () => {
    for (const [whenEnded, state] of [
      [undefined, 'connected'],
      [false, 'closed'],
    ] as const) {
      const { viewer: session } = viewer({ reconnect: whenEnded === undefined ? {} : { whenEnded } })
      ;(await connect()).sayGoodbye()
      await pass(1000)
      if (whenEnded === undefined) await connect()
      expect(session.state).toBe(state)
    }
  })
})

describe('selectLayer', () => {
  const choices = () =>
    browser.server.requests.filter(({ path }) => path.endsWith('/layer')).map(({ body }) => JSON.parse(body))

  function withLayers(reply: () => Response = () => new Response()) {
    browser.server.created = { link: `<session1/layer>; rel="${EXTENSION}layer"`, etag: '"x"' }
    browser.server.before = ({ path }) => (path.endsWith('/layer') ? reply() : undefined)
  }

  it('posts what is wanted, relative to the URL of the endpoint, and again after a reconnect', async () => {
    withLayers()
    const { viewer: session } = viewer()
    const connection = await connect()
    await session.selectLayer({ maxHeight: 360 })
    await session.selectLayer({ mediaId: '2', rid: 'q' })
    expect(browser.server.requests.at(-1)).toMatchObject({ method: 'POST', path: '/whep/session1/layer' })
    browser.server.sessions.clear()
    connection.become('failed')
    await pass(1000)
    await connect()
    expect(choices()).toEqual([
      { maxHeight: 360 },
      { mediaId: '2', rid: 'q' },
      { maxHeight: 360 },
      { mediaId: '2', rid: 'q' },
    ])
    await session.selectLayer()
    expect(choices().at(-1)).toEqual({})
  })

  it('from the start, or before there is a session, is told with the answer', async () => {
    withLayers()
    viewer({ layer: { rid: 'q' } })
    await connect()
    const { viewer: second } = viewer()
    await second.selectLayer({ rid: 'h' })
    await connect()
    expect(choices()).toEqual([{ rid: 'q' }, { rid: 'h' }])
  })

  it('that is refused is not asked for again', async () => {
    withLayers(() => problem(422, 'request-invalid'))
    const { viewer: session } = viewer()
    const connection = await connect()
    await expect(session.selectLayer({ rid: 'z' })).rejects.toMatchObject({ code: 'request-invalid', status: 422 })
    browser.server.sessions.clear()
    connection.become('failed')
    await pass(1000)
    await connect()
    expect(choices()).toHaveLength(1)
  })

  it('is unsupported by a server without that link; the session goes on', async () => {
    const { viewer: session } = viewer({ layer: { rid: 'q' } })
    await connect()
    await expect(session.selectLayer({ rid: 'q' })).rejects.toMatchObject({ code: 'unsupported' })
    expect(session.state).toBe('connected')
  })
})

describe('events of the server', () => {
  /** A server whose streams of events the test writes. */
  function withEvents() {
    browser.server.created = { link: `</events>; rel="${EXTENSION}server-sent-events"; events="active"`, etag: '"x"' }
    const writers: ReadableStreamDefaultController<Uint8Array>[] = []
    const server = {
      writers,
      opened: 0,
      cancelled: 0,
      refusal: undefined as Response | undefined,
      location: '/events/1' as string | undefined,
    }
    browser.server.before = ({ method, path }) => {
      if (path === '/events') {
        server.opened++
        return new Response(null, { status: 201, headers: server.location ? { location: server.location } : {} })
      }
      if (path !== '/events/1' || method !== 'GET') return undefined
      return (
        server.refusal ??
        new Response(
          new ReadableStream<Uint8Array>({
            start: (writer) => void writers.push(writer),
            cancel: () => void server.cancelled++,
          }),
        )
      )
    }
    return server
  }

  const write = (server: ReturnType<typeof withEvents>, text: string) =>
    server.writers.at(-1)?.enqueue(new TextEncoder().encode(text))

  it('are told by names of our own, wherever the stream is cut', async () => {
    const server = withEvents()
    const { viewer: session } = viewer({ serverEvents: true, token: 'secret' })
    const told: unknown[] = []
    for (const name of ['live', 'viewers', 'layers'] as const) session.on(name, (value) => told.push([name, value]))
    await connect()
    await pass(0)
    const [request] = browser.server.requests.filter(({ path }) => path === '/events')
    expect(JSON.parse(request?.body ?? '')).toEqual(['active', 'inactive', 'layers', 'viewercount', 'reconnect'])
    expect(browser.server.requests.at(-1)?.headers.get('authorization')).toBe('Bearer secret')
    const text =
      'event: active\r\ndata: {}\r\n\r\n: still here\n\nevent:viewercount\ndata:{"viewercount":7}\n\nid: 3\nevent: inactive\ndata: {}\n\n' +
      'event: unknown\ndata: {}\n\ndata: 1\n\nevent: layers\ndata: {"0":[{"rid":"ü"}]}\n\n'
    for (const byte of new TextEncoder().encode(text)) {
      server.writers[0]?.enqueue(new Uint8Array([byte]))
    }
    await pass(0)
    expect(told).toEqual([
      ['live', true],
      ['viewers', 7],
      ['live', false],
      ['layers', { 0: [{ rid: 'ü' }] }],
    ])
    await session.close()
  })

  it('are not asked for unless wanted', async () => {
    const server = withEvents()
    viewer()
    await connect()
    expect(server.opened).toBe(0)
  })

  it('go on in the same stream after a break, also one by nonsense', async () => {
    const server = withEvents()
    const { viewer: session } = viewer({ serverEvents: true })
    const live = vi.fn()
    session.on('live', live)
    await connect()
    await pass(0)
    server.writers[0]?.close()
    await pass(5000)
    write(server, 'event: active\ndata: {\n\n')
    await pass(5000)
    write(server, 'event: active\ndata: {}\n\n')
    await pass(0)
    expect([server.opened, server.writers.length, live.mock.calls]).toEqual([1, 3, [[true]]])
    await session.close()
    await pass(60_000)
    expect([server.writers.length, vi.getTimerCount()]).toEqual([3, 0])
  })

  it('end where the server refuses them, or does not say where they are', async () => {
    const server = withEvents()
    server.refusal = problem(404, 'not-found')
    viewer({ serverEvents: true })
    await connect()
    await pass(60_000)
    expect(browser.server.requests.filter(({ path }) => path === '/events/1')).toHaveLength(1)
    server.location = undefined
    viewer({ serverEvents: true })
    await connect()
    await pass(60_000)
    expect(server.opened).toBe(2)
  })

  /** A viewer that sees something, and is asked to go elsewhere. */
  async function asked(server: ReturnType<typeof withEvents>) {
    const { viewer: session } = viewer({ serverEvents: true })
    const states: string[] = []
    session.on('state', (state) => states.push(state))
    const before = await connect()
    before.receive(Object.assign(mutedTrack('video'), { muted: false }))
    await pass(0)
    write(server, 'event: reconnect\ndata: {}\n\n')
    await pass(0)
    return { session, states, before }
  }

  it('have it go over to another session when media flow there, and leave the present one then', async () => {
    const server = withEvents()
    const { session, states, before } = await asked(server)
    const next = await connect()
    expect(next).not.toBe(before)
    const track = mutedTrack('video')
    next.receive(track)
    await pass(30_000)
    expect([before.isClosed, session.connection]).toEqual([false, before])
    track.dispatchEvent(new Event('unmute'))
    // The rest of a publisher's viewers may not be there yet.
    await pass(900)
    expect(before.isClosed).toBe(false)
    await pass(200)
    expect([before.isClosed, session.connection]).toEqual([true, next])
    expect(states).toEqual(['connected'])
    expect(browser.server.requestsBy('DELETE').map(({ path }) => path)).toEqual(['/whep/x/session1'])
    // One stream for each session, and none any more of the one before.
    expect([server.opened, server.cancelled]).toEqual([2, 1])
    await session.close()
    expect(browser.server.sessions.size).toBe(0)
  })

  it('have it go on as before while there is no other session to be had', async () => {
    const server = withEvents()
    const answer = browser.server.before
    const { session, states, before } = await asked(server)
    browser.server.before = (request) =>
      request.method === 'POST' && request.path === '/whep/x' ? problem(503, 'draining') : answer(request)
    FakeConnection.last.become('failed')
    await pass(10_000)
    expect([before.isClosed, session.state]).toEqual([false, 'connected'])
    browser.server.before = answer
    await pass(3000)
    const next = await connect()
    next.receive(Object.assign(mutedTrack('video'), { muted: false }))
    await pass(1000)
    expect([before.isClosed, session.connection, states]).toEqual([true, next, ['connected']])
  })

  it('do not have it wait for media where there are none on the present session either', async () => {
    const server = withEvents()
    const { viewer: session } = viewer({ serverEvents: true })
    const before = await connect()
    await pass(0)
    write(server, 'event: reconnect\ndata: {}\n\n')
    await pass(0)
    const next = await connect()
    await pass(1000)
    expect([before.isClosed, session.connection]).toEqual([true, next])
  })

  it('have the other session take over at once when the server ends the present one first', async () => {
    const server = withEvents()
    const { session, before } = await asked(server)
    const next = await connect()
    before.sayGoodbye()
    await pass(0)
    expect([before.isClosed, session.connection, session.state]).toEqual([true, next, 'connected'])
    expect(FakeConnection.all).toHaveLength(2)
  })

  it('leave nothing behind when it is closed between two sessions', async () => {
    const server = withEvents()
    const { session, before } = await asked(server)
    const next = await connect()
    await session.close()
    expect([before.isClosed, next.isClosed, browser.server.sessions.size]).toEqual([true, true, 0])
    await pass(60_000)
    expect(FakeConnection.all).toHaveLength(2)
  })

  it('are not listened to in a session that was closed meanwhile', async () => {
    const server = withEvents()
    const { viewer: session } = viewer({ serverEvents: true })
    FakeConnection.last.setRemoteDescription = async () => void session.close()
    await pass(60_000)
    expect([server.opened, vi.getTimerCount()]).toEqual([0, 0])
  })
})
