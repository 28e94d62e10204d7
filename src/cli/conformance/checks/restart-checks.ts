/** PATCH with new ICE credentials: an ICE restart (RFC 9725, section 4.3.3). */
import { type AnswerView, viewAnswer } from '../answer-view.js'
import type { Check } from '../check.js'
import { must, skip } from '../check-outcome.js'
import type { Reply } from '../http-client.js'
import { CANDIDATE, createFragment, iceCredentials } from '../offer.js'
import { SDP_FRAGMENT, type TestedServer, type TestedSession } from '../tested-server.js'

const STRONG_TAG = /^"[\u0021\u0023-\u007e]*"$/

interface Restarted {
  readonly session: TestedSession
  /** Of the client, now. */
  readonly credentials: { iceUfrag: string; icePwd: string }
  readonly reply: Reply
  readonly fragment: AnswerView
  readonly tag: string
}

/** Restarts ICE in a new session, if the server can do that. */
async function restarted(server: TestedServer, condition: (tag: string) => string = () => '*'): Promise<Restarted> {
  const session = await server.open()
  const credentials = iceCredentials()
  const reply = await server.patch(session, createFragment(credentials, [CANDIDATE]), condition(session.tag))
  const { status } = reply
  if (status === 405 || status === 501) skip(`the server takes no PATCH (${status})`)
  if (status === 422) skip('the server does not restart ICE (422)')
  must(status === 200, `a restart was answered with ${status}`)
  return { session, credentials, reply, fragment: viewAnswer(reply.body), tag: reply.headers.get('etag') ?? '' }
}

/** The first value in a section, or above all of them. */
function firstValue({ sections, values }: AnswerView, name: string): string | undefined {
  return sections.flatMap((section) => section.values(name))[0] ?? values(name)[0]
}

export const RESTART_CHECKS: readonly Check[] = [
  {
    id: 'restart.accepted',
    clause: 'RFC 9725 §4.3.3',
    level: 'MUST',
    title: 'New credentials under If-Match: * are answered with 200 and a fragment',
    async run(server) {
      const { reply } = await restarted(server)
      const type = reply.headers.get('content-type')
      must(type?.startsWith(SDP_FRAGMENT) === true, `Content-Type: ${type ?? 'none'}`)
    },
  },
  {
    id: 'restart.quoted-asterisk',
    clause: 'RFC 9725 §4.3.3',
    level: 'SHOULD',
    title: 'If-Match: "*", as the example in the RFC has it, is the same',
    async run(server) {
      await restarted(server)
      const session = await server.open()
      const { status } = await server.patch(session, createFragment(iceCredentials()), '"*"')
      must(status === 200, `it was answered with ${status}`)
    },
  },
  {
    id: 'restart.by-credentials',
    clause: 'RFC 9725 §4.3.3',
    level: 'MUST',
    title: 'New credentials are a restart under the present ETag, too',
    async run(server) {
      await restarted(server)
      const session = await server.open()
      const { status } = await server.patch(session, createFragment(iceCredentials()), session.tag)
      must(status === 200, `it was answered with ${status}`)
    },
  },
  {
    id: 'restart.credentials',
    clause: 'RFC 9725 §4.3.3',
    level: 'MUST',
    title: 'The server has a new ice-ufrag and a new ice-pwd, too',
    async run(server) {
      const { session, fragment } = await restarted(server)
      for (const name of ['ice-ufrag', 'ice-pwd']) {
        const value = firstValue(fragment, name)
        must(value !== undefined, `the fragment has no ${name}`)
        must(value !== firstValue(session.answer, name), `the ${name} is that of the answer`)
      }
    },
  },
  {
    id: 'restart.agent',
    clause: 'RFC 9725 §4.3.3',
    level: 'MUST',
    title: 'The attributes ice-lite, ice-options and ice-pacing are those of the answer',
    async run(server) {
      const { session, fragment } = await restarted(server)
      for (const name of ['ice-lite', 'ice-options', 'ice-pacing']) {
        const [before, now] = [session.answer, fragment].map((view) =>
          firstValue(view, name)?.split(' ').sort().join(' '),
        )
        must(before === now, `a=${name}: ${now ?? 'none'}; in the answer: ${before ?? 'none'}`)
      }
    },
  },
  {
    id: 'restart.tag',
    clause: 'RFC 9725 §4.3.3',
    level: 'MUST',
    title: 'The 200 has a new strong ETag',
    async run(server) {
      const { session, tag } = await restarted(server)
      must(STRONG_TAG.test(tag), `ETag: ${tag || 'none'}`)
      must(tag !== session.tag, `it is the one of the 201, ${tag}`)
    },
  },
  {
    id: 'restart.first-tag',
    clause: 'RFC 9725 §4.3.1',
    level: 'MUST',
    title: 'A server that restarts ICE has an ETag in the 201',
    async run(server) {
      const { session } = await restarted(server)
      must(session.tag !== '', 'there is none')
    },
  },
  {
    id: 'restart.old-tag',
    clause: 'RFC 9725 §4.3.1',
    level: 'MUST',
    title: 'After it, the former ETag is refused with 412',
    async run(server) {
      const { session, credentials } = await restarted(server)
      const { status } = await server.patch(session, createFragment(credentials, [CANDIDATE]), session.tag)
      must(status === 412, `it was answered with ${status}`)
    },
  },
  {
    id: 'restart.new-tag',
    clause: 'RFC 9725 §4.3.1',
    level: 'MUST',
    title: 'After it, candidates are taken under the new ETag',
    async run(server) {
      const { session, credentials, tag } = await restarted(server)
      const { status } = await server.patch(session, createFragment(credentials, [CANDIDATE]), tag)
      must(status === 204, `it was answered with ${status}`)
    },
  },
  {
    id: 'restart.again',
    clause: 'RFC 9725 §4.3.1',
    level: 'MUST',
    title: 'Each restart has an ETag and credentials of its own',
    async run(server) {
      const { session, tag, fragment } = await restarted(server)
      const { status, headers, body } = await server.patch(session, createFragment(iceCredentials()), '*')
      must(status === 200, `the second restart was answered with ${status}`)
      must(headers.has('etag') && headers.get('etag') !== tag, `both have the ETag ${tag || 'none'}`)
      must(
        firstValue(viewAnswer(body), 'ice-ufrag') !== firstValue(fragment, 'ice-ufrag'),
        'both have the same ice-ufrag',
      )
    },
  },
  {
    id: 'restart.half',
    clause: 'RFC 8839 §5.4',
    level: 'MUST',
    title: 'A new password without a new ufrag is refused, and the session goes on',
    async run(server) {
      const { session, credentials, tag } = await restarted(server)
      const half = { ...credentials, icePwd: iceCredentials().icePwd }
      const { status } = await server.patch(session, createFragment(half), '*')
      must(status >= 400 && status < 500, `it was answered with ${status}`)
      const next = await server.patch(session, createFragment(credentials, [CANDIDATE]), tag)
      must(next.status === 204, `the next PATCH was answered with ${next.status}`)
    },
  },
]
