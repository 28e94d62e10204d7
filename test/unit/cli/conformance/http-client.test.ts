import { expect, it } from 'vitest'
import { HttpClient } from '../../../../src/cli/conformance/http-client.js'

function limited(retryAfter: string | undefined, refusals: number) {
  let requests = 0
  const fetcher = async () =>
    ++requests <= refusals
      ? new Response('slow down', {
          status: 429,
          headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
        })
      : new Response('done', { status: 201 })
  return { http: new HttpClient(fetcher, undefined, 5000), requests: () => requests }
}

it('asks again where the server limits rates, as long as the time allows', async () => {
  const { http, requests } = limited('0', 3)
  expect(await http.send('POST', 'http://a/whip', { body: 'x' })).toMatchObject({ status: 201, body: 'done' })
  expect(requests()).toBe(4)
})

it.each(['60', 'Wed, 21 Oct 2026 07:28:00 GMT', undefined])(
  'takes 429 for the reply with Retry-After: %s',
  async (retryAfter) => {
    const { http, requests } = limited(retryAfter, 1)
    expect(await http.send('POST', 'http://a/whip')).toMatchObject({ status: 429, body: 'slow down' })
    expect(requests()).toBe(1)
  },
)

it('sends its token, another one, or none', async () => {
  const seen: (string | null)[] = []
  const fetcher = async ({ headers }: Request) => {
    seen.push(headers.get('authorization'))
    return new Response()
  }
  const http = new HttpClient(fetcher, 'mine', 5000)
  await http.send('GET', 'http://a/whip')
  await http.send('GET', 'http://a/whip', { token: 'other' })
  await http.send('GET', 'http://a/whip', { token: null })
  expect(seen).toEqual(['Bearer mine', 'Bearer other', null])
})

it('gives up after its timeout', async () => {
  const never = ({ signal }: Request) =>
    new Promise<Response>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  await expect(new HttpClient(never, undefined, 5).send('GET', 'http://a/whip')).rejects.toThrow('timeout')
})
