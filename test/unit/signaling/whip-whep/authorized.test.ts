/** Authorization at everything that WHIP and WHEP have beyond offers and DELETE. */
import { describe, expect, it, vi } from 'vitest'
import { type AuthorizationRequest, type WhipWhepOptions, whipWhep } from '../../../../src/signaling/index.js'
import { fakeTarget } from '../../../../src/testing/index.js'
import { bare, OFFER, post } from '../requests.js'

const ALICE = { authorization: 'Bearer alice' }
const FRAGMENT = 'a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n'

async function guarded(options: WhipWhepOptions = {}) {
  const target = fakeTarget({ answerSdp: 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n' })
  const asked: string[] = []
  const authorize = ({ action, token, sessionId }: AuthorizationRequest) => {
    asked.push([action, token, sessionId].filter((part) => part !== undefined).join(' '))
    return token === 'alice' ? {} : undefined
  }
  const handler = whipWhep(target, { authorize, ...options })
  const created = await handler(post('/whep/main', OFFER, ALICE))
  const path = created.headers.get('location') ?? ''
  const json = { 'content-type': 'application/json' }
  const patch = (headers: Record<string, string> = {}) =>
    new Request(`http://localhost${path}`, {
      method: 'PATCH',
      body: FRAGMENT,
      headers: { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '*', ...headers },
    })
  const events = (headers: Record<string, string> = {}) => post(`${path}/events`, '[]', { ...json, ...headers })
  const layer = (headers: Record<string, string> = {}) => post(`${path}/layer`, '{}', { ...json, ...headers })
  return { target, handler, asked, patch, events, layer, path }
}

describe('a session that was opened with a token', () => {
  it('is changed with one only', async () => {
    const { handler, target, asked, patch, events, layer } = await guarded()
    for (const request of [patch(), events(), layer()]) {
      const response = await handler(request)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/)
    }
    expect(target.sessions[0]?.fragments).toEqual([])
    expect((await handler(patch(ALICE))).status).toBe(204)
    expect((await handler(events(ALICE))).status).toBe(201)
    expect((await handler(layer(ALICE))).status).toBe(200)
    expect(asked.slice(-3)).toEqual(Array(3).fill('session alice session-1'))
  })

  it('is changed by whoever knows its URL where that is enough', async () => {
    const { handler, patch, events, layer } = await guarded({ sessionAccess: 'url' })
    expect((await handler(patch())).status).toBe(204)
    expect((await handler(events())).status).toBe(201)
    expect((await handler(layer())).status).toBe(200)
  })

  it('has event streams that an EventSource can read, which sends no token, but not end', async () => {
    const { handler, events } = await guarded()
    const url = (await handler(events(ALICE))).headers.get('location') ?? ''
    const response = await handler(bare('GET', url))
    expect(response.status).toBe(200)
    expect((await handler(bare('DELETE', url))).status).toBe(401)
    expect((await handler(bare('DELETE', url, ALICE))).status).toBe(200)
    expect(await response.text()).toBe('retry: 2000\n\n')
  })

  it('says what it takes to anybody', async () => {
    const { handler, path } = await guarded()
    for (const resource of [path, `${path}/events`, `${path}/layer`, `${path}/events/x`]) {
      expect((await handler(bare('OPTIONS', resource))).status).toBe(200)
    }
  })
})

it('tells the ICE servers by OPTIONS to those who may open a session', async () => {
  const iceServers = vi.fn(() => [{ urls: 'turn:t', username: 'u', credential: 'c' }])
  const { handler } = await guarded({ iceServers })
  iceServers.mockClear()
  const stranger = await handler(bare('OPTIONS', '/whep/main'))
  expect([stranger.status, stranger.headers.get('link'), stranger.headers.get('accept-post')]).toEqual([
    200,
    null,
    'application/sdp',
  ])
  expect(iceServers).not.toHaveBeenCalled()
  expect((await handler(bare('OPTIONS', '/whep/main', ALICE))).headers.get('link')).toContain('<turn:t>')
  const without = await guarded()
  await without.handler(bare('OPTIONS', '/whep/main'))
  expect(without.asked).toHaveLength(1)
})
