import { at, type Fault, instead, isCreated, reply, request } from './fault.js'

const isPatch = (one: Request) => one.method === 'PATCH'
const isDelete = (one: Request) => at.session(one) && one.method === 'DELETE'
/** A PATCH without conditions and types of its own. */
const anyTag = { headers: { 'if-match': '*' } }

export const SESSION_FAULTS: readonly Fault[] = [
  {
    name: 'GET of a session is not allowed',
    fails: ['session.get'],
    breaks: instead((one) => at.session(one) && one.method === 'GET', 405),
  },
  {
    name: 'GET of a session has content',
    fails: ['session.get'],
    breaks: reply((one, { status }) => one.method === 'GET' && status === 200, { body: () => '{"state":"connected"}' }),
  },
  {
    name: 'OPTIONS of a session is 404',
    fails: ['session.options'],
    breaks: instead((one) => at.session(one) && one.method === 'OPTIONS', 404),
  },
  { name: 'any method is taken', fails: ['session.method'], breaks: instead((one) => one.method === 'PUT', 200) },
  {
    name: 'a 405 does not say what is allowed',
    fails: ['session.method'],
    breaks: reply((_, { status }) => status === 405, { headers: { allow: null } }),
  },
  {
    name: 'DELETE is answered with 204',
    fails: ['session.delete'],
    breaks: reply((one, { status }) => isDelete(one) && status === 200, { status: 204 }),
  },
  {
    name: 'DELETE looks at entity-tags',
    fails: ['session.delete-ignores-tags'],
    breaks: instead((one) => isDelete(one) && one.headers.has('if-match'), 412),
  },
  {
    name: 'DELETE ends nothing',
    fails: ['session.gone'],
    breaks: instead((one) => isDelete(one) && !one.url.endsWith('-none'), 200),
  },
  {
    name: 'DELETE of anything is 200',
    fails: ['session.gone', 'session.unknown'],
    breaks: reply(isDelete, { status: 200 }),
  },
]

export const TRICKLE_FAULTS: readonly Fault[] = [
  {
    name: 'entity-tags are weak',
    fails: [
      'trickle.tag',
      'trickle.accepted',
      'trickle.empty-reply',
      'trickle.end-of-candidates',
      'trickle.useless-candidates',
      'trickle.session-stays',
    ],
    breaks: reply(isCreated, ({ headers }) => ({ headers: { etag: `W/${headers.get('etag')}` } })),
  },
  {
    name: 'entity-tags are not quoted',
    fails: [
      'trickle.tag',
      'trickle.accepted',
      'trickle.empty-reply',
      'trickle.end-of-candidates',
      'trickle.useless-candidates',
      'trickle.session-stays',
    ],
    breaks: reply(isCreated, ({ headers }) => ({ headers: { etag: headers.get('etag')?.slice(1, -1) ?? '' } })),
  },
  {
    name: 'all ICE sessions have one entity-tag',
    fails: ['trickle.own-tag'],
    breaks: (next) =>
      reply(isCreated, { headers: { etag: '"ice"' } })(
        request((one) => one.headers.get('if-match') === '"ice"', anyTag)(next),
      ),
  },
  {
    name: 'candidates are answered with 200',
    fails: [
      'trickle.accepted',
      'trickle.end-of-candidates',
      'trickle.useless-candidates',
      'trickle.any-tag',
      'trickle.session-stays',
    ],
    breaks: reply((_, { status }) => status === 204, { status: 200 }),
  },
  {
    name: 'the 204 has an entity-tag',
    fails: ['trickle.empty-reply'],
    breaks: reply((_, { status }) => status === 204, { headers: { etag: '"ice"' } }),
  },
  {
    name: 'the end of the candidates is not understood',
    fails: ['trickle.end-of-candidates'],
    breaks: instead(async (one) => isPatch(one) && (await one.text()).includes('end-of-candidates'), 400),
  },
  {
    name: 'mDNS candidates are refused',
    fails: ['trickle.useless-candidates'],
    breaks: instead(async (one) => isPatch(one) && (await one.text()).includes('.local'), 400),
  },
  {
    name: 'If-Match: * is a tag like any other',
    fails: ['trickle.any-tag'],
    breaks: instead((one) => one.headers.get('if-match') === '*', 412),
  },
  {
    name: 'If-Match may be missing',
    fails: ['trickle.tag-required'],
    breaks: request((one) => isPatch(one) && !one.headers.has('if-match'), anyTag),
  },
  {
    name: 'If-Match is not looked at',
    fails: ['trickle.other-tag', 'trickle.weak-tag'],
    breaks: request((one) => one.headers.has('if-match'), anyTag),
  },
  {
    name: 'weak tags match',
    fails: ['trickle.weak-tag'],
    breaks: request((one) => one.headers.get('if-match')?.startsWith('W/') === true, anyTag),
  },
  {
    name: 'the content type of a PATCH is not looked at',
    protocol: 'whep',
    fails: ['trickle.wrong-media-type'],
    breaks: request((one) => isPatch(one) && one.headers.get('content-type') === 'text/plain', {
      headers: { 'content-type': 'application/trickle-ice-sdpfrag' },
    }),
  },
  {
    name: 'nonsense is taken for a fragment',
    fails: ['trickle.malformed'],
    breaks: reply((one, { status }) => isPatch(one) && status === 400, { status: 204 }),
  },
  {
    name: 'an answer is taken that nobody has asked for',
    protocol: 'whep',
    fails: ['trickle.answer-without-counter-offer'],
    breaks: instead((one) => isPatch(one) && one.headers.get('content-type') === 'application/sdp', 204),
  },
  {
    name: 'a bad PATCH ends the session',
    fails: ['trickle.session-stays'],
    breaks: (next) => async (one) => {
      const response = await next(one.clone())
      const { method, url, headers } = one
      if (method === 'PATCH' && response.status >= 400) await next(new Request(url, { method: 'DELETE', headers }))
      return response
    },
  },
]

const isRestart = (_: Request, { status, headers }: Response) =>
  status === 200 && headers.get('content-type') === 'application/trickle-ice-sdpfrag'

const ALL_RESTARTS = [
  'accepted',
  'quoted-asterisk',
  'by-credentials',
  'credentials',
  'agent',
  'tag',
  'first-tag',
  'old-tag',
  'new-tag',
  'again',
  'half',
].map((name) => `restart.${name}`)

export const RESTART_FAULTS: readonly Fault[] = [
  {
    name: 'a restart is answered like candidates',
    fails: ALL_RESTARTS,
    breaks: reply(isRestart, { status: 204, headers: { 'content-type': null, etag: null } }),
  },
  {
    name: 'the fragment has another content type',
    fails: ['restart.accepted'],
    breaks: reply(isRestart, { headers: { 'content-type': 'application/sdp' } }),
  },
  {
    name: 'a quoted asterisk is a tag like any other',
    fails: ['restart.quoted-asterisk'],
    breaks: instead((one) => one.headers.get('if-match') === '"*"', 412),
  },
  {
    name: 'only an asterisk restarts',
    fails: ['restart.by-credentials'],
    breaks: (next) => async (one) => {
      const response = await next(one.clone())
      const isOther = one.headers.get('if-match')?.includes('*') === false
      return isOther && isRestart(one, response) ? new Response(null, { status: 204 }) : response
    },
  },
  {
    name: 'the server keeps its password',
    fails: ['restart.credentials'],
    breaks: reply(isRestart, { body: (text) => text.replace(/a=ice-pwd:.*/, 'a=ice-pwd:fakePasswordOf24Letters0') }),
  },
  {
    name: 'the fragment has no credentials',
    fails: ['restart.credentials', 'restart.again'],
    breaks: reply(isRestart, { body: (text) => text.replaceAll(/a=ice-(?:ufrag|pwd):.*\r\n/g, '') }),
  },
  {
    name: 'the fragment does not say that the agent is lite',
    fails: ['restart.agent'],
    breaks: reply(isRestart, { body: (text) => text.replace('a=ice-lite\r\n', '') }),
  },
  {
    name: 'a restart has no entity-tag',
    fails: ['restart.tag', 'restart.new-tag', 'restart.again', 'restart.half'],
    breaks: (next) => reply(isRestart, { headers: { etag: null } })(next),
  },
  {
    name: 'the entity-tag stays the same',
    fails: ['restart.tag', 'restart.old-tag', 'restart.again'],
    breaks: (next) =>
      reply((one, response) => isCreated(one, response) || isRestart(one, response), { headers: { etag: '"ice"' } })(
        request((one) => one.headers.get('if-match') === '"ice"', anyTag)(next),
      ),
  },
  {
    name: 'the 201 has no entity-tag',
    fails: ['restart.by-credentials', 'restart.first-tag'],
    breaks: reply(isCreated, { headers: { etag: null } }),
  },
  {
    name: 'a new password alone is taken',
    fails: ['restart.half'],
    breaks: reply((one, { status }) => isPatch(one) && status === 422, { status: 204 }),
  },
]
