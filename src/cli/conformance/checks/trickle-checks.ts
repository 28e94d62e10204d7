/** PATCH with more candidates (RFC 9725, section 4.3.2), and the conditions of every PATCH. */
import type { Check } from '../check.js'
import { must, skip } from '../check-outcome.js'
import { CANDIDATE, createFragment } from '../offer.js'
import { SDP, SDP_FRAGMENT, type TestedServer, type TestedSession } from '../tested-server.js'

const STRONG_TAG = /^"[\u0021\u0023-\u007e]*"$/

/** Candidates that a server may pass over, and nothing else. */
const USELESS_CANDIDATES = [
  'a=candidate:1 1 udp 2122260223 5f0c2f5a-9a52-4e0f-8d5c-1f2d3c4b5a69.local 61764 typ host',
  'a=candidate:2 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active',
  'a=candidate:3 1 sctp 2122260223 192.0.2.1 61764 typ host',
  'a=candidate:4 1 udp 2122260223 no-such-host.invalid 61764 typ host',
]

/** A session with a tag to match. */
async function tagged(server: TestedServer): Promise<TestedSession> {
  const session = await server.patchable()
  if (session.tag === '') skip('the 201 has no ETag, as ICE restarts are not supported')
  return session
}

/** PATCHes with the session's own tag. */
async function trickle(server: TestedServer, lines: readonly string[]) {
  const session = await server.patchable()
  return server.patch(session, createFragment(session.offer, lines), session.tag === '' ? '*' : session.tag)
}

async function refusedWith(
  server: TestedServer,
  wanted: number,
  condition: (tag: string) => string | null,
): Promise<void> {
  const session = await tagged(server)
  const { status } = await server.patch(session, createFragment(session.offer, [CANDIDATE]), condition(session.tag))
  must(status === wanted, `it was answered with ${status}`)
}

export const TRICKLE_CHECKS: readonly Check[] = [
  {
    id: 'trickle.tag',
    clause: 'RFC 9725 §4.3.1',
    level: 'MUST',
    title: 'The ETag of the 201 is a strong one',
    async run(server) {
      const { tag } = await server.sample()
      if (tag === '') skip('there is none, as ICE restarts are not supported')
      must(STRONG_TAG.test(tag), `ETag: ${tag}`)
    },
  },
  {
    id: 'trickle.own-tag',
    clause: 'RFC 9725 §4.3.1',
    level: 'MUST',
    title: 'Each ICE session has an ETag of its own',
    async run(server) {
      const { tag } = await server.sample()
      if (tag === '') skip('there is none, as ICE restarts are not supported')
      const other = await server.open()
      must(tag !== other.tag, `two sessions have the ETag ${tag}`)
    },
  },
  {
    id: 'trickle.accepted',
    clause: 'RFC 9725 §4.3.2',
    level: 'MUST',
    title: 'Candidates are taken with 204',
    async run(server) {
      const { status } = await trickle(server, [CANDIDATE])
      must(status === 204, `it was answered with ${status}`)
    },
  },
  {
    id: 'trickle.empty-reply',
    clause: 'RFC 9725 §4.3.2',
    level: 'MUST',
    title: 'The 204 has no body and no ETag',
    async run(server) {
      const { headers, body } = await trickle(server, [CANDIDATE])
      must(body === '', `it has a body of ${body.length} characters`)
      must(!headers.has('etag'), `ETag: ${headers.get('etag')}`)
    },
  },
  {
    id: 'trickle.end-of-candidates',
    clause: 'RFC 8840 §4.4',
    level: 'MUST',
    title: 'The end of the candidates is taken',
    async run(server) {
      const { status } = await trickle(server, [CANDIDATE, 'a=end-of-candidates'])
      must(status === 204, `it was answered with ${status}`)
    },
  },
  {
    id: 'trickle.useless-candidates',
    clause: 'RFC 9725 §4.3.2',
    level: 'MUST',
    title: 'Candidates that cannot be used (mDNS, names, other transports) are passed over',
    async run(server) {
      const { status } = await trickle(server, USELESS_CANDIDATES)
      must(status === 204, `it was answered with ${status}`)
    },
  },
  {
    id: 'trickle.any-tag',
    clause: 'RFC 9110 §13.1.1',
    level: 'MUST',
    title: 'If-Match: * holds for every ICE session',
    async run(server) {
      const session = await server.patchable()
      const { status } = await server.patch(session, createFragment(session.offer, [CANDIDATE]), '*')
      must(status === 204, `it was answered with ${status}`)
    },
  },
  {
    id: 'trickle.tag-required',
    clause: 'RFC 9725 §4.3.1',
    level: 'MUST',
    title: 'A PATCH without If-Match is refused with 428',
    run: (server) => refusedWith(server, 428, () => null),
  },
  {
    id: 'trickle.other-tag',
    clause: 'RFC 9725 §4.3.1',
    level: 'MUST',
    title: 'A PATCH with another ETag is refused with 412',
    run: (server) => refusedWith(server, 412, () => '"another"'),
  },
  {
    id: 'trickle.weak-tag',
    clause: 'RFC 9110 §13.1.1',
    level: 'MUST',
    title: 'A weak ETag does not match (strong comparison): 412',
    run: (server) => refusedWith(server, 412, (tag) => `W/${tag}`),
  },
  {
    id: 'trickle.wrong-media-type',
    clause: 'RFC 9725 §4.3.1',
    level: 'MUST',
    title: 'A PATCH with another content type is refused with a 4xx',
    async run(server) {
      const session = await server.patchable()
      const { status } = await server.patch(session, createFragment(session.offer), session.tag || '*', 'text/plain')
      must(status >= 400 && status < 500, `it was answered with ${status}`)
    },
  },
  {
    id: 'trickle.malformed',
    clause: 'RFC 9725 §4.3.1',
    level: 'MUST',
    title: 'A malformed fragment is refused with a 4xx',
    async run(server) {
      const session = await server.patchable()
      const { status } = await server.patch(session, 'this is no fragment\r\n', session.tag || '*')
      must(status >= 400 && status < 500, `it was answered with ${status}`)
    },
  },
  {
    id: 'trickle.answer-without-counter-offer',
    clause: 'draft-ietf-wish-whep §4.2',
    level: 'MUST',
    title: 'A PATCH with application/sdp is refused where no counter-offer is pending',
    only: 'whep',
    async run(server) {
      const session = await server.patchable()
      const { status } = await server.patch(session, session.offer.sdp, session.tag || '*', SDP)
      must(status >= 400 && status < 500, `it was answered with ${status}`)
    },
  },
  {
    id: 'trickle.session-stays',
    clause: 'RFC 9725 §4.3.3',
    level: 'MUST',
    title: 'A PATCH that was refused leaves the session as it was',
    async run(server) {
      const session = await server.patchable()
      const tag = session.tag || '*'
      await server.patch(session, 'this is no fragment\r\n', tag)
      await server.patch(session, createFragment(session.offer), tag, 'text/plain')
      const { status } = await server.patch(session, createFragment(session.offer, [CANDIDATE]), tag, SDP_FRAGMENT)
      must(status === 204, `the next PATCH was answered with ${status}`)
    },
  },
]
