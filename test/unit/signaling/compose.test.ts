import { expect, it } from 'vitest'
import { compose, whipWhep } from '../../../src/signaling/index.js'
import { fakeTarget } from '../../../src/testing/index.js'
import { bare, OFFER, post } from './requests.js'

it('asks the handler that knows the path, and a plain handler for the rest', async () => {
  const [first, second] = [fakeTarget(), fakeTarget()]
  const handler = compose(
    whipWhep(first, { pathPrefix: '/a' }),
    whipWhep(second, { pathPrefix: '/b' }),
    async () => new Response('page'),
  )
  expect((await handler(post('/b/whip/x', OFFER))).status).toBe(201)
  expect(first.calls).toHaveLength(0)
  expect(second.calls).toHaveLength(1)
  expect(await (await handler(bare('GET', '/'))).text()).toBe('page')
})

it('answers 404 where nobody knows the path', async () => {
  expect((await compose(whipWhep(fakeTarget()))(bare('GET', '/x'))).status).toBe(404)
})
