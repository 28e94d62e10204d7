/** WHEP's server-sent events by HTTP. */
import { describe, expect, it } from 'vitest'
import { type WhipWhepOptions, whipWhep } from '../../../../src/signaling/index.js'
import { fakeTarget } from '../../../../src/testing/index.js'
import { bare, OFFER, post, problemOf } from '../requests.js'

const JSON_TYPE = { 'content-type': 'application/json' }

async function watching(options: WhipWhepOptions = {}) {
  const target = fakeTarget()
  const handler = whipWhep(target, options)
  const created = await handler(post(`${options.pathPrefix ?? ''}/whep/main`, OFFER))
  const links = created.headers.get('link') ?? ''
  const session = target.sessions[0]
  if (session === undefined) throw new Error('no session')
  const path = `${created.headers.get('location')}/events`
  const open = (body = '', headers: Record<string, string> = JSON_TYPE) => handler(post(path, body, headers))
  return { target, handler, session, links, path, open }
}

it('are announced, with the events there are for viewers and for publishers', async () => {
  const { links, handler } = await watching({ pathPrefix: '/m' })
  expect(links.split(/, (?=<)/)).toEqual([
    '</m/whep/main/session-1/events>; rel="urn:ietf:params:whep:ext:core:server-sent-events"; events="active,inactive,layers,reconnect,viewercount"',
    '</m/whep/main/session-1/layer>; rel="urn:ietf:params:whep:ext:core:layer"',
  ])
  expect((await handler(post('/m/whip/main', OFFER))).headers.get('link')).toBe(
    '</m/whip/main/session-2/events>; rel="urn:ietf:params:whip:ext:core:server-sent-events"; events="reconnect,viewercount"',
  )
})

describe('a stream', () => {
  it('is made by a list of events, read by GET, and ended by DELETE', async () => {
    const { handler, session, open, path } = await watching()
    const created = await open('["active","viewercount"]')
    expect(created.status).toBe(201)
    const url = created.headers.get('location') ?? ''
    expect(url.startsWith(`${path}/`)).toBe(true)
    expect(Buffer.from(url.slice(path.length + 1), 'base64url')).toHaveLength(16)
    const response = await handler(bare('GET', url))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('cache-control')).toContain('no-store')
    session.tell({ type: 'live' })
    session.tell({ type: 'idle' })
    session.tell({ type: 'viewers', count: 1 })
    expect((await handler(bare('DELETE', url))).status).toBe(200)
    expect(await response.text()).toMatch(/event: active\ndata: \{\}\n\n(?!.*inactive).*event: viewercount\n/s)
    for (const method of ['GET', 'DELETE', 'HEAD']) expect((await handler(bare(method, url))).status).toBe(404)
  })

  it('has all events without a list', async () => {
    const { handler, session, open } = await watching()
    const url = (await open('', {})).headers.get('location') ?? ''
    session.tell({ type: 'live' })
    const response = await handler(bare('GET', url))
    session.tell({ type: 'viewers', count: 4 })
    await session.close('engine-failed')
    const text = await response.text()
    for (const event of ['active', 'viewercount', 'reconnect']) expect(text).toContain(`event: ${event}\n`)
  })

  it('dies with the session, and so do all its URLs', async () => {
    const { handler, session, open, path } = await watching()
    const url = (await open('[]')).headers.get('location') ?? ''
    const response = await handler(bare('GET', url))
    await session.close()
    expect(await response.text()).toBe('retry: 2000\n\n')
    expect((await handler(bare('GET', url))).status).toBe(404)
    expect((await handler(post(path, '[]', JSON_TYPE))).status).toBe(404)
  })

  it('answers HEAD without beginning', async () => {
    const { handler, open } = await watching()
    const url = (await open()).headers.get('location') ?? ''
    const response = await handler(bare('HEAD', url))
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    expect(response.body).toBeNull()
  })

  it('is not found under another session or protocol', async () => {
    const { handler, open, path } = await watching()
    const url = (await open()).headers.get('location') ?? ''
    await handler(post('/whep/main', OFFER))
    expect((await handler(bare('GET', url.replace('session-1', 'session-2')))).status).toBe(404)
    expect((await handler(bare('GET', url.replace('/whep/', '/whip/')))).status).toBe(404)
    expect((await handler(bare('GET', `${path}/%ff`))).status).toBe(404)
  })
})

describe('streams', () => {
  it.each(['["active","scte35"]', '["ACTIVE"]', '[1]', '{"0":"active"}', '"active"', 'null', '1', 'active'])(
    'are not made for %s: 400',
    async (body) => {
      const { open } = await watching({ maxEventStreams: 1 })
      const response = await open(body)
      expect(response.status).toBe(400)
      expect((await problemOf(response)).code).toBe('request-invalid')
      expect((await open('[]')).status).toBe(201)
    },
  )

  it('are not made of other content types: 415', async () => {
    const { open } = await watching()
    expect((await open('["active"]', { 'content-type': 'text/plain' })).status).toBe(415)
  })

  it('are limited in number, until one is deleted', async () => {
    const { open, handler } = await watching({ maxEventStreams: 2 })
    const url = (await open()).headers.get('location') ?? ''
    expect((await open()).status).toBe(201)
    const response = await open()
    expect(response.status).toBe(503)
    expect(await problemOf(response)).toMatchObject({ code: 'limit-reached', details: { limit: 'maxEventStreams' } })
    await handler(bare('DELETE', url))
    expect((await open()).status).toBe(201)
  })

  it('say what they take', async () => {
    const { handler, open, path } = await watching()
    const url = (await open()).headers.get('location') ?? ''
    for (const method of ['GET', 'PUT']) expect((await handler(bare(method, path))).status).toBe(405)
    expect((await handler(bare('PUT', url))).headers.get('allow')).toBe('GET, HEAD, DELETE, OPTIONS')
    expect((await handler(bare('OPTIONS', path))).headers.get('accept-post')).toBe('application/json')
    expect((await handler(bare('OPTIONS', url))).status).toBe(200)
  })

  it('belong to the adapter that has opened the session', async () => {
    const { target, path } = await watching()
    expect((await whipWhep(target)(post(path, '[]', JSON_TYPE))).status).toBe(404)
  })
})
