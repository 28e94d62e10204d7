/** WHEP's event streams over real connections. */
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { nodeHttp, whipWhep } from '../../../src/signaling/index.js'
import { type FakeSession, type FakeTarget, fakeTarget } from '../../../src/testing/index.js'
import { waitFor } from '../../support/wait-for.js'

let server: Server
let base: string
let port: number
let target: FakeTarget
let session: FakeSession
let stream: string

beforeEach(async () => {
  target = fakeTarget()
  server = createServer(nodeHttp(whipWhep(target, { eventHeartbeatMs: 100 })))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  base = `http://127.0.0.1:${port}`
  const sdp = { 'content-type': 'application/sdp' }
  const created = await fetch(`${base}/whep/main`, { method: 'POST', headers: sdp, body: 'v=0\r\n' })
  session = target.sessions[0] as FakeSession
  const opened = await fetch(`${base}${created.headers.get('location')}/events`, { method: 'POST' })
  stream = `${base}${opened.headers.get('location')}`
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** Reads until `pattern` is there; what came so far. */
function reader(response: Response) {
  const chunks = response.body?.getReader()
  let text = ''
  return async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(text)) {
      const { value, done } = (await chunks?.read()) ?? { done: true }
      if (done) throw new Error(`it ended: ${text}`)
      text += new TextDecoder().decode(value)
    }
    return text
  }
}

/** What is in use; what is only not collected yet says nothing. */
function heapBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

it('sends the headers at once, each event when it happens, and comments in between', async () => {
  const response = await fetch(stream)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const until = reader(response)
  session.tell({ type: 'live' })
  await until(/event: active\ndata: \{\}\n\n/)
  await until(/\n:\n\n:\n\n/)
  session.tell({ type: 'viewers', count: 12 })
  await until(/event: viewercount\ndata: \{"viewercount":12\}\n\n/)
})

it('ends the reply when the session ends', async () => {
  const response = await fetch(stream)
  await session.close('engine-failed')
  expect(await response.text()).toMatch(/event: reconnect\ndata: \{\}\n\n$/)
  expect((await fetch(stream)).status).toBe(404)
})

it('lets a client come back after its connection broke, and tells it how things are', async () => {
  session.tell({ type: 'live' })
  const gone = new AbortController()
  await reader(await fetch(stream, { signal: gone.signal }))(/event: active/)
  gone.abort()
  session.tell({ type: 'idle' })
  const text = await reader(await fetch(stream))(/event: inactive/)
  expect(text).not.toContain('event: active')
})

it('lets a second reader take over', async () => {
  const first = await fetch(stream)
  const second = await fetch(stream)
  expect(await first.text()).toContain('retry: 2000')
  session.tell({ type: 'live' })
  await reader(second)(/event: active/)
})

it('keeps no more than a little for a client that does not read, and drops what is old', async () => {
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET ${new URL(stream).pathname} HTTP/1.1\r\nHost: x\r\n\r\n`)
  let text = ''
  socket.on('data', (data) => {
    text += data.toString()
  })
  await waitFor('the preamble', () => text.includes('retry'))
  socket.pause()
  // Far more than all the buffers between here and there hold.
  const count = 400_000
  const before = heapBytes()
  for (let i = 1; i <= count; i++) {
    session.tell({ type: 'viewers', count: i })
    if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(heapBytes() - before).toBeLessThan(5e6)
  socket.resume()
  await waitFor('the newest', () => text.includes(`{"viewercount":${count}}`))
  expect(text.split('event: viewercount').length).toBeLessThan(count / 2)
  socket.destroy()
})
