/** Session URLs: GET, HEAD, OPTIONS, DELETE, and what comes after that. */
import type { Check } from '../check.js'
import { must } from '../check-outcome.js'
import { createFragment } from '../offer.js'
import { SDP_FRAGMENT } from '../tested-server.js'

const isSuccess = (status: number): boolean => status >= 200 && status < 300

export const SESSION_CHECKS: readonly Check[] = [
  {
    id: 'session.get',
    clause: 'RFC 9725 §4.1',
    level: 'MUST',
    title: 'GET of a session is a success without content',
    async run(server) {
      const { url } = await server.open()
      const { status, body } = await server.http.send('GET', url)
      must(isSuccess(status), `GET was answered with ${status}`)
      must(body === '', `GET has a body of ${body.length} characters`)
    },
  },
  {
    id: 'session.options',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'OPTIONS of a session is a success',
    async run(server) {
      const { url } = await server.open()
      const { status } = await server.http.send('OPTIONS', url)
      must(isSuccess(status), `OPTIONS was answered with ${status}`)
    },
  },
  {
    id: 'session.method',
    clause: 'RFC 9110 §15.5.6',
    level: 'MUST',
    title: 'Other methods are refused: 405 with Allow, or 501',
    async run(server) {
      const { url } = await server.open()
      const { status, headers } = await server.http.send('PUT', url, { body: 'x' })
      must(status === 405 || status === 501, `PUT was answered with ${status}`)
      must(status === 501 || headers.has('allow'), 'the 405 has no Allow')
    },
  },
  {
    id: 'session.delete',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'DELETE of a session is answered with 200',
    async run(server) {
      const { url } = await server.open()
      const { status } = await server.http.send('DELETE', url)
      must(status === 200, `DELETE was answered with ${status}`)
    },
  },
  {
    id: 'session.delete-ignores-tags',
    clause: 'RFC 9725 §4.3.1',
    level: 'MUST',
    title: 'DELETE ignores entity-tags',
    async run(server) {
      const { url } = await server.open()
      const { status } = await server.http.send('DELETE', url, { headers: { 'if-match': '"another"' } })
      must(isSuccess(status), `DELETE with another If-Match was answered with ${status}`)
    },
  },
  {
    id: 'session.gone',
    clause: 'RFC 9110 §15.5.5',
    level: 'MUST',
    title: 'A session that has ended is not there any more',
    async run(server) {
      const session = await server.open()
      await server.http.send('DELETE', session.url)
      const headers = { 'content-type': SDP_FRAGMENT, 'if-match': '*' }
      const body = createFragment(session.offer)
      for (const [method, options] of [
        ['DELETE', {}],
        ['GET', {}],
        ['PATCH', { headers, body }],
      ] as const) {
        const { status } = await server.http.send(method, session.url, options)
        must(status >= 400 && status < 500, `${method} was answered with ${status}`)
      }
    },
  },
  {
    id: 'session.unknown',
    clause: 'RFC 9110 §15.5.5',
    level: 'MUST',
    title: 'A session that never was is not there',
    async run(server) {
      const { url } = await server.open()
      // Another last letter than any session can have.
      const { status } = await server.http.send('DELETE', `${url}-none`)
      must(status >= 400 && status < 500, `DELETE was answered with ${status}`)
    },
  },
]
