/** Webhooks over real HTTP, to receivers that fail in every way. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Sfu } from '../../../src/index.js'
import { verifyWebhook, type WebhookOptions, webhooks } from '../../../src/signaling/index.js'
import { httpPost, type LookupAll } from '../../../src/signaling/webhooks/http-post.js'
import { startCli } from '../../support/cli-server.js'
import { LightClient } from '../../support/light-client.js'
import { waitFor } from '../../support/wait-for.js'

const SECRET = 'a secret of at least thirty-two bytes'
const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Received {
  readonly id: string
  readonly type: string
  readonly data: {
    readonly broadcast: string
    readonly session?: { readonly role: string; readonly closeReason?: string }
  }
}

type Answer = (request: IncomingMessage, response: ServerResponse, attempt: number) => void

/** A server that verifies what it gets, and answers as `answer` says; `attempt` counts from 1. */
async function receiver(answer: Answer) {
  const received: Received[] = []
  let attempts = 0
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const id = verifyWebhook({ body, headers: request.headers, secret: SECRET })
    received.push({ id, ...(JSON.parse(body) as Omit<Received, 'id'>) })
    answer(request, response, ++attempts)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks?a=b`, received }
}

/** An Sfu without sessions; `tell` makes one event. */
function sender(url: string, options: Partial<WebhookOptions> = {}) {
  const sfu = new Sfu({ workers: 0, listenIps: ['127.0.0.1'] })
  closers.push(() => sfu.close())
  const hooks = webhooks(sfu, { url, secret: SECRET, retryBaseMs: 10, timeoutMs: 5000, ...options })
  closers.push(() => hooks.close(0))
  return { sfu, hooks, tell: (name: string) => sfu.broadcast(name) }
}

const ok: Answer = (_request, response) => response.writeHead(200).end('thank you')

it('tells what publishers and viewers do', async () => {
  const { url, received } = await receiver(ok)
  const { sfu, hooks } = sender(url)
  const publisher = await LightClient.create('publisher')
  const viewer = await LightClient.create('viewer')
  closers.push(() => publisher.close())
  await publisher.accept((await sfu.publish(publisher.offer, { broadcast: 'stage' })).sdp)
  await waitFor('the publisher', () => received.some(({ type }) => type === 'live'))
  await viewer.accept((await sfu.view(viewer.offer, { broadcast: 'stage' })).sdp)
  await waitFor('the viewer', () => received.some(({ type }) => type === 'viewer-joined'))
  viewer.close()
  await waitFor('its end', () => received.some(({ type }) => type === 'viewer-left'))
  await sfu.close()
  await hooks.close()
  expect(received.map(({ type, data }) => [type, data.session?.closeReason])).toEqual([
    ['broadcast-added', undefined],
    ['publisher-joined', undefined],
    ['live', undefined],
    ['viewer-joined', undefined],
    ['viewer-left', 'peer-closed'],
    ['publisher-left', 'sfu-closed'],
    ['idle', undefined],
    ['broadcast-removed', undefined],
  ])
  expect(new Set(received.map(({ id }) => id)).size).toBe(8)
  expect(hooks.stats()).toEqual({ queued: 0, delivered: 8, retried: 0, dropped: 0, failed: 0 })
})

describe('a receiver that', () => {
  const failing: [string, Answer][] = [
    ['answers 500', (_request, response) => response.writeHead(500).end()],
    ['closes the connection', (request) => request.socket.destroy()],
    ['closes it within its reply', (request, response) => response.write('x', () => request.socket.destroy())],
    ['never answers', () => {}],
    ['speaks no HTTP', (request) => request.socket.end('220 mail.example.org ESMTP\r\n')],
    ['redirects', (_request, response) => response.writeHead(307, { location: '/elsewhere' }).end()],
  ]
  it.each(failing)('%s is told again, in order and with the same id', async (how, fail) => {
    const { url, received } = await receiver((request, response, attempt) =>
      attempt <= 2 ? fail(request, response, attempt) : ok(request, response, attempt),
    )
    const { hooks, tell } = sender(url, { timeoutMs: how === 'never answers' ? 50 : 5000 })
    tell('a')
    // Its status has come: it is no failure that the rest of the reply has not.
    const attempts = how === 'closes it within its reply' ? 1 : 3
    await waitFor('the event', () => hooks.stats().delivered === 1)
    expect(received).toHaveLength(attempts)
    expect(new Set(received.map(({ id }) => id)).size).toBe(1)
    expect(hooks.stats()).toMatchObject({ retried: attempts - 1, failed: 0, queued: 0 })
  })

  it('answers for ever is cut off, and has its event', async () => {
    let closed = 0
    const { url } = await receiver((_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(1000)), 1)
      response.on('close', () => {
        closed++
        clearInterval(timer)
      })
    })
    const { hooks, tell } = sender(url)
    tell('a')
    await waitFor('the event', () => hooks.stats().delivered === 1)
    await waitFor('the connection to be closed', () => closed === 1)
  })

  it('is not there is given up in the end, and forgotten', async () => {
    const { hooks, tell } = sender('http://127.0.0.1:1/', { maxAttempts: 3 })
    tell('a')
    await waitFor('the last attempt', () => hooks.stats().failed === 1)
    expect(hooks.stats()).toMatchObject({ queued: 0, retried: 2, delivered: 0 })
  })

  it('is slow holds up neither the Sfu nor other broadcasts, and no more events than may wait', async () => {
    const open: ServerResponse[] = []
    const { url, received } = await receiver((_request, response) => void open.push(response))
    const { hooks, tell } = sender(url, { maxQueued: 4, maxConcurrent: 2, events: ['broadcast-added'] })
    for (let i = 0; i < 10; i++) tell(`b${i}`)
    expect(hooks.stats()).toMatchObject({ queued: 4, dropped: 6 })
    await waitFor('two requests', () => received.length === 2)
    while (hooks.stats().queued > 0) {
      for (const response of open.splice(0)) response.end()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(received.map(({ data }) => data.broadcast).sort()).toEqual(['b0', 'b1', 'b2', 'b3'])
  })
})

describe('addresses that are not public', () => {
  const post = (url: string, lookup?: LookupAll) => {
    const { signal } = new AbortController()
    return httpPost(true, lookup)(url, { method: 'POST', headers: {}, body: '{}', redirect: 'manual', signal })
  }
  const resolving = (...addresses: string[]): LookupAll => {
    return (_name, _options, callback) => {
      const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      callback(null, found)
    }
  }

  it.each(['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254'])(
    'are not called by their own names, such as %s',
    async (host) => {
      await expect(post(`http://${host}/`)).rejects.toThrow('is not a public address')
    },
  )

  it('are not called by other names, whatever else they stand for', async () => {
    const { url, received } = await receiver(ok)
    const { port } = new URL(url)
    for (const addresses of [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::1']]) {
      await expect(post(`http://hooks.example.org:${port}/`, resolving(...addresses))).rejects.toThrow('not a public')
    }
    await expect(post(`http://hooks.example.org:${port}/`, resolving())).rejects.toThrow('no address')
    await expect(post(`http://localhost:${port}/`)).rejects.toThrow('is not a public address')
    expect(received).toEqual([])
  })

  it('are called unless that is forbidden, and count as failures if it is', async () => {
    const { url, received } = await receiver(ok)
    const { hooks, tell } = sender(url, { forbidPrivateAddresses: true, maxAttempts: 1 })
    tell('a')
    await waitFor('the failure', () => hooks.stats().failed === 1)
    expect(received).toEqual([])
  })
})

it('manycast serve tells what happens until it ends', async () => {
  const { url, received } = await receiver(ok)
  const events = ['live', 'idle', 'broadcast-removed'].flatMap((name) => ['--webhook-event', name])
  const server = await startCli(['--webhook', url, '--webhook-secret', SECRET, ...events])
  closers.push(() => server.stop('SIGKILL'))
  const publisher = await LightClient.create('publisher')
  closers.push(() => publisher.close())
  const headers = { 'content-type': 'application/sdp' }
  const response = await fetch(`${server.url}/whip/stage`, { method: 'POST', headers, body: publisher.offer })
  await publisher.accept(await response.text())
  await waitFor('the publisher', () => received.length === 1)
  expect(await server.stop()).toBe(0)
  expect(received.map(({ type, data }) => [type, data.broadcast])).toEqual([
    ['live', 'stage'],
    ['idle', 'stage'],
    ['broadcast-removed', 'stage'],
  ])
})
