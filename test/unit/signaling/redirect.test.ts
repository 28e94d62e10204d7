/** A target that sends clients to another server: what each adapter makes of its error. */
import { describe, expect, it } from 'vitest'
import { plainExchange, redirected, whipWhep } from '../../../src/signaling/index.js'
import { fakeTarget } from '../../../src/testing/index.js'
import { OFFER, post } from './requests.js'

describe('a redirect', () => {
  it('is a 307 to the same endpoint of the other server, with the ticket and the name, without a token', async () => {
    const target = fakeTarget()
    const handler = whipWhep(target, { pathPrefix: '/media', tokenParameter: 'key' })
    target.failNext(redirected({ url: 'https://b.example.org/live', ticket: 'a/b&c' }))
    const response = await handler(post('/media/whip/x?as=slides&key=secret', OFFER))
    expect(response.status).toBe(307)
    const location = response.headers.get('location')
    expect(location).toBe('https://b.example.org/live/whip/x?as=slides&ticket=a%2Fb%26c')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(await response.text()).toBe('')
  })

  it('works for the plain exchange, and without a ticket', async () => {
    const target = fakeTarget()
    target.failNext(redirected({ url: 'http://b:8080' }))
    const response = await plainExchange(target)(post('/sdp', OFFER))
    expect([response.status, response.headers.get('location')]).toEqual([307, 'http://b:8080/sdp'])
  })

  it.each(['javascript:alert(1)', '//b.example.org', '/whip/x', 'https://'])('leads nowhere else: %s', (url) => {
    expect(() => redirected({ url })).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  })
})
