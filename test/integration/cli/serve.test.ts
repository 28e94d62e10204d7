import { connect, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { type RunningServer, type ServedSfu, type ServeOptions, serve } from '../../../src/cli/serve.js'
import { BroadcastError } from '../../../src/errors.js'
import { fakeTarget } from '../../../src/testing/index.js'

const OFFER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'
const running: RunningServer[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

function fakeSfu(ready: () => Promise<void> = async () => {}) {
  const target = fakeTarget()
  const log: string[] = []
  const sfu: ServedSfu = {
    ...target,
    ready,
    broadcasts: () => {
      const names = [...new Set(target.sessions.map((session) => session.broadcast))]
      const roles = (name: string, role: string) =>
        target.sessions.filter((session) => session.broadcast === name && session.role === role)
      return names.map((name) => ({ name, live: roles(name, 'publisher').length > 0, viewers: roles(name, 'viewer') }))
    },
    stats: async () => ({ shards: [{ port: 5000 }] }),
    close: async () => void log.push('closed'),
  }
  return { sfu, target, log }
}

async function start(sfu: ServedSfu, port = 0, options: Partial<ServeOptions> = {}) {
  const server = await serve(sfu, { host: '127.0.0.1', port, ...options })
  running.push(server)
  return { server, base: `http://127.0.0.1:${server.port}` }
}

it('serves pages, signaling and the list on one port', async () => {
  const { sfu } = fakeSfu()
  const { base, server } = await start(sfu)
  expect(server.mediaPorts).toEqual([5000])
  expect((await fetch(`${base}/`)).status).toBe(200)
  expect((await fetch(`${base}/publish/main`)).status).toBe(200)
  const headers = { 'content-type': 'application/sdp' }
  expect((await fetch(`${base}/whip/main`, { method: 'POST', headers, body: OFFER })).status).toBe(201)
  expect((await fetch(`${base}/whep/main`, { method: 'POST', headers, body: OFFER })).status).toBe(201)
  expect((await fetch(`${base}/sdp`, { method: 'POST', body: OFFER })).status).toBe(200)
  expect(await (await fetch(`${base}/api/broadcasts`)).json()).toEqual([{ name: 'main', live: true, viewers: 2 }])
  expect((await fetch(`${base}/favicon.ico`)).status).toBe(404)
})

it('says in words that the port is taken, and leaves the Sfu to the caller', async () => {
  const { server } = await start(fakeSfu().sfu)
  const second = fakeSfu()
  await expect(start(second.sfu, server.port)).rejects.toThrow(`port ${server.port} on 127.0.0.1 is taken`)
  expect(second.log).toEqual([])
})

it('says in words that the host is unknown', async () => {
  await expect(serve(fakeSfu().sfu, { host: '192.0.2.1', port: 0 })).rejects.toThrow('no address 192.0.2.1')
})

it('does not serve when the media port cannot be opened', async () => {
  const failure = new BroadcastError('socket-failed', 'UDP port 5000 is taken')
  await expect(start(fakeSfu(() => Promise.reject(failure)).sfu)).rejects.toBe(failure)
})

it('closes the Sfu and the port, once, though a client keeps its connection open', async () => {
  const { sfu, log } = fakeSfu()
  const { base, server } = await start(sfu)
  await fetch(`${base}/`)
  await Promise.all([server.close(), server.close()])
  expect(log).toEqual(['closed'])
  await expect(fetch(`${base}/`)).rejects.toThrow()
})

/** Connects, says that, and resolves with what came back when the server has ended the connection. */
function say(port: number, text: string, onOpen: (socket: Socket) => void = () => {}): Promise<string> {
  return new Promise((resolve) => {
    let reply = ''
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(text)
      onOpen(socket)
    })
    socket.on('data', (data) => {
      reply += data.toString()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(reply))
  })
}

it('ends connections whose request does not come to an end, and serves others meanwhile', async () => {
  const { server, base } = await start(fakeSfu().sfu, 0, { headersTimeoutMs: 300 })
  const head = 'POST /whip/main HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\n'
  const slow = Array.from({ length: 50 }, (_, i) =>
    say(server.port, i % 2 === 0 ? head : `${head}Content-Length: 9\r\n\r\nv`),
  )
  expect((await fetch(`${base}/`)).status).toBe(200)
  for (const reply of await Promise.all(slow)) expect(reply).toMatch(/^HTTP\/1\.1 408 /)
})

it('has no more connections than it may', async () => {
  const { server } = await start(fakeSfu().sfu, 0, { maxConnections: 2 })
  const open: Socket[] = []
  const kept = Array.from(
    { length: 2 },
    () => new Promise<void>((resolve) => void say(server.port, '', (socket) => resolve(void open.push(socket)))),
  )
  await Promise.all(kept)
  expect(await say(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('')
  for (const socket of open) socket.destroy()
})
