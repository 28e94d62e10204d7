/** PATCH of a session's URL: trickle ICE and ICE restarts (RFC 9725, section 4.3). */
import { describe, expect, it, vi } from 'vitest'
import { BroadcastError } from '../../../../src/errors.js'
import { whipWhep } from '../../../../src/signaling/index.js'
import { fakeTarget } from '../../../../src/testing/index.js'
import { bare, OFFER, post, problemOf } from '../requests.js'

const FRAGMENT_TYPE = 'application/trickle-ice-sdpfrag'
const OWN = 'a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n'
const NEW = 'a=ice-ufrag:efgh\r\na=ice-pwd:efghijklmnopqrstuvwxyz\r\n'
const CANDIDATE = 'a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\n'

async function opened(protocol = 'whip') {
  const target = fakeTarget()
  const handler = whipWhep(target)
  const created = await handler(post(`/${protocol}/main`, `${OFFER}${OWN}`))
  const path = created.headers.get('location') ?? ''
  const tag = created.headers.get('etag') ?? ''
  const session = target.sessions[0]
  if (session === undefined) throw new Error('no session')
  const patch = (body: string, headers: Record<string, string> = { 'if-match': tag }) =>
    handler(
      new Request(`http://localhost${path}`, {
        method: 'PATCH',
        body,
        headers: { 'content-type': FRAGMENT_TYPE, ...headers },
      }),
    )
  return { target, session, handler, path, tag, patch }
}

describe.each(['whip', 'whep'])('a %s session', (protocol) => {
  it('has a strong entity-tag from the beginning', async () => {
    const { tag, session } = await opened(protocol)
    expect(tag).toBe(`"${session.iceSessionId}"`)
  })

  it('takes candidates with 204, nothing in it, and no entity-tag', async () => {
    const { patch, session } = await opened(protocol)
    const response = await patch(`${OWN}${CANDIDATE}`)
    expect(response.status).toBe(204)
    expect(await response.text()).toBe('')
    for (const name of ['etag', 'content-length', 'content-type']) expect(response.headers.get(name), name).toBeNull()
    expect(session.fragments).toEqual([`${OWN}${CANDIDATE}`])
  })

  it.each(['*', '"*"', ' * '])(
    'restarts with If-Match: %s, and answers with its own end and another tag',
    async (condition) => {
      const { patch, tag, session } = await opened(protocol)
      const response = await patch(NEW, { 'if-match': condition })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe(FRAGMENT_TYPE)
      const next = response.headers.get('etag')
      expect(next).toBe(`"${session.iceSessionId}"`)
      expect(next).not.toBe(tag)
      expect(await response.text()).toMatch(/^a=ice-lite\r\n.*a=ice-ufrag:fake1\r\na=ice-pwd:/s)
    },
  )

  it('takes new credentials for a restart under the present tag, too', async () => {
    const { patch } = await opened(protocol)
    expect((await patch(NEW)).status).toBe(200)
  })

  it('refuses a fragment for the ICE session before a restart, and takes the one for the present', async () => {
    const { patch, tag } = await opened(protocol)
    const next = (await patch(NEW, { 'if-match': '*' })).headers.get('etag') ?? ''
    expect((await patch(OWN, { 'if-match': tag })).status).toBe(412)
    expect((await patch(NEW, { 'if-match': next })).status).toBe(204)
  })
})

it('matches PATCHes that overlap with the tag that holds when their turn comes', async () => {
  const { patch, target, session } = await opened()
  const release = target.hold()
  const restart = patch(NEW, { 'if-match': '*' })
  const late = patch(`${OWN}${CANDIDATE}`)
  await vi.waitFor(() => expect(session.fragments).toEqual([]))
  release()
  expect((await restart).status).toBe(200)
  expect((await late).status).toBe(412)
  expect(session.fragments).toEqual([NEW])
})

it('goes on with the next PATCH after one that failed', async () => {
  const { patch, target } = await opened()
  target.failNext(new BroadcastError('ice-mismatch', 'no'))
  const [failed, next] = await Promise.all([patch(OWN), patch(OWN)])
  expect([failed?.status, next?.status]).toEqual([422, 204])
})

it('asks for If-Match with 428', async () => {
  const { patch } = await opened()
  const response = await patch(OWN, {})
  expect(response.status).toBe(428)
  expect((await problemOf(response)).code).toBe('precondition-required')
})

it.each(['"other"', '', 'W/"*"', 'weak', 'unquoted'])('refuses If-Match: %j with 412', async (condition) => {
  const { patch, tag, session } = await opened()
  const value = { weak: `W/${tag}`, unquoted: tag.slice(1, -1) }[condition] ?? condition
  const response = await patch(OWN, { 'if-match': value })
  expect(response.status).toBe(412)
  expect((await problemOf(response)).code).toBe('precondition-failed')
  expect(session.fragments).toEqual([])
})

it('takes a list of tags with the right one in it', async () => {
  const { patch, tag } = await opened()
  expect((await patch(OWN, { 'if-match': `"a", ${tag},"b"` })).status).toBe(204)
})

it.each(['application/sdp', 'text/plain', 'application/json'])(
  'refuses the content type %s with 415 and says what it takes',
  async (type) => {
    const { patch, tag } = await opened()
    const response = await patch(OWN, { 'if-match': tag, 'content-type': type })
    expect(response.status).toBe(415)
    expect(response.headers.get('accept-patch')).toBe(FRAGMENT_TYPE)
  },
)

it.each([
  ['sdp-invalid', 400],
  ['sdp-unsupported', 422],
  ['ice-mismatch', 422],
  ['session-not-found', 404],
] as const)('answers %s with %d, and the session is still there', async (code, status) => {
  const { patch, target, session, handler, path, tag } = await opened()
  target.failNext(new BroadcastError(code, 'no'))
  expect((await patch(OWN)).status).toBe(status)
  expect(session.state).toBe('connecting')
  expect((await handler(bare('GET', path))).status).toBe(200)
  expect((await patch(OWN, { 'if-match': tag })).status).toBe(204)
})

it('refuses what is no fragment with 400 and the line at fault', async () => {
  const { patch } = await opened()
  const response = await patch(`${OWN}hello`)
  expect(response.status).toBe(400)
  expect(await problemOf(response)).toMatchObject({ code: 'sdp-invalid', details: { line: 3 } })
})

it('refuses a body that is too large with 413, and an unknown session with 404', async () => {
  const { patch, handler, path, tag } = await opened()
  expect((await patch('a'.repeat(70_000))).status).toBe(413)
  const request = new Request(`http://localhost${path}x`, {
    method: 'PATCH',
    body: OWN,
    headers: { 'content-type': FRAGMENT_TYPE, 'if-match': tag },
  })
  expect((await handler(request)).status).toBe(404)
})

it('says by OPTIONS what it takes', async () => {
  const { handler, path } = await opened()
  const response = await handler(bare('OPTIONS', path))
  expect(response.headers.get('accept-patch')).toBe(FRAGMENT_TYPE)
  expect(response.headers.get('allow')).toContain('PATCH')
})
