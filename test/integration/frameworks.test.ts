/** WHIP and WHEP mounted in web frameworks: the examples as they are run, with everything that a framework could get in the way of. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CliServer, startCli } from '../support/cli-server.js'
import { LightClient } from '../support/light-client.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../support/offers.js'
import { waitFor } from '../support/wait-for.js'

const FRAMEWORKS = ['node-http', 'express', 'fastify', 'hono']
const SDP = { 'content-type': 'application/sdp' }
const FRAGMENT = { 'content-type': 'application/trickle-ice-sdpfrag' }

function startExample(name: string): Promise<CliServer> {
  return startCli([], `examples/frameworks/${name}.mjs`)
}

/** Sends bytes as they are; resolves with the status line of the reply. */
function statusLine(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (data) => {
      resolve(data.toString().split('\r\n')[0] as string)
      socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve('closed'))
  })
}

/** A body that does not say how long it is. */
function chunked(text: string): RequestInit {
  const body = new Blob([text]).stream()
  return { method: 'POST', headers: SDP, body, duplex: 'half' } as RequestInit
}

const servers = new Map<string, CliServer>()
/** What becomes of requests whose body does not come, which takes ten seconds: long enough for everything else. */
let slowReplies: Promise<string[]>

beforeAll(async () => {
  for (const name of FRAMEWORKS) servers.set(name, await startExample(name))
  const head =
    'POST /media/whip/slow HTTP/1.1\r\nhost: x\r\ncontent-type: application/sdp\r\ncontent-length: 1000\r\n\r\n'
  const slow = ({ url }: CliServer) => statusLine(Number(new URL(url).port), `${head}v=0\r\n`)
  slowReplies = Promise.all([...servers.values()].map(slow))
})

afterAll(async () => {
  for (const server of servers.values()) expect(await server.stop('SIGINT')).toBe(0)
})

describe.each(FRAMEWORKS)('in %s', (name) => {
  let server: CliServer
  let base: string
  const clients: LightClient[] = []

  beforeAll(() => {
    server = servers.get(name) as CliServer
    base = `${server.url}/media`
  })

  afterAll(() => {
    for (const client of clients) client.close()
  })

  const post = (path: string, body: string, headers: Record<string, string> = SDP) =>
    fetch(`${base}${path}`, { method: 'POST', headers, body })

  it('a broadcast is carried, from offers to media, restarts, events and the end', async () => {
    const publisher = await LightClient.create('publisher')
    const viewer = await LightClient.create('viewer')
    clients.push(publisher, viewer)
    const published = await post('/whip/stage', publisher.offer)
    expect(published.status).toBe(201)
    await publisher.accept(await published.text())
    const viewed = await post('/whep/stage', viewer.offer)
    const location = viewed.headers.get('location') ?? ''
    expect(location).toMatch(/^\/media\/whep\/stage\/[\w-]{22}$/)
    await viewer.accept(await viewed.text())
    await waitFor('the address in the log', () => server.output().includes('viewer of stage from 127.0.0.1'))

    const session = `${server.url}${location}`
    const patch = (etag: string, body: string) =>
      fetch(session, { method: 'PATCH', headers: { ...FRAGMENT, 'if-match': etag }, body })
    const etag = viewed.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[^"]+"$/)
    const trickled = await patch(etag, viewer.fragment())
    expect([trickled.status, await trickled.text()]).toEqual([204, ''])
    expect((await patch('"another"', viewer.fragment())).status).toBe(412)
    const restarted = await patch(etag, viewer.fragment(true))
    expect(restarted.status).toBe(200)
    expect(restarted.headers.get('content-type')).toBe(FRAGMENT['content-type'])
    expect(restarted.headers.get('etag')).not.toBe(etag)
    await viewer.acceptFragment(await restarted.text())

    const before = viewer.packets.length
    const timer = setInterval(() => publisher.sendVideo(true), 10)
    try {
      await waitFor('video', () => viewer.packets.length >= before + 30)
    } finally {
      clearInterval(timer)
    }

    const opened = await post(`${location.replace('/media', '')}/events`, '["active","viewercount"]', {
      'content-type': 'application/json',
    })
    expect(opened.status).toBe(201)
    const stream = await fetch(`${server.url}${opened.headers.get('location')}`)
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    const chunks = (stream.body as ReadableStream<Uint8Array>).getReader()
    let events = ''
    // It comes while the stream goes on.
    while (!/event: viewercount/.test(events)) events += new TextDecoder().decode((await chunks.read()).value)
    expect(events).toContain('event: active')

    expect((await fetch(session, { method: 'DELETE' })).status).toBe(200)
    while (!(await chunks.read()).done);
    expect((await fetch(session, { method: 'DELETE' })).status).toBe(404)
  })

  it('OPTIONS, GET, HEAD and other methods reach the handler', async () => {
    const preflight = await fetch(`${base}/whip/stage`, {
      method: 'OPTIONS',
      headers: { origin: 'https://example.org', 'access-control-request-method': 'POST' },
    })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH')
    expect((await fetch(`${base}/whip/stage`, { method: 'OPTIONS' })).headers.get('accept-post')).toBe(
      'application/sdp',
    )
    for (const method of ['GET', 'HEAD']) {
      const response = await fetch(`${base}/whep/stage`, { method })
      expect([method, response.status, await response.text()]).toEqual([method, 200, ''])
    }
    const put = await fetch(`${base}/whip/stage`, { method: 'PUT', headers: SDP, body: 'x' })
    expect([put.status, put.headers.get('allow')]).toEqual([405, expect.stringContaining('POST')])
    const refused = await post('/whip/stage', VIEWER_OFFER)
    expect([refused.status, refused.headers.get('content-type')]).toEqual([422, 'application/problem+json'])
    expect(refused.headers.get('access-control-expose-headers')).toContain('Location')
  })

  it('bodies are bounded by the handler, and of the types that it takes', async () => {
    const large = PUBLISHER_OFFER + 'a=x\r\n'.repeat(20_000)
    expect((await post('/whip/large', large)).status).toBe(413)
    expect((await fetch(`${base}/whip/large`, chunked(large))).status).toBe(413)
    expect((await fetch(`${base}/whip/chunked`, chunked(PUBLISHER_OFFER))).status).toBe(201)
    expect((await post('/whip/typed', PUBLISHER_OFFER, { 'content-type': 'application/json' })).status).toBe(415)
    expect((await fetch(`${base}/whip/empty`, { method: 'POST' })).status).toBe(415)
    expect((await post('/whip/empty', '')).status).toBe(400)
  })

  it('the routes of the app itself work as before', async () => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${server.url}/echo`, { method: 'POST', headers, body: '{"a":1}' })
    expect([response.status, await response.json()]).toEqual([200, { a: 1 }])
  })
})

it('a body that does not come is not waited for, in any of them', async () => {
  expect(await slowReplies).toEqual(FRAMEWORKS.map(() => expect.stringMatching(/^HTTP\/1\.1 408 /)))
})
