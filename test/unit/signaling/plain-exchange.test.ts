import { describe, expect, it, vi } from 'vitest'
import { BroadcastError } from '../../../src/errors.js'
import { plainExchange } from '../../../src/signaling/index.js'
import { fakeTarget } from '../../../src/testing/index.js'
import { bare, post, problemOf } from './requests.js'

const offer = (direction: string) =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    'a=rtpmap:96 VP8/90000',
    `a=${direction}`,
    ...(direction === 'sendonly' ? ['a=msid:stream track', 'a=ssrc:1 cname:x'] : []),
    '',
  ].join('\r\n')
const SEND = offer('sendonly')
const RECEIVE = offer('recvonly')
const json = (sdp: string) => JSON.stringify({ type: 'offer', sdp })
const base64 = (sdp: string) => Buffer.from(json(sdp)).toString('base64')

describe('the forms of the body', () => {
  const answerSdp = 'v=0\r\ns=answer\r\n'
  const exchange = async (body: string) => {
    const target = fakeTarget({ answerSdp })
    // What curl -d puts there; it must not matter.
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return { target, response: await plainExchange(target)(post('/sdp', body, headers)) }
  }

  it('answers SDP with SDP', async () => {
    const { target, response } = await exchange(SEND)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/sdp')
    expect(await response.text()).toBe(answerSdp)
    expect(target.calls[0]?.sdp).toBe(SEND)
  })

  it('answers JSON with JSON', async () => {
    const { target, response } = await exchange(json(SEND))
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({ type: 'answer', sdp: answerSdp })
    expect(target.calls[0]?.sdp).toBe(SEND)
  })

  it.each([
    ['as it is', base64(SEND)],
    ['without padding', base64(SEND).replace(/=+$/, '')],
    ['in the alphabet for URLs', Buffer.from(json(SEND)).toString('base64url')],
    ['wrapped by a terminal', base64(SEND).replace(/.{76}/g, '$&\n')],
  ])('answers base64 %s with base64', async (_, body) => {
    const { target, response } = await exchange(body)
    expect(response.status).toBe(200)
    expect(JSON.parse(Buffer.from(await response.text(), 'base64').toString())).toEqual({
      type: 'answer',
      sdp: answerSdp,
    })
    expect(target.calls[0]?.sdp).toBe(SEND)
  })

  it.each([
    ['nothing', ' \n'],
    ['other text', 'hello, world'],
    ['base64 of something else', Buffer.from('hello').toString('base64')],
    ['broken JSON', '{"type":"offer"'],
    ['an answer', JSON.stringify({ type: 'answer', sdp: SEND })],
    ['a description without SDP', JSON.stringify({ type: 'offer' })],
    ['JSON that is no object', Buffer.from('null').toString('base64')],
  ])('refuses %s with 400', async (_, body) => {
    const { target, response } = await exchange(body)
    expect(response.status).toBe(400)
    expect((await problemOf(response)).code).toBe('request-invalid')
    expect(target.calls).toEqual([])
  })

  it('tells somebody whose curl dropped the line breaks what to do', async () => {
    const { response } = await exchange(SEND.replaceAll('\r\n', ''))
    expect((await problemOf(response)).detail).toContain('--data-binary')
  })
})

describe('who becomes what', () => {
  it('makes the first sender the publisher and every later offer a viewer', async () => {
    const target = fakeTarget()
    const handler = plainExchange(target)
    for (const sdp of [RECEIVE, SEND, RECEIVE, SEND]) expect((await handler(post('/sdp', sdp))).status).toBe(200)
    expect(target.calls.map((call) => call.method)).toEqual(['view', 'publish', 'view', 'view'])
  })

  it('gives the place of a publisher that is gone to the next sender', async () => {
    const target = fakeTarget()
    const handler = plainExchange(target)
    await handler(post('/sdp', SEND))
    await target.sessions[0]?.close('consent-timeout')
    await handler(post('/sdp', RECEIVE))
    await handler(post('/sdp', SEND))
    expect(target.calls.map((call) => call.method)).toEqual(['publish', 'view', 'publish'])
  })

  it('makes exactly one of senders that come together the publisher', async () => {
    const target = fakeTarget()
    const handler = plainExchange(target)
    const release = target.hold()
    const replies = Promise.all([1, 2, 3].map(() => handler(post('/sdp', SEND))))
    await vi.waitFor(() => expect(target.calls).toHaveLength(1))
    release()
    expect((await replies).map((response) => response.status)).toEqual([200, 200, 200])
    expect(target.sessions.map((session) => session.role).sort()).toEqual(['publisher', 'viewer', 'viewer'])
  })

  it('gives the place to the second of two when the first one fails', async () => {
    const target = fakeTarget()
    const handler = plainExchange(target)
    target.failNext(new BroadcastError('codec-unsupported', 'no codec'))
    const replies = await Promise.all([handler(post('/sdp', SEND)), handler(post('/sdp', SEND))])
    expect(replies.map((response) => response.status)).toEqual([422, 200])
    expect(target.sessions.map((session) => session.role)).toEqual(['publisher'])
  })

  it('makes a sender a viewer when somebody publishes by another way and is kept', async () => {
    const target = fakeTarget()
    target.failNext(new BroadcastError('publisher-exists', 'taken'))
    const response = await plainExchange(target)(post('/sdp', SEND))
    expect(response.status).toBe(200)
    expect(target.calls.map((call) => call.method)).toEqual(['publish', 'view'])
  })

  it('joins the broadcast of its options', async () => {
    const target = fakeTarget()
    await plainExchange(target, { broadcast: 'stage' })(post('/sdp', SEND))
    expect(target.calls[0]?.context.broadcast).toBe('stage')
  })
})

describe('the resource', () => {
  it('takes POST and OPTIONS only', async () => {
    const handler = plainExchange(fakeTarget())
    expect((await handler(bare('OPTIONS', '/sdp'))).status).toBe(200)
    const response = await handler(bare('GET', '/sdp'))
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST, OPTIONS')
  })

  it('lies where the options say', async () => {
    const handler = plainExchange(fakeTarget(), { path: '/join' })
    expect(handler.knows(new URL('http://localhost/join'))).toBe(true)
    expect((await handler(post('/sdp', SEND))).status).toBe(404)
  })

  it('can be called from pages of other origins', async () => {
    const response = await plainExchange(fakeTarget())(post('/sdp', SEND))
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })

  it('leaves no session behind when the client went away', async () => {
    const target = fakeTarget()
    const release = target.hold()
    const gone = new AbortController()
    const reply = plainExchange(target)(new Request(post('/sdp', SEND), { signal: gone.signal }))
    await vi.waitFor(() => expect(target.calls).toHaveLength(1))
    gone.abort()
    release()
    expect((await reply).status).toBe(400)
    expect(target.sessions).toEqual([])
  })

  it.each([{ path: 'sdp' }, { path: '' }, { broadcast: 'a b' }, { broadcast: '' }])(
    'refuses the options %j',
    (options) => {
      expect(() => plainExchange(fakeTarget(), options)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
    },
  )
})
