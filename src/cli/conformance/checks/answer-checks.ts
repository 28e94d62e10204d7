/** What stands in answers, and which offers are refused. */
import { parseSdp } from '../../../sdp/parse-sdp.js'
import type { AnswerSection } from '../answer-view.js'
import type { Check } from '../check.js'
import { must, skip } from '../check-outcome.js'
import { OFFERED_EXTENSION_IDS, type OfferOptions } from '../offer.js'
import type { TestedServer } from '../tested-server.js'

const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive']
const OFFERED_TYPES: Readonly<Record<string, readonly string[]>> = { audio: ['111'], video: ['96', '97', '102', '103'] }
const STRONG_HASHES = ['sha-256', 'sha-384', 'sha-512']

function directionOf({ values }: AnswerSection): string {
  return DIRECTIONS.find((direction) => values(direction).length > 0) ?? 'sendrecv'
}

async function eachAccepted(
  server: TestedServer,
  check: (section: AnswerSection, name: string) => void,
  options?: OfferOptions,
): Promise<void> {
  const { answer } = options === undefined ? await server.sample() : await server.open(options)
  must(answer.accepted.length > 0, 'no m-line is accepted')
  for (const section of answer.accepted) check(section, `m=${section.kind}`)
}

async function direction(server: TestedServer, options?: OfferOptions): Promise<void> {
  const wanted = server.protocol === 'whip' ? 'recvonly' : 'sendonly'
  await eachAccepted(
    server,
    (section, name) => must(directionOf(section) === wanted, `${name} is ${directionOf(section)}, not ${wanted}`),
    options,
  )
}

/** Posts an offer that has to be refused. */
async function refused(server: TestedServer, options: OfferOptions): Promise<void> {
  await server.sample()
  const { status } = await server.post(server.offer(options).sdp)
  must(status >= 400 && status < 500, `it was answered with ${status}, not with a 4xx`)
}

export const ANSWER_CHECKS: readonly Check[] = [
  {
    id: 'answer.sdp',
    clause: 'RFC 8866 §5',
    level: 'MUST',
    title: 'The answer is a session description',
    async run(server) {
      const { created } = await server.sample()
      try {
        parseSdp(created.body)
      } catch (error) {
        must(false, error instanceof Error ? error.message : String(error))
      }
    },
  },
  {
    id: 'answer.sections',
    clause: 'RFC 3264 §6',
    level: 'MUST',
    title: 'The answer has the m-lines of the offer, in its order',
    async run(server) {
      const { answer, offer } = await server.sample()
      const kinds = answer.sections.map(({ kind }) => kind).join(' ')
      must(kinds === offer.kinds.join(' '), `the m-lines are: ${kinds || 'none'}`)
    },
  },
  {
    id: 'answer.accepted',
    clause: 'RFC 9725 §4.4.3',
    level: 'SHOULD',
    title: 'No m-line of an ordinary offer is refused',
    async run(server) {
      const { answer, offer } = await server.sample()
      must(
        answer.accepted.length === offer.kinds.length,
        `${answer.accepted.length} of ${offer.kinds.length} are accepted`,
      )
    },
  },
  {
    id: 'answer.direction',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'The direction is recvonly in WHIP, sendonly in WHEP',
    run: (server) => direction(server),
  },
  {
    id: 'answer.direction-of-sendrecv',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'The direction is the same for an offer that says sendrecv',
    run: (server) => direction(server, { direction: 'sendrecv' }),
  },
  {
    id: 'answer.inactive',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'An offer that says inactive is refused',
    run: (server) => refused(server, { direction: 'inactive' }),
  },
  {
    id: 'answer.wrong-direction',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'An offer in the wrong direction is refused',
    run: (server) => refused(server, { direction: server.protocol === 'whip' ? 'recvonly' : 'sendonly' }),
  },
  {
    id: 'answer.bundle',
    clause: 'RFC 9725 §4.4.1',
    level: 'MUST',
    title: 'All m-lines are in one BUNDLE group',
    async run(server) {
      const { answer } = await server.sample()
      const group = answer.values('group').find((value) => value.startsWith('BUNDLE '))
      const mids = group?.split(' ').slice(1) ?? []
      const missing = answer.accepted.flatMap(({ values }) => values('mid')).filter((mid) => !mids.includes(mid))
      must(group !== undefined && missing.length === 0, group === undefined ? 'there is none' : `not in it: ${missing}`)
    },
  },
  {
    id: 'answer.rtcp-mux',
    clause: 'RFC 9725 §4.4.1',
    level: 'MUST',
    title: 'Every m-line has rtcp-mux',
    run: (server) => eachAccepted(server, ({ values }, name) => must(values('rtcp-mux').length > 0, `${name} has not`)),
  },
  {
    id: 'answer.rtcp-mux-only',
    clause: 'RFC 9725 §4.4.1',
    level: 'MUST',
    title: 'Every bundled m-line has rtcp-mux-only',
    run: (server) =>
      eachAccepted(server, ({ values }, name) => must(values('rtcp-mux-only').length > 0, `${name} has not`)),
  },
  {
    id: 'answer.msid',
    clause: 'draft-ietf-wish-whep §4.5.2',
    level: 'MUST',
    title: 'All m-lines have the msid of one MediaStream',
    only: 'whep',
    async run(server) {
      const streams = new Set<string>()
      await eachAccepted(server, ({ values }, name) => {
        const [msid] = values('msid')
        must(msid !== undefined, `${name} has none`)
        streams.add(msid.split(' ')[0] ?? '')
      })
      must(streams.size === 1, `there are ${streams.size} of them`)
    },
  },
  {
    id: 'answer.two-videos',
    clause: 'RFC 9725 §4.4.2',
    level: 'MUST',
    title: 'An offer of two videos is accepted as a whole or refused',
    async run(server) {
      await server.sample()
      const { status } = await server.post(server.offer({ kinds: ['video', 'video'] }).sdp)
      if (status >= 400 && status < 500) return
      must(status === 201, `it was answered with ${status}`)
      const { answer } = await server.open({ kinds: ['video', 'video'] })
      must(answer.accepted.length === 2, `${answer.accepted.length} of 2 m-lines are accepted`)
    },
  },
  {
    id: 'answer.unknown-codec',
    clause: 'RFC 9725 §4.4.3',
    level: 'SHOULD',
    title: 'An offer with an m-line of unknown codecs is refused as a whole',
    only: 'whip',
    run: (server) => refused(server, { unknownVideoCodec: true }),
  },
  {
    id: 'answer.no-counter-offer-for-codecs',
    clause: 'draft-ietf-wish-whep §4.2',
    level: 'MUST',
    title: '406 is a counter-offer with a Location, and nothing else',
    async run(server) {
      await server.sample()
      const { status, headers } = await server.post(server.offer({ kinds: ['video'], unknownVideoCodec: true }).sdp)
      const isCounterOffer =
        headers.has('location') && headers.get('content-type')?.startsWith('application/sdp') === true
      must(status !== 406 || isCounterOffer, '406 without SDP and Location')
    },
  },
  {
    id: 'answer.ice-credentials',
    clause: 'RFC 8839 §5.4',
    level: 'MUST',
    title: 'The answer has ICE credentials of sufficient length',
    run: (server) =>
      eachAccepted(server, ({ values }, name) => {
        must(/^[A-Za-z0-9+/]{4,256}$/.test(values('ice-ufrag')[0] ?? ''), `${name}: a bad ice-ufrag`)
        must(/^[A-Za-z0-9+/]{22,256}$/.test(values('ice-pwd')[0] ?? ''), `${name}: a bad ice-pwd`)
      }),
  },
  {
    id: 'answer.candidates',
    clause: 'RFC 9725 §4.3.2',
    level: 'MUST',
    title: 'The answer has the candidates of the server, which cannot trickle',
    async run(server) {
      const { answer } = await server.sample()
      must(
        answer.sections.some(({ values }) => values('candidate').length > 0),
        'there are none',
      )
    },
  },
  {
    id: 'answer.fingerprint',
    clause: 'RFC 8122 §5',
    level: 'MUST',
    title: 'The answer has a fingerprint of sha-256 or better',
    run: (server) =>
      eachAccepted(server, ({ values }, name) => {
        const hashes = values('fingerprint').map((value) => value.split(' ')[0]?.toLowerCase() ?? '')
        must(
          hashes.some((hash) => STRONG_HASHES.includes(hash)),
          `${name}: ${hashes.join(', ') || 'none'}`,
        )
      }),
  },
  {
    id: 'answer.setup',
    clause: 'RFC 8842 §5.3',
    level: 'MUST',
    title: 'The answer chooses a DTLS role: active or passive',
    run: (server) =>
      eachAccepted(server, ({ values }, name) => {
        const setup = values('setup')[0] ?? 'none'
        must(setup === 'active' || setup === 'passive', `${name}: a=setup:${setup}`)
      }),
  },
  {
    id: 'answer.setup-of-active',
    clause: 'RFC 9725 §4.4.4',
    level: 'MUST',
    title: 'A client that is a DTLS client only is answered passive, or refused with 422 or 400',
    async run(server) {
      await server.sample()
      const { status } = await server.post(server.offer({ setup: 'active' }).sdp)
      if (status === 422 || status === 400) return
      must(status === 201, `it was answered with ${status}`)
      await eachAccepted(
        server,
        ({ values }, name) =>
          must(values('setup')[0] === 'passive', `${name}: a=setup:${values('setup')[0] ?? 'none'}`),
        { setup: 'active' },
      )
    },
  },
  {
    id: 'answer.payload-types',
    clause: 'RFC 3264 §6.1',
    level: 'MUST',
    title: 'Every m-line has payload types of the offer, and no others',
    run: (server) =>
      eachAccepted(server, ({ kind, formats }, name) => {
        const foreign = formats.filter((type) => !OFFERED_TYPES[kind]?.includes(type))
        must(formats.length > 0 && foreign.length === 0, `${name}: ${foreign.join(' ') || 'none'}`)
      }),
  },
  {
    id: 'answer.extensions',
    clause: 'RFC 8285 §6',
    level: 'MUST',
    title: 'Header extensions have the ids of the offer',
    run: (server) =>
      eachAccepted(server, ({ values }, name) => {
        const ids = values('extmap').map((value) => /^\d+/.exec(value)?.[0] ?? value)
        const foreign = ids.filter((id) => !OFFERED_EXTENSION_IDS.includes(id))
        must(foreign.length === 0, `${name}: ${foreign.join(' ')}`)
      }),
  },
  {
    id: 'answer.simulcast',
    clause: 'RFC 8853 §5.3.2',
    level: 'MUST',
    title: 'Simulcast is answered with some of the rids of the offer, to be received',
    only: 'whip',
    async run(server) {
      const { answer } = await server.open({ simulcast: true })
      const video = answer.accepted.find(({ kind }) => kind === 'video')
      const simulcast = video?.values('simulcast')[0]
      if (video === undefined || simulcast === undefined) skip('the server takes no simulcast')
      const [, streams = ''] = /^recv (\S+)$/.exec(simulcast) ?? []
      const rids = streams.split(/[;,]/).map((rid) => rid.replace('~', ''))
      must(
        rids.every((rid) => ['h', 'm', 'l'].includes(rid)),
        `a=simulcast:${simulcast}`,
      )
      const described = video
        .values('rid')
        .filter((value) => / recv\b/.test(value))
        .map((value) => value.split(' ')[0])
      must(
        rids.every((rid) => described.includes(rid)),
        `a=rid lines: ${described.join(' ') || 'none'}`,
      )
    },
  },
]
