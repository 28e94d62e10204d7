/** Requests of the client: tokens, errors, time. */
import { expect, it, vi } from 'vitest'
import { Http } from '../../../src/client/http.js'
import { fakeBrowser, pass, problem } from './fake-browser.js'

const browser = fakeBrowser()
const ENDPOINT = new URL('https://media.test/whip/x')
const offer = { method: 'POST', body: 'v=0' }

it('sends the token, which a function is asked for before each request', async () => {
  await new Http('fixed').send(ENDPOINT, offer)
  const token = vi.fn().mockReturnValueOnce('first').mockResolvedValueOnce('second').mockReturnValueOnce(undefined)
  const http = new Http(token)
  for (let i = 0; i < 3; i++) await http.send(ENDPOINT, offer)
  await new Http(undefined).send(ENDPOINT, offer)
  const sent = browser.server.requests.map(({ headers }) => headers.get('authorization'))
  expect(sent).toEqual(['Bearer fixed', 'Bearer first', 'Bearer second', null, null])
})

it('leaves with the token of the request before, at once', async () => {
  const token = vi.fn(async () => 'late')
  const http = new Http(token)
  await http.send(ENDPOINT, offer)
  void http.leave(ENDPOINT)
  expect(browser.server.requestsBy('DELETE')[0]?.headers.get('authorization')).toBe('Bearer late')
  expect(token).toHaveBeenCalledTimes(1)
})

it('says that there is no token', async () => {
  const cause = new Error('signed out')
  const failing = new Http(() => Promise.reject(cause)).send(ENDPOINT, offer)
  await expect(failing).rejects.toMatchObject({ code: 'token-failed', cause })
  const throwing = new Http(() => {
    throw cause
  }).send(ENDPOINT, offer)
  await expect(throwing).rejects.toMatchObject({ code: 'token-failed', cause })
  expect(browser.server.requests).toEqual([])
})

it('says that the server cannot be reached, or does not answer in time', async () => {
  browser.server.isDown = true
  await expect(new Http(undefined).send(ENDPOINT, offer)).rejects.toMatchObject({
    code: 'unreachable',
  })
  browser.server.isDown = false
  browser.server.before = () => new Promise(() => {})
  const slow = expect(new Http(undefined).send(ENDPOINT, offer)).rejects.toMatchObject({ code: 'unreachable' })
  await pass(8000)
  await slow
})

it('says why the server refuses, in its own words where it has some', async () => {
  const refusal = async (response: Response) => {
    browser.server.before = () => response
    return new Http(undefined).send(ENDPOINT, offer).catch((error: unknown) => error)
  }
  expect(await refusal(problem(403, 'forbidden'))).toMatchObject({
    code: 'forbidden',
    status: 403,
    message: 'it is forbidden',
    details: { limit: 'x' },
  })
  const plain = { code: 'refused', status: 502, message: 'the server answered 502' }
  expect(await refusal(new Response('<html>', { status: 502 }))).toMatchObject(plain)
  expect(await refusal(new Response('null', { status: 502 }))).toMatchObject(plain)
})

it('reads Retry-After in seconds and as a date', async () => {
  vi.setSystemTime('2026-01-01T00:00:00Z')
  const read = async (value: string) => {
    browser.server.before = () => problem(429, 'rate-limited', { 'retry-after': value })
    const error: { retryAfterMs?: number } = await new Http(undefined).send(ENDPOINT, offer).catch((caught) => caught)
    return error.retryAfterMs
  }
  expect(await read('7')).toBe(7000)
  expect(await read('Thu, 01 Jan 2026 00:00:09 GMT')).toBe(9000)
  for (const useless of ['0', '-3', 'soon', 'Wed, 31 Dec 2025 23:59:59 GMT'])
    expect(await read(useless)).toBeUndefined()
})
