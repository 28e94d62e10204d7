import { describe, expect, it } from 'vitest'
import { keyAuthorizer, whipWhep } from '../../../src/signaling/index.js'
import { keyMatch } from '../../../src/signaling/key-match.js'
import { fakeTarget } from '../../../src/testing/index.js'
import { bare, OFFER, post } from './requests.js'

const PUBLISH = { authorization: 'Bearer publish-key-0123456789' }
const VIEW = { authorization: 'Bearer view-key-0123456789' }

describe('keys', () => {
  it.each([
    [{ publish: 'publish-key-0123456789' }, [401, 201, 401, 201, 201, 201]],
    [{ publish: 'publish-key-0123456789', view: 'view-key-0123456789' }, [401, 201, 401, 401, 401, 201]],
    [{ view: 'view-key-0123456789' }, [201, 201, 201, 401, 401, 201]],
    [{}, [201, 201, 201, 201, 201, 201]],
  ])('let in by %j whom they are for', async (options, statuses) => {
    const handler = whipWhep(fakeTarget(), { authorize: keyAuthorizer(options) })
    const seen: number[] = []
    for (const protocol of ['whip', 'whep']) {
      for (const headers of [{}, PUBLISH, VIEW]) {
        seen.push((await handler(post(`/${protocol}/main`, OFFER, headers))).status)
      }
    }
    expect(seen).toEqual(statuses)
  })

  it('are needed for what becomes of a session, too', async () => {
    const target = fakeTarget()
    const handler = whipWhep(target, { authorize: keyAuthorizer({ publish: 'publish-key-0123456789' }) })
    await handler(post('/whip/main', OFFER, PUBLISH))
    await handler(post('/whep/main', OFFER))
    expect((await handler(bare('DELETE', '/whip/main/session-1'))).status).toBe(401)
    expect((await handler(bare('DELETE', '/whip/main/session-1', VIEW))).status).toBe(401)
    expect((await handler(bare('DELETE', '/whip/main/session-1', PUBLISH))).status).toBe(200)
    expect((await handler(bare('DELETE', '/whep/main/session-2'))).status).toBe(200)
  })

  it('open nothing to administrators', () => {
    const request = { broadcast: undefined, as: undefined, sessionId: undefined, role: undefined, address: undefined }
    const authorize = keyAuthorizer({})
    expect(() =>
      authorize({ ...request, action: 'admin', token: 'x', header: () => undefined, parameter: () => undefined }),
    ).toThrow(expect.objectContaining({ code: 'forbidden' }))
  })

  it.each(['short', 'fifteen-letters', 'with a space in it', '', 7])('cannot be %j, which is not told', (key) => {
    const make = () => keyAuthorizer({ publish: key as never })
    expect(make).toThrow(expect.objectContaining({ code: 'option-invalid', details: { option: 'publish' } }))
    if (key !== '') expect(make).not.toThrow(String(key))
  })
})

it('compares a key with any text', () => {
  const match = keyMatch('key', 'sixteen-letters!')
  const others = ['sixteen-letters', 'sixteen-letters!!', 'Sixteen-letters!', '', undefined, 'ä'.repeat(16)]
  expect(others.map(match)).toEqual(others.map(() => false))
  expect(match('sixteen-letters!')).toBe(true)
})
