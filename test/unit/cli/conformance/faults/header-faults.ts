import { at, type Fault, instead, isCreated, reply, request } from './fault.js'

const isPreflight = (one: Request) => one.headers.has('access-control-request-method')
const ANYBODY = { headers: { authorization: 'Bearer the-secret' } }

export const CORS_FAULTS: readonly Fault[] = [
  {
    name: 'preflights need a token',
    fails: ['cors.preflight', 'cors.session-preflight'],
    breaks: instead((one) => isPreflight(one) && !one.headers.has('authorization'), 401),
  },
  {
    name: 'preflights do not allow Authorization by name',
    fails: ['cors.preflight', 'cors.session-preflight'],
    breaks: reply(isPreflight, { headers: { 'access-control-allow-headers': '*' } }),
  },
  {
    name: 'preflights do not allow If-Match',
    fails: ['cors.session-preflight'],
    breaks: reply(isPreflight, { headers: { 'access-control-allow-headers': 'Authorization, Content-Type' } }),
  },
  {
    name: 'preflights allow GET and POST only',
    fails: ['cors.session-preflight'],
    breaks: reply(isPreflight, { headers: { 'access-control-allow-methods': 'GET, POST' } }),
  },
  {
    name: 'only preflights allow the origin',
    fails: ['cors.created', 'cors.patched', 'cors.refused', 'cors.deleted'],
    breaks: reply((one) => one.method !== 'OPTIONS', { headers: { 'access-control-allow-origin': null } }),
  },
  {
    name: 'failures do not allow the origin',
    fails: ['cors.refused'],
    breaks: reply((_, { status }) => status >= 400, { headers: { 'access-control-allow-origin': null } }),
  },
  {
    name: 'DELETE does not allow the origin',
    fails: ['cors.deleted'],
    breaks: reply((one) => one.method === 'DELETE', { headers: { 'access-control-allow-origin': null } }),
  },
  {
    name: 'headers are not exposed',
    fails: ['cors.created', 'cors.patched'],
    breaks: reply(() => true, { headers: { 'access-control-expose-headers': null } }),
  },
  {
    name: 'only Location is exposed',
    fails: ['cors.created', 'cors.patched'],
    breaks: reply(() => true, { headers: { 'access-control-expose-headers': 'Location' } }),
  },
]

/** Changes the links of the 201. */
const links = (change: (value: string) => string) =>
  reply(isCreated, ({ headers }) => ({ headers: { link: change(headers.get('link') ?? '') } }))

export const LINK_FAULTS: readonly Fault[] = [
  {
    name: 'a link has no brackets',
    fails: ['link.form'],
    breaks: links((value) => `${value}, stun:s; rel="ice-server"`),
  },
  { name: 'a link has no rel', fails: ['link.form'], breaks: links((value) => `${value}, <stun:s>`) },
  {
    name: 'several ICE servers are one link',
    fails: ['link.ice-server'],
    breaks: links((value) => `${value}, <stun:a stun:b>; rel="ice-server"`),
  },
  {
    name: 'a TURN server has no credential',
    fails: ['link.turn-credentials'],
    breaks: links((value) => value.replaceAll(/; credential="[^"]*"/g, '')),
  },
  {
    name: 'preflights get TURN credentials',
    fails: ['link.preflight'],
    breaks: reply(isPreflight, { headers: { link: '<turn:t>; rel="ice-server"; username="u"; credential="c"' } }),
  },
  {
    name: 'extensions have URNs of the other protocol',
    protocol: 'whep',
    fails: ['link.extension'],
    breaks: links((value) => value.replaceAll('params:whep:', 'params:whip:')),
  },
]

export const TOKEN_FAULTS: readonly Fault[] = [
  {
    name: 'who has no token is forbidden',
    fails: ['token.required', 'token.challenge'],
    breaks: reply((_, { status }) => status === 401, { status: 403, headers: { 'www-authenticate': null } }),
  },
  {
    name: 'the 401 has no challenge',
    fails: ['token.challenge'],
    breaks: reply((_, { status }) => status === 401, { headers: { 'www-authenticate': null } }),
  },
  {
    name: 'any token will do',
    fails: ['token.wrong'],
    breaks: request((one) => one.headers.has('authorization'), ANYBODY),
  },
  {
    name: 'the token is asked for by POST only',
    fails: ['token.session'],
    breaks: request((one) => at.session(one), ANYBODY),
  },
  {
    name: 'the offer is looked at before the token',
    fails: ['token.before-body'],
    breaks: instead(
      async (one) => at.endpoint(one) && one.method === 'POST' && !(await one.text()).startsWith('v='),
      400,
    ),
  },
]
