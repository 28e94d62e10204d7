import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { compose, type FetchHandler, nodeHttp, plainExchange, whipWhep } from '../../../src/signaling/index.js'
import { fakeTarget } from '../../../src/testing/index.js'

const OFFER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'
const SDP = { 'content-type': 'application/sdp' }
const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listen(handler: FetchHandler): Promise<{ base: string; port: number; server: Server }> {
  const server = createServer(nodeHttp(handler))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { base: `http://127.0.0.1:${port}`, port, server }
}

/** Sends bytes as they are and collects the reply until the server closes, or until `until` shows up in it. */
function raw(port: number, text: string, until?: string): Promise<{ reply: string; socket: Socket }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let reply = ''
    socket.on('data', (data) => {
      reply += data.toString()
      if (until !== undefined && reply.includes(until)) resolve({ reply, socket })
    })
    socket.on('error', reject)
    socket.on('close', () => resolve({ reply, socket }))
  })
}

it('carries WHIP over a real server: POST, DELETE, again', async () => {
  const target = fakeTarget()
  const { base } = await listen(whipWhep(target))
  const response = await fetch(`${base}/whip/main`, { method: 'POST', headers: SDP, body: OFFER })
  expect(response.status).toBe(201)
  expect(await response.text()).toMatch(/^v=0/)
  const session = new URL(response.headers.get('location') ?? '', response.url)
  expect(target.calls[0]?.sdp).toBe(OFFER)
  expect((await fetch(session, { method: 'DELETE' })).status).toBe(200)
  expect((await fetch(session, { method: 'DELETE' })).status).toBe(404)
  expect(target.sessions).toEqual([])
})

it('answers HEAD, OPTIONS and errors as the handler says', async () => {
  const { base } = await listen(whipWhep(fakeTarget()))
  const head = await fetch(`${base}/whep/main`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/sdp'])
  expect((await fetch(`${base}/whep/main`, { method: 'OPTIONS' })).headers.get('accept-post')).toBe('application/sdp')
  expect((await fetch(`${base}/whep/main`, { method: 'POST', body: OFFER })).status).toBe(415)
})

it('passes headers, the path as it stands and several cookies', async () => {
  const { base, port } = await listen(async (request) => {
    const headers = new Headers({ 'x-seen': `${request.method} ${request.url} ${request.headers.get('x-a')}` })
    headers.append('set-cookie', 'a=1')
    headers.append('set-cookie', 'b=2')
    return new Response('ok', { headers })
  })
  const response = await fetch(`${base}/a%20b?c=d`, { headers: { 'x-a': 'one' } })
  expect(response.headers.get('x-seen')).toBe(`GET ${base}/a%20b?c=d one`)
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  const { reply } = await raw(port, 'GET //evil.example/x HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\n\r\n')
  expect(reply).toContain('GET http://h:1//evil.example/x')
})

it('hands out session URLs below the mount path of Express', async () => {
  const listener = nodeHttp(whipWhep(fakeTarget(), { pathPrefix: '/media' }))
  const server = createServer((request, response) => {
    Object.assign(request, { originalUrl: request.url })
    request.url = request.url?.slice('/media'.length) ?? '/'
    listener(request, response)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const response = await fetch(`${base}/media/whip/a`, { method: 'POST', headers: SDP, body: OFFER })
  expect(response.headers.get('location')).toBe('/media/whip/a/session-1')
})

describe('what clients do wrong', () => {
  it('answers what Fetch cannot express with 400 and goes on', async () => {
    const { port, base } = await listen(whipWhep(fakeTarget()))
    for (const start of [
      'TRACE /whip/a HTTP/1.1\r\nHost: x',
      'GET /whip/a HTTP/1.1\r\nHost: a b:c',
      'OPTIONS * HTTP/1.1\r\nHost: x',
    ]) {
      const { reply } = await raw(port, `${start}\r\nConnection: close\r\n\r\n`)
      expect(reply, start).toMatch(/^HTTP\/1\.1 400 /)
    }
    expect((await fetch(`${base}/whip/a`)).status).toBe(200)
  })

  it('stops an endless body: 413, the connection closed, and no more read', async () => {
    const { port } = await listen(whipWhep(fakeTarget(), { maxBodyBytes: 1000 }))
    const started = performance.now()
    const status = await new Promise<number>((resolve, reject) => {
      const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/whip/a', headers: SDP })
      let status = 0
      request.on('response', (response: IncomingMessage) => {
        status = response.statusCode ?? 0
        expect(response.headers.connection).toBe('close')
        response.resume()
      })
      // The server ends it: the client would never stop.
      const flood = setInterval(() => request.write(Buffer.alloc(1000)), 5)
      const done = (): void => {
        clearInterval(flood)
        if (status === 0) reject(new Error('no reply'))
        else resolve(status)
      }
      request.on('error', done)
      request.on('close', done)
    })
    expect(status).toBe(413)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('does not wait for ever for a body: 408', async () => {
    const { port } = await listen(whipWhep(fakeTarget(), { bodyTimeoutMs: 50 }))
    const head = 'POST /whip/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: 100\r\n\r\nv=0'
    const { reply } = await raw(port, head)
    expect(reply).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('forgets a client that goes away in the middle of its body', async () => {
    const target = fakeTarget()
    const failures: unknown[] = []
    const inner = whipWhep(target)
    const { port, base } = await listen(async (request) => {
      const response = await inner(request)
      failures.push(response.status)
      return response
    })
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        'POST /whip/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: 100\r\n\r\nv=0',
      )
      setTimeout(() => socket.destroy(), 20)
    })
    await vi.waitFor(() => expect(failures).toEqual([400]), 5000)
    expect(target.calls).toEqual([])
    expect((await fetch(`${base}/whip/a`)).status).toBe(200)
  })

  it('closes the session of a client that goes away before its answer', async () => {
    const target = fakeTarget()
    const release = target.hold()
    let aborted = false
    const inner = whipWhep(target)
    const { port } = await listen((request) => {
      request.signal.addEventListener('abort', () => {
        aborted = true
      })
      return inner(request)
    })
    const head = `POST /whip/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: ${OFFER.length}\r\n\r\n${OFFER}`
    const socket = connect(port, '127.0.0.1', () => socket.write(head))
    await vi.waitFor(() => expect(target.calls).toHaveLength(1), 5000)
    socket.destroy()
    await vi.waitFor(() => expect(aborted).toBe(true), 5000)
    expect(target.sessions).toEqual([])
    release()
    // The session comes to be and is closed again at once.
    await vi.waitFor(() => expect(target.sessions).toEqual([]), 5000)
    await expect(target.view(OFFER)).resolves.toMatchObject({ session: { id: 'session-2' } })
  })

  it('keeps the connection usable when a small body was not read', async () => {
    const { port } = await listen(async (request) => new Response(null, { headers: { 'x-method': request.method } }))
    const del = 'DELETE /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello'
    const { reply, socket } = await raw(port, `${del}${del}GET /x HTTP/1.1\r\nHost: x\r\n\r\n`, 'x-method: GET')
    socket.destroy()
    expect(reply.match(/200 OK/g)).toHaveLength(3)
  })
})

describe('the adapters without Fetch in between', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('answer without a Request or a Response', async () => {
    const target = fakeTarget()
    const { port } = await listen(compose(plainExchange(target), whipWhep(target)))
    for (const name of ['Request', 'Response', 'Headers']) {
      vi.stubGlobal(name, () => {
        throw new Error(`${name} was made`)
      })
    }
    const post = `POST /whep/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: ${OFFER.length}\r\n\r\n${OFFER}`
    const { reply, socket } = await raw(port, post, '\r\n\r\nv=0')
    socket.destroy()
    expect(reply).toMatch(/^HTTP\/1\.1 201 /)
    expect(reply).toMatch(/\r\nLocation: \/whep\/a\/session-1\r\n/i)
    const gone = await raw(port, 'DELETE /whep/a/session-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(gone.reply).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('hand the Request to hooks, with its body, and read that themselves afterwards', async () => {
    const target = fakeTarget()
    const seen: unknown[] = []
    const { base } = await listen(
      whipWhep(target, {
        throttle: async (request) => {
          seen.push(request instanceof Request, request.headers.get('x-a'), await request.clone().text())
          return undefined
        },
        redirect: (request) => {
          seen.push(request.url)
          return undefined
        },
        clientAddress: (request) => request.headers.get('x-address') ?? undefined,
        iceServers: ({ request }) => {
          seen.push(request.method)
          return []
        },
      }),
    )
    const headers = { ...SDP, 'x-a': 'one', 'x-address': '192.0.2.7' }
    const response = await fetch(`${base}/whep/a`, { method: 'POST', headers, body: OFFER })
    expect(response.status).toBe(201)
    expect(seen).toEqual([true, 'one', OFFER, `${base}/whep/a`, 'POST'])
    expect(target.calls[0]).toMatchObject({ sdp: OFFER, context: { address: '192.0.2.7' } })
  })

  it('join header fields that come twice, so that two tokens are none', async () => {
    const tokens: unknown[] = []
    const { port } = await listen(
      whipWhep(fakeTarget(), {
        authorize: ({ token, header }) => {
          tokens.push(token, header('X-Two'))
          return {}
        },
      }),
    )
    const head = `POST /whep/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: ${OFFER.length}\r\nConnection: close\r\n`
    const twice = 'Authorization: Bearer one\r\nAuthorization: Bearer two\r\nX-Two: 1\r\nx-two: 2\r\n'
    await raw(port, `${head}${twice}\r\n${OFFER}`)
    expect(tokens).toEqual([undefined, '1, 2'])
  })

  it('refuse a host that would bring credentials along', async () => {
    const { port } = await listen(whipWhep(fakeTarget()))
    const { reply } = await raw(port, 'GET /whip/a HTTP/1.1\r\nHost: user:word@x\r\nConnection: close\r\n\r\n')
    expect(reply).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('forget a client that goes away in the middle of its body, or before it is read', async () => {
    const target = fakeTarget()
    const failures: unknown[] = []
    let admit = (): void => {}
    const held = new Promise<void>((resolve) => {
      admit = resolve
    })
    const adapter = whipWhep(target, {
      bodyTimeoutMs: 600_000,
      authorize: async ({ broadcast }) => {
        if (broadcast === 'slow') await held
        return {}
      },
    })
    const listener = nodeHttp(adapter)
    const server = createServer((request, response) => {
      response.on('close', () => failures.push(request.url))
      listener(request, response)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    for (const name of ['slow', 'fast']) {
      const head = `POST /whip/${name} HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: 100\r\n\r\nv=0`
      const socket = connect(port, '127.0.0.1', () => socket.write(head))
      await new Promise((resolve) => setTimeout(resolve, 50))
      socket.destroy()
    }
    await vi.waitFor(() => expect(failures).toEqual(['/whip/slow', '/whip/fast']), 5000)
    admit()
    expect((await fetch(`http://127.0.0.1:${port}/whip/a`)).status).toBe(200)
    expect(target.calls).toEqual([])
  })

  it('close the session of a client that goes away before its answer', async () => {
    const target = fakeTarget()
    const release = target.hold()
    const { port } = await listen(whipWhep(target))
    const head = `POST /whip/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: ${OFFER.length}\r\n\r\n${OFFER}`
    const socket = connect(port, '127.0.0.1', () => socket.write(head))
    await vi.waitFor(() => expect(target.calls).toHaveLength(1), 5000)
    socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 50))
    release()
    // The session comes to be and is closed again at once.
    await expect(target.view(OFFER)).resolves.toMatchObject({ session: { id: 'session-2' } })
    await vi.waitFor(() => expect(target.sessions.map(({ id }) => id)).toEqual(['session-2']), 5000)
  })
})

describe('what handlers do', () => {
  it('answers 500 when the handler fails, and tells nothing', async () => {
    const { base } = await listen(() => Promise.reject(new Error('secret')))
    const response = await fetch(base)
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
  })

  it('streams a reply and stops its source when the client goes away', async () => {
    let cancelled = false
    const { base } = await listen(async () => {
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          controller.enqueue(new TextEncoder().encode('data: x\n\n'))
          await new Promise((resolve) => setTimeout(resolve, 5))
        },
        cancel() {
          cancelled = true
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    })
    const gone = new AbortController()
    const response = await fetch(base, { signal: gone.signal })
    const reader = response.body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('data: x')
    gone.abort()
    await vi.waitFor(() => expect(cancelled).toBe(true), 5000)
  })

  it('ends the connection when a reply breaks in the middle', async () => {
    const { base } = await listen(async () => {
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.error(new Error('broke'))
        },
      })
      return new Response(body)
    })
    await expect(fetch(base).then((response) => response.text())).rejects.toThrow()
  })
})
