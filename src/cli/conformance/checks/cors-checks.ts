/** What browsers on other origins need (Fetch standard, "CORS protocol"; RFC 9725, section 4.2). */
import type { Check } from '../check.js'
import { must } from '../check-outcome.js'
import type { Reply } from '../http-client.js'
import { createFragment, iceCredentials } from '../offer.js'
import { SDP, SDP_FRAGMENT, type TestedServer } from '../tested-server.js'

const ORIGIN = 'https://conformance.example'
const CLAUSE = 'RFC 9725 §4.2'

/** A preflight, which browsers send without a token. */
function preflight(server: TestedServer, url: string, method: string, headers: string): Promise<Reply> {
  return server.http.send('OPTIONS', url, {
    token: null,
    headers: { origin: ORIGIN, 'access-control-request-method': method, 'access-control-request-headers': headers },
  })
}

function allowsOrigin({ headers }: Reply, of: string): void {
  const allowed = headers.get('access-control-allow-origin')
  must(allowed === '*' || allowed === ORIGIN, `${of}: Access-Control-Allow-Origin: ${allowed ?? 'none'}`)
}

function allows({ headers }: Reply, name: string, wanted: readonly string[]): void {
  const list = listOf(headers, name)
  // An asterisk is everything but Authorization, and everything but what is simple anyway.
  const missing = wanted.filter((item) => !list.includes(item) && (item === 'authorization' || !list.includes('*')))
  must(missing.length === 0, `${name} lacks ${missing.join(', ')}`)
}

function listOf(headers: Headers, name: string): string[] {
  return (headers.get(name) ?? '').split(',').map((item) => item.trim().toLowerCase())
}

/** The names of headers that a reply has, and a script could not read. */
function hidden({ headers }: Reply): string[] {
  const exposed = listOf(headers, 'access-control-expose-headers')
  const wanted = ['location', 'etag', 'link', 'retry-after', 'accept-post']
  return wanted.filter((name) => headers.has(name) && !exposed.includes(name) && !exposed.includes('*'))
}

export const CORS_CHECKS: readonly Check[] = [
  {
    id: 'cors.preflight',
    clause: CLAUSE,
    level: 'MUST',
    title: 'A preflight of POST is allowed, without a token',
    async run(server) {
      const reply = await preflight(server, server.endpoint, 'POST', 'authorization,content-type')
      must(reply.status >= 200 && reply.status < 300, `it was answered with ${reply.status}`)
      allowsOrigin(reply, 'the preflight')
      // POST is a simple method and may be left out.
      allows(reply, 'access-control-allow-headers', ['authorization', 'content-type'])
    },
  },
  {
    id: 'cors.session-preflight',
    clause: CLAUSE,
    level: 'MUST',
    title: 'Preflights of PATCH and DELETE are allowed, without a token',
    async run(server) {
      const { url } = await server.open()
      for (const method of ['PATCH', 'DELETE']) {
        const reply = await preflight(server, url, method, 'authorization,content-type,if-match')
        must(reply.status >= 200 && reply.status < 300, `that of ${method} was answered with ${reply.status}`)
        allowsOrigin(reply, `the preflight of ${method}`)
        allows(reply, 'access-control-allow-methods', [method.toLowerCase()])
        allows(reply, 'access-control-allow-headers', ['authorization', 'content-type', 'if-match'])
      }
    },
  },
  {
    id: 'cors.created',
    clause: CLAUSE,
    level: 'MUST',
    title: 'The 201 may be read, with its Location, ETag and Link',
    async run(server) {
      await server.sample()
      const reply = await server.post(server.offer().sdp, { headers: { origin: ORIGIN } })
      allowsOrigin(reply, 'the 201')
      must(hidden(reply).length === 0, `Access-Control-Expose-Headers lacks ${hidden(reply).join(', ')}`)
    },
  },
  {
    id: 'cors.patched',
    clause: CLAUSE,
    level: 'MUST',
    title: 'Replies to PATCH may be read, with their ETag',
    async run(server) {
      const session = await server.open()
      const reply = await server.http.send('PATCH', session.url, {
        headers: { origin: ORIGIN, 'content-type': SDP_FRAGMENT, 'if-match': '*' },
        body: createFragment(iceCredentials()),
      })
      allowsOrigin(reply, 'the reply')
      must(hidden(reply).length === 0, `Access-Control-Expose-Headers lacks ${hidden(reply).join(', ')}`)
    },
  },
  {
    id: 'cors.refused',
    clause: CLAUSE,
    level: 'MUST',
    title: 'Failures may be read',
    async run(server) {
      const reply = await server.post('no SDP', { headers: { origin: ORIGIN, 'content-type': SDP } })
      must(reply.status >= 400, `nonsense was answered with ${reply.status}`)
      allowsOrigin(reply, 'the reply')
    },
  },
  {
    id: 'cors.deleted',
    clause: CLAUSE,
    level: 'MUST',
    title: 'The reply to DELETE may be read',
    async run(server) {
      const { url } = await server.open()
      allowsOrigin(await server.http.send('DELETE', url, { headers: { origin: ORIGIN } }), 'the reply')
    },
  },
]
