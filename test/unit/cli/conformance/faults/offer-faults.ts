import { at, type Fault, instead, isCreated, reply, request } from './fault.js'

const isPost = (one: Request) => at.endpoint(one) && one.method === 'POST'
let count = 0

export const ENDPOINT_FAULTS: readonly Fault[] = [
  {
    name: 'GET of the endpoint is not allowed',
    fails: ['endpoint.get', 'endpoint.head'],
    breaks: instead((one) => at.endpoint(one) && one.method === 'GET', 405),
  },
  {
    name: 'GET of the endpoint has content',
    fails: ['endpoint.get'],
    breaks: reply((one) => at.endpoint(one) && one.method === 'GET', { body: () => '<h1>WHIP</h1>' }),
  },
  {
    name: 'HEAD does not say what the endpoint is',
    protocol: 'whep',
    fails: ['endpoint.discovery'],
    breaks: reply((one) => one.method === 'HEAD', { headers: { 'content-type': null } }),
  },
  {
    name: 'there is no OPTIONS',
    fails: ['endpoint.options', 'endpoint.accept-post'],
    breaks: instead((one) => one.method === 'OPTIONS', 404),
  },
  {
    name: 'any method is taken',
    fails: ['endpoint.method'],
    breaks: instead((one) => one.method === 'PUT', 200),
  },
  {
    name: 'a 405 does not say what is allowed',
    fails: ['endpoint.method'],
    breaks: reply((_, { status }) => status === 405, { headers: { allow: null } }),
  },
]

export const OFFER_FAULTS: readonly Fault[] = [
  {
    name: 'offers are answered with 200',
    fails: [
      'offer.created',
      'offer.media-type',
      'offer.location',
      'offer.own-location',
      'offer.unguessable',
      'offer.no-token-in-location',
      'offer.media-type-parameters',
      'offer.huge',
    ],
    breaks: reply(isCreated, { status: 200 }),
  },
  {
    name: 'the 201 has another content type',
    fails: ['offer.media-type'],
    breaks: reply(isCreated, { headers: { 'content-type': 'text/plain' } }),
  },
  {
    name: 'the Location is the endpoint',
    fails: ['offer.location', 'offer.own-location', 'offer.unguessable'],
    breaks: reply(isCreated, (_, { url }) => ({ headers: { location: url } })),
  },
  {
    name: 'sessions are counted',
    fails: ['offer.unguessable'],
    breaks: reply(isCreated, () => ({ headers: { location: `/whip/main/${++count}` } })),
  },
  {
    name: 'the Location carries the token',
    fails: ['offer.no-token-in-location'],
    breaks: reply(isCreated, ({ headers }) => ({
      headers: { location: `${headers.get('location')}?token=the-secret` },
    })),
  },
  {
    name: 'the content type is compared letter by letter',
    fails: ['offer.media-type-parameters'],
    breaks: instead((one) => isPost(one) && one.headers.get('content-type') !== 'application/sdp', 415),
  },
  {
    name: 'the content type is not looked at',
    fails: ['offer.wrong-media-type', 'offer.wrong-media-type-status'],
    breaks: request(isPost, { headers: { 'content-type': 'application/sdp' } }),
  },
  {
    name: 'everything wrong is 400',
    fails: ['offer.wrong-media-type-status'],
    breaks: reply((_, { status }) => status === 415, { status: 400 }),
  },
  {
    name: 'everything wrong is 500',
    fails: [
      'offer.wrong-media-type',
      'offer.wrong-media-type-status',
      'offer.malformed',
      'offer.empty',
      'offer.truncated',
      'offer.huge',
      'offer.problem',
    ],
    breaks: reply((one, { status }) => isPost(one) && status >= 400, { status: 500 }),
  },
  {
    name: 'offers are redirected with 302',
    fails: [
      'offer.created',
      'offer.media-type',
      'offer.location',
      'offer.own-location',
      'offer.unguessable',
      'offer.no-token-in-location',
      'offer.media-type-parameters',
      'offer.wrong-media-type',
      'offer.wrong-media-type-status',
      'offer.malformed',
      'offer.empty',
      'offer.truncated',
      'offer.huge',
      'offer.redirect',
    ],
    breaks: instead(isPost, 302, { location: 'https://elsewhere.example/whip' }),
  },
  {
    name: 'a missing publisher is 404',
    protocol: 'whep',
    fails: [
      'offer.created',
      'offer.media-type',
      'offer.location',
      'offer.own-location',
      'offer.unguessable',
      'offer.no-token-in-location',
      'offer.media-type-parameters',
      'offer.huge',
      'offer.not-live',
    ],
    breaks: reply(isCreated, { status: 404 }),
  },
  {
    name: 'a missing publisher is 409 without Retry-After',
    protocol: 'whep',
    fails: ['offer.not-live'],
    breaks: reply(isCreated, { status: 409 }),
  },
  {
    name: 'problems are no JSON',
    fails: ['offer.problem'],
    breaks: reply((_, { status }) => status === 400, { body: () => 'Bad Request' }),
  },
]
