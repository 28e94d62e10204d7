/** A POST of an offer, and of what is none. */
import type { Check } from '../check.js'
import { must, skip } from '../check-outcome.js'
import { SDP, type TestedServer } from '../tested-server.js'

/** Far more than any offer has. */
const HUGE_LENGTH = 4 * 1024 * 1024

/** The status of a POST that must be refused. */
async function refused(server: TestedServer, body: string, headers: Record<string, string> = {}): Promise<void> {
  const { status } = await server.post(body, { headers })
  must(status >= 400 && status < 500, `it was answered with ${status}, not with a 4xx`)
}

export const OFFER_CHECKS: readonly Check[] = [
  {
    id: 'offer.created',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'An offer is answered with 201',
    async run(server) {
      await server.sample()
    },
  },
  {
    id: 'offer.media-type',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'The 201 has Content-Type: application/sdp',
    async run(server) {
      const type = (await server.sample()).created.headers.get('content-type')
      must(type?.toLowerCase().startsWith(SDP) === true, `Content-Type: ${type ?? 'none'}`)
    },
  },
  {
    id: 'offer.location',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'The 201 has the Location of a session, which is not the endpoint',
    async run(server) {
      const { url } = await server.sample()
      must(url !== new URL(server.endpoint).href, 'Location is the endpoint')
    },
  },
  {
    id: 'offer.own-location',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'Each session has a Location of its own',
    async run(server) {
      const first = await server.sample()
      const second = await server.open()
      must(first.url !== second.url, `two sessions have the Location ${first.url}`)
    },
  },
  {
    id: 'offer.unguessable',
    clause: 'RFC 9725 §5',
    level: 'SHOULD',
    title: 'Session URLs cannot be guessed',
    async run(server) {
      const urls = [(await server.sample()).url, (await server.open()).url]
      const [one = '', other = ''] = urls.map((url) => new URL(url).pathname)
      let same = 0
      while (same < one.length && one[same] === other[same]) same++
      // A UUID has 32 digits in which another one differs; 22 letters of base64 have 128 bits.
      const length = Math.min(one.length, other.length) - same
      must(length >= 18, `two session URLs differ in their last ${length} characters only`)
    },
  },
  {
    id: 'offer.no-token-in-location',
    clause: 'RFC 6750 §5.3',
    level: 'SHOULD',
    title: 'The Location does not carry the token',
    async run(server) {
      const { token } = server.http
      if (token === undefined) skip('no token was given')
      must(!decodeURIComponent((await server.sample()).url).includes(token), 'the token is in the Location')
    },
  },
  {
    id: 'offer.media-type-parameters',
    clause: 'RFC 9110 §8.3.1',
    level: 'MUST',
    title: 'The case and the parameters of the content type do not matter',
    async run(server) {
      await server.sample()
      const { status } = await server.post(server.offer().sdp, {
        headers: { 'content-type': 'Application/SDP; charset=utf-8' },
      })
      must(status === 201, `it was answered with ${status}`)
    },
  },
  {
    id: 'offer.wrong-media-type',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'Another content type is refused with a 4xx',
    run: (server) => refused(server, server.offer().sdp, { 'content-type': 'text/plain' }),
  },
  {
    id: 'offer.wrong-media-type-status',
    clause: 'RFC 9110 §15.5.16',
    level: 'SHOULD',
    title: 'Another content type is refused with 415',
    async run(server) {
      const { status } = await server.post(server.offer().sdp, { headers: { 'content-type': 'application/json' } })
      must(status === 415, `it was answered with ${status}`)
    },
  },
  {
    id: 'offer.malformed',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'A body that is no SDP is refused with a 4xx',
    run: (server) => refused(server, 'this is no session description\r\n'),
  },
  {
    id: 'offer.empty',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'An empty body is refused with a 4xx',
    run: (server) => refused(server, ''),
  },
  {
    id: 'offer.truncated',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'SDP without media is refused with a 4xx',
    run: (server) => refused(server, server.offer().sdp.replace(/^m=[\s\S]*/m, '')),
  },
  {
    id: 'offer.huge',
    clause: 'RFC 9725 §5',
    level: 'SHOULD',
    title: 'A body of 4 MiB is refused, with a 4xx or by the end of the connection',
    async run(server) {
      await server.sample()
      const filler = 'a=x-filler:0123456789\r\n'
      const body = `${server.offer().sdp}${filler.repeat(HUGE_LENGTH / filler.length)}`
      // A server may close the connection instead of reading on; then there is no reply to be had.
      const reply = await server.post(body).catch(() => undefined)
      const status = reply?.status ?? 413
      must(status >= 400 && status < 500, `it was answered with ${status}`)
    },
  },
  {
    id: 'offer.redirect',
    clause: 'RFC 9725 §4.5',
    level: 'MUST',
    title: 'An offer is never redirected with 301, 302 or 303',
    async run(server) {
      const { status } = await server.post(server.offer().sdp)
      must(![301, 302, 303].includes(status), `it was answered with ${status}`)
    },
  },
  {
    id: 'offer.not-live',
    clause: 'draft-ietf-wish-whep §4.2',
    level: 'MUST',
    title: 'A missing publisher is told by 409 with Retry-After, if at all',
    only: 'whep',
    async run(server) {
      const { status, headers } = await server.post(server.offer().sdp)
      must(status === 201 || status === 409, `it was answered with ${status}`)
      const retryAfter = headers.get('retry-after')
      must(status === 201 || /^\d+$/.test(retryAfter ?? ''), `409 with Retry-After: ${retryAfter ?? 'none'}`)
    },
  },
  {
    id: 'offer.problem',
    clause: 'RFC 9457 §3',
    level: 'MUST',
    title: 'Failures that call themselves application/problem+json are that',
    async run(server) {
      const { status, headers, body } = await server.post('no SDP')
      if (headers.get('content-type')?.startsWith('application/problem+json') !== true) skip('the server sends none')
      const problem = parseObject(body)
      must(problem !== undefined, 'the body is no JSON object')
      must(problem.status === undefined || problem.status === status, `its status is ${problem.status}, not ${status}`)
    },
  },
]

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
