import { describe, expect, it } from 'vitest'
import {
  verifyWebhook,
  type WebhookFetchInit,
  type WebhookFetchReply,
  type WebhookHealthSource,
  type WebhookOptions,
} from '../../../../src/signaling/index.js'
import { webhooks } from '../../../../src/signaling/webhooks/webhooks.js'
import { fakeSfu } from '../../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../../support/offers.js'

type HealthTold = Parameters<Parameters<WebhookHealthSource['on']>[1]>[0]

const SECRET = 'a secret of at least 24 bytes'
const URL_TEXT = 'https://example.org/hooks'

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
const reply = (status: number, headers: Record<string, string> = {}): WebhookFetchReply => ({
  status,
  headers: new Headers(headers),
})

/** Webhooks of a fake Sfu, with a receiver that answers what `answer` says. */
function scene(options: Partial<WebhookOptions> = {}, answer = async (_init: WebhookFetchInit) => reply(204)) {
  const { sfu, engine, clock } = fakeSfu()
  const requests: { url: string; init: WebhookFetchInit; atMs: number }[] = []
  const fetch = (url: string, init: WebhookFetchInit) => {
    requests.push({ url, init, atMs: clock.nowMs() })
    return answer(init)
  }
  let ids = 0
  const test = { time: clock, random: () => 1, createId: () => `msg_${ids++}` }
  const hooks = webhooks(sfu, { url: URL_TEXT, secret: SECRET, fetch, ...options }, test)
  const bodies = () => requests.map(({ init }) => JSON.parse(init.body))
  return { sfu, engine, clock, hooks, requests, bodies }
}

describe('what happens', () => {
  it('is told in its order, with the session and why it ended', async () => {
    const { sfu, engine, hooks, bodies } = scene()
    const metadata = { user: 7 }
    const { session: publisher } = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a', metadata })
    engine.simulateState(publisher.id, 'connected')
    const { session: viewer } = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    engine.simulateState(viewer.id, 'connected')
    await publisher.kick('off topic')
    await viewer.close()
    for (let i = 0; i < 12; i++) await settled()
    expect(bodies().map(({ type }) => type)).toEqual([
      'broadcast-added',
      'publisher-joined',
      'live',
      'viewer-joined',
      'publisher-left',
      'idle',
      'viewer-left',
      'broadcast-removed',
    ])
    expect(bodies()[0]).toEqual({
      type: 'broadcast-added',
      timestamp: '2026-01-01T00:00:00.000Z',
      data: { broadcast: 'a' },
    })
    expect(bodies()[4].data).toMatchObject({
      broadcast: 'a',
      session: { id: publisher.id, role: 'publisher', metadata, closeReason: 'kicked', closeMessage: 'off topic' },
    })
    expect(hooks.stats()).toEqual({ queued: 0, delivered: 8, retried: 0, dropped: 0, failed: 0 })
  })

  it('includes how sessions do, of a health monitor', async () => {
    let change: (told: HealthTold) => void = () => {}
    const health: WebhookHealthSource = {
      on: (_event, listener) => {
        change = listener
        return () => {}
      },
    }
    const { sfu, bodies } = scene({ events: ['session-health'], health })
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    const told = { score: 2, level: 'fair' as const, reason: 'round trips take 1200 ms', findings: [] }
    change({ session, health: told })
    await settled()
    const { score, level, reason } = told
    expect(bodies()).toMatchObject([
      {
        type: 'session-health',
        data: { broadcast: 'a', session: { id: session.id }, health: { score, level, reason } },
      },
    ])
    expect(bodies()[0].data.health).not.toHaveProperty('findings')
  })

  it('tells nothing of health unless that is asked for, and wants to know where from', () => {
    const listeners: string[] = []
    const health: WebhookHealthSource = {
      on: (event) => {
        listeners.push(event)
        return () => listeners.pop()
      },
    }
    expect(scene({ health }).bodies()).toEqual([])
    expect(() => scene({ events: ['session-health'] })).toThrow(
      expect.objectContaining({ code: 'option-invalid', details: { option: 'health' } }),
    )
  })

  it('includes sessions that are never connected, if that is asked for', async () => {
    const { sfu, engine, bodies } = scene({ events: ['session-opened', 'session-closed'] })
    const { session } = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a' })
    await expect(sfu.publish('v=0\r\nnonsense', { broadcast: 'a' })).rejects.toThrow()
    engine.simulateEnd(session.id, 'connect-timeout')
    for (let i = 0; i < 4; i++) await settled()
    expect(bodies().map(({ type, data }) => [type, data.session.id, data.session.closeReason])).toEqual([
      ['session-opened', session.id, undefined],
      ['session-closed', session.id, 'connect-timeout'],
    ])
  })

  it('is told of broadcasts that were there before, and of nobody once it is closed', async () => {
    const { sfu, engine } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    const types: string[] = []
    const fetch = async (_url: string, { body }: WebhookFetchInit) => {
      types.push(JSON.parse(body).type)
      return reply(200)
    }
    const hooks = webhooks(sfu, { url: URL_TEXT, secret: SECRET, fetch, events: ['live', 'idle'] })
    const { session } = await broadcast.addPublisher(PUBLISHER_OFFER)
    engine.simulateState(session.id, 'connected')
    await hooks.close()
    await session.close()
    expect(types).toEqual(['live'])
    await hooks.close()
    expect(sfu.listenerCount('broadcast-added')).toBe(0)
  })
})

describe('a request', () => {
  it('is signed for its own time, with the same id at every attempt', async () => {
    const statuses = [500, 204]
    const { sfu, clock, requests } = scene({ events: ['broadcast-added'] }, async () => reply(statuses.shift() ?? 0))
    sfu.broadcast('a')
    await settled()
    clock.advance(1000)
    await settled()
    expect(requests.map(({ atMs }) => atMs)).toEqual([0, 1000])
    for (const { url, init, atMs } of requests) {
      expect([url, init.method, init.redirect]).toEqual([URL_TEXT, 'POST', 'manual'])
      expect(init.headers['content-type']).toBe('application/json')
      const nowMs = Date.UTC(2026, 0, 1) + atMs
      const { headers, body } = init
      expect(verifyWebhook({ headers, body, secret: SECRET, nowMs, toleranceSeconds: 0 })).toBe('msg_0')
    }
    expect(requests[1]?.init.headers['webhook-timestamp']).not.toBe(requests[0]?.init.headers['webhook-timestamp'])
  })

  it.each([301, 302, 307, 400, 410, 500, 503])('that is answered with %d is made again', async (status) => {
    const { sfu, hooks, clock, requests } = scene({ events: ['broadcast-added'], maxAttempts: 2 }, async () =>
      reply(status),
    )
    sfu.broadcast('a')
    await settled()
    expect(hooks.stats()).toMatchObject({ queued: 1, retried: 1 })
    clock.advance(1000)
    await settled()
    expect(requests).toHaveLength(2)
    expect(hooks.stats()).toMatchObject({ queued: 0, failed: 1 })
  })

  it('is made again when the receiver says so', async () => {
    const { sfu, clock, requests } = scene({}, async () => reply(503, { 'retry-after': '30' }))
    sfu.broadcast('a')
    await settled()
    clock.advance(29_999)
    await settled()
    expect(requests).toHaveLength(1)
    clock.advance(1)
    await settled()
    expect(requests).toHaveLength(2)
  })

  it('that is not answered in time is given up, even where the fetch takes no notice', async () => {
    const signals: AbortSignal[] = []
    const { sfu, hooks, clock } = scene({ timeoutMs: 2000 }, ({ signal }) => {
      signals.push(signal)
      return new Promise<never>(() => {})
    })
    sfu.broadcast('a')
    clock.advance(1999)
    await settled()
    expect(hooks.stats().retried).toBe(0)
    clock.advance(1)
    await settled()
    expect([signals[0]?.aborted, hooks.stats().retried]).toEqual([true, 1])
  })

  it('that cannot be made does not disturb the broadcast', async () => {
    const { sfu, engine, hooks } = scene({ events: ['live'], maxAttempts: 1 }, async () => {
      throw new Error('refused\r\nby the receiver')
    })
    const { session } = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a' })
    engine.simulateState(session.id, 'connected')
    await settled()
    expect(hooks.stats()).toMatchObject({ failed: 1 })
    expect(session.state).toBe('connected')
  })
})

describe('at the end', () => {
  it('what is queued has some time to get through', async () => {
    let answer: (value: WebhookFetchReply) => void = () => {}
    const { sfu, hooks } = scene({}, () => new Promise((resolve) => (answer = resolve)))
    sfu.broadcast('a')
    const closing = hooks.close(1000)
    answer(reply(200))
    await closing
    expect(hooks.stats()).toMatchObject({ queued: 0, delivered: 1, dropped: 0 })
  })

  it('and is dropped after that', async () => {
    const { sfu, hooks, clock } = scene({}, async () => reply(500))
    sfu.broadcast('a')
    const closing = hooks.close(1000)
    await settled()
    clock.advance(1000)
    await closing
    expect(hooks.stats()).toMatchObject({ queued: 0, delivered: 0, dropped: 1 })
    clock.advance(3_600_000)
    expect(clock.pending).toBe(0)
  })
})

it.each([
  ['url', { url: 'ftp://example.org' }],
  ['url', { url: 'nonsense' }],
  ['url', { url: undefined }],
  ['secret', { secret: 'short' }],
  ['events', { events: ['nothing'] }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['maxAttempts', { maxAttempts: 0 }],
  ['retryBaseMs', { retryBaseMs: 0.5 }],
  ['retryMaxMs', { retryMaxMs: -1 }],
  ['maxQueued', { maxQueued: Number.POSITIVE_INFINITY }],
  ['maxConcurrent', { maxConcurrent: 0 }],
  ['fetch', { fetch: 'curl' }],
  ['fetch', { forbidPrivateAddresses: true }],
  ['forbidPrivateAddresses', { forbidPrivateAddresses: 'yes' }],
])('refuses an option %s that is wrong: %j', (option, options) => {
  const make = () => scene(options as unknown as WebhookOptions)
  expect(make).toThrow(expect.objectContaining({ code: 'option-invalid', details: { option } }))
  expect(make).not.toThrow(/short/)
})
