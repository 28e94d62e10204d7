/** Relays of other nodes at WHIP and WHEP endpoints: what they say of themselves, and what they are told. */
import { describe, expect, it } from 'vitest'
import { BroadcastError } from '../../../../src/errors.js'
import { whipWhep } from '../../../../src/signaling/index.js'
import { fakeTarget } from '../../../../src/testing/index.js'
import { bare, OFFER, post, problemOf } from '../requests.js'

const FROM = { 'manycast-path': 'origin, edge' }

it('the nodes that a request names go with its offer', async () => {
  const target = fakeTarget()
  const handler = whipWhep(target)
  await handler(post('/whip/a?as=slides', OFFER, FROM))
  await handler(post('/whep/a', OFFER, { 'manycast-path': 'edge' }))
  await handler(post('/whep/a', OFFER))
  expect(target.calls.map(({ context }) => context)).toEqual([
    { broadcast: 'a', as: 'slides', relay: { path: ['origin', 'edge'] } },
    { broadcast: 'a', relay: { path: ['edge'] } },
    { broadcast: 'a' },
  ])
})

it('a relay takes the publisher that it names, if the grant lets it', async () => {
  const target = fakeTarget()
  const handler = whipWhep(target, { authorize: () => ({ publishers: ['camera', 'slides'] }) })
  await handler(post('/whep/a?as=slides', OFFER, FROM))
  await handler(post('/whep/a', OFFER, FROM))
  expect(target.calls.map(({ context }) => context.publishers)).toEqual([['slides'], ['camera', 'slides']])
  expect(target.calls.map(({ context }) => context.as)).toEqual([undefined, undefined])
  const refused = await handler(post('/whep/a?as=secret', OFFER, FROM))
  expect(await problemOf(refused)).toMatchObject({ status: 403, code: 'forbidden' })
  // Others choose by layers and sessions, as they did before.
  await handler(post('/whep/a?as=secret', OFFER))
  expect(target.calls.at(-1)?.context.publishers).toEqual(['camera', 'slides'])
})

it('relays are told the nodes that media come through, with the answer and whenever they ask', async () => {
  const target = fakeTarget()
  const handler = whipWhep(target)
  const created = await handler(post('/whep/a', OFFER, FROM))
  expect(created.headers.get('manycast-path')).toBe('fake')
  const [session] = target.sessions
  if (session) session.path = ['origin', 'fake']
  const location = String(created.headers.get('location'))
  expect((await handler(bare('GET', location, FROM))).headers.get('manycast-path')).toBe('origin, fake')
})

it('nobody else is', async () => {
  const handler = whipWhep(fakeTarget())
  const created = await handler(post('/whep/a', OFFER))
  expect(created.headers.get('manycast-path')).toBeNull()
  const location = String(created.headers.get('location'))
  expect((await handler(bare('GET', location))).headers.get('manycast-path')).toBeNull()
})

describe('a path', () => {
  it.each(['', 'a b', 'a,,b', 'x'.repeat(65)])('that is none is refused: %j', async (value) => {
    const response = await whipWhep(fakeTarget())(post('/whep/a', OFFER, { 'manycast-path': value }))
    expect(await problemOf(response)).toMatchObject({ status: 400, code: 'request-invalid' })
  })

  it.each(['relay-loop', 'relay-too-deep'] as const)('that cannot be is answered with 508: %s', async (code) => {
    const target = fakeTarget()
    target.failNext(new BroadcastError(code, 'the relay would feed itself', { details: { path: ['a'] } }))
    const response = await whipWhep(target)(post('/whep/a', OFFER, FROM))
    expect(await problemOf(response)).toMatchObject({
      status: 508,
      code,
      detail: 'the relay would feed itself',
      details: { path: ['a'] },
    })
  })
})
