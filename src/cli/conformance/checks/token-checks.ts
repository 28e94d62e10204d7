/** Bearer tokens (RFC 9725, section 4.7; RFC 6750): only where one was given. */
import type { Check } from '../check.js'
import { must, skip } from '../check-outcome.js'
import { createFragment } from '../offer.js'
import { SDP, SDP_FRAGMENT, type TestedServer } from '../tested-server.js'

const CLAUSE = 'RFC 9725 §4.7'

/** Skips where the server asks for no token. */
async function guarded(server: TestedServer): Promise<void> {
  if (server.http.token === undefined) skip('no token was given')
  await server.sample()
  const { status } = await server.post(server.offer().sdp, { token: null })
  if (status === 201) skip('the server takes offers without a token')
}

async function refused(server: TestedServer, method: string, url: string, body?: string): Promise<void> {
  const headers = body === undefined ? {} : { 'content-type': SDP_FRAGMENT, 'if-match': '*' }
  const options = body === undefined ? {} : { body }
  const { status } = await server.http.send(method, url, { token: null, headers, ...options })
  must(status === 401 || status === 403, `${method} without the token was answered with ${status}`)
}

export const TOKEN_CHECKS: readonly Check[] = [
  {
    id: 'token.required',
    clause: CLAUSE,
    level: 'MUST',
    title: 'An offer without the token is refused with 401',
    async run(server) {
      await guarded(server)
      const { status } = await server.post(server.offer().sdp, { token: null })
      must(status === 401, `it was answered with ${status}`)
    },
  },
  {
    id: 'token.challenge',
    clause: 'RFC 6750 §3',
    level: 'MUST',
    title: 'The 401 has WWW-Authenticate: Bearer',
    async run(server) {
      await guarded(server)
      const challenge = (await server.post(server.offer().sdp, { token: null })).headers.get('www-authenticate')
      must(/^Bearer\b/i.test(challenge ?? ''), `WWW-Authenticate: ${challenge ?? 'none'}`)
    },
  },
  {
    id: 'token.wrong',
    clause: 'RFC 6750 §3.1',
    level: 'MUST',
    title: 'Another token is refused with 401 or 403',
    async run(server) {
      await guarded(server)
      const { status } = await server.post(server.offer().sdp, { token: `${server.http.token}-not` })
      must(status === 401 || status === 403, `it was answered with ${status}`)
    },
  },
  {
    id: 'token.session',
    clause: CLAUSE,
    level: 'SHOULD',
    title: 'PATCH and DELETE need the token like the offer',
    async run(server) {
      await guarded(server)
      const { url, offer } = await server.open()
      await refused(server, 'PATCH', url, createFragment(offer))
      await refused(server, 'DELETE', url)
    },
  },
  {
    id: 'token.before-body',
    clause: 'RFC 9110 §15.5.2',
    level: 'SHOULD',
    title: 'Who has no token does not learn what is wrong with an offer',
    async run(server) {
      await guarded(server)
      const { status } = await server.post('no SDP', { token: null, headers: { 'content-type': SDP } })
      must(status === 401 || status === 403, `it was answered with ${status}`)
    },
  },
]
