/**
 * Requests to the HTTP adapters, as text: a request line, headers, an empty line, a body. An answer always comes, is none of 500, and none of its
 * headers carries a line of the client's.
 */
import { plainExchange, whipWhep } from '../../../dist/signaling/index.js'
import { fakeTarget } from '../../../dist/testing/fake-target.js'
import { mutateLines } from '../engine/mutate-lines.mjs'
import { must } from '../engine/oracles.mjs'

const OFFER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-ufrag:abcd\r\n'
const FRAGMENT =
  'a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\n'

/** A host name that URLs are resolved against; nothing is ever sent to it. */
const ORIGIN = 'http://localhost'

const request = (line, headers, body = '') => Buffer.from([line, ...headers, '', body].join('\r\n'))
const seeds = () => [
  request(
    'POST /whip/main',
    ['Content-Type: application/sdp', 'Authorization: Bearer secret', 'Origin: https://example.org'],
    OFFER,
  ),
  request('POST /whep/main', ['Content-Type: application/sdp; charset=utf-8'], OFFER),
  request(
    'PATCH /whip/main/session-1',
    ['Content-Type: application/trickle-ice-sdpfrag', 'If-Match: "session-1-ice-0"'],
    FRAGMENT,
  ),
  request(
    'PATCH /whep/main/session-2',
    ['Content-Type: application/trickle-ice-sdpfrag', 'If-Match: *'],
    FRAGMENT.replace('abcd', 'efgh'),
  ),
  request(
    'POST /whep/main/session-2/layer',
    ['Content-Type: application/json'],
    '{"mediaId":"0","encodingId":"h","spatialLayerId":1,"temporalLayerId":2}',
  ),
  request('POST /whep/main/session-2/events', ['Content-Type: application/json'], '["active","layers","viewercount"]'),
  request('GET /whep/main/session-2/events/1', ['Accept: text/event-stream']),
  request('OPTIONS /whip/main', [
    'Origin: https://example.org',
    'Access-Control-Request-Method: POST',
    'Access-Control-Request-Headers: authorization',
  ]),
  request('DELETE /whip/main/session-1', []),
  request('HEAD /whep/main', []),
  request(
    'POST /sdp?access_token=abc',
    ['Content-Type: text/plain'],
    Buffer.from(JSON.stringify({ type: 'offer', sdp: OFFER })).toString('base64'),
  ),
  request('POST /sdp', ['Content-Type: application/json'], JSON.stringify({ type: 'offer', sdp: OFFER })),
]

function createAdapters() {
  const target = fakeTarget()
  const options = {
    authorize: async ({ token }) => (token === 'no' ? undefined : { maxBitrateBps: 1e6 }),
    tokenParameter: 'access_token',
    maxBodyBytes: 4096,
    bodyTimeoutMs: 1000,
  }
  const iceServers = () => [{ urls: ['stun:stun.example.org'], username: 'u', credential: 'c' }]
  return { target, handlers: [whipWhep(target, { ...options, iceServers }), plainExchange(target, options)] }
}

/** The request that the text stands for; undefined where Fetch itself cannot express it. */
function read(input) {
  const [head = '', ...rest] = input.toString('latin1').split('\r\n\r\n')
  const [line = '', ...headerLines] = head.split('\r\n')
  const [method = '', path = ''] = line.split(' ')
  try {
    const headers = new Headers()
    for (const header of headerLines) {
      const colon = header.indexOf(':')
      headers.append(header.slice(0, colon), header.slice(colon + 1).trim())
    }
    const body = method === 'GET' || method === 'HEAD' ? undefined : Buffer.from(rest.join('\r\n\r\n'), 'latin1')
    return new Request(new URL(path, ORIGIN), { method, headers, ...(body ? { body } : {}) })
  } catch {
    return undefined
  }
}

async function run(input) {
  if (read(input) === undefined) return
  const { target, handlers } = createAdapters()
  await target.publish(OFFER, { broadcast: 'main' })
  await target.view(OFFER, { broadcast: 'main' })
  for (const handler of handlers) {
    const response = await handler(read(input))
    must(response instanceof Response, 'there is an answer')
    must(response.status >= 200 && response.status < 600 && response.status !== 500, `the answer is ${response.status}`)
    for (const [name, value] of response.headers) must(!/[\r\n]/.test(name + value), 'a header is one line')
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) await response.body.cancel()
    else must((await response.text()).length < 16_384, 'an answer is not out of proportion')
  }
  must(target.sessions.length <= 4, 'a request opens one session at most')
  for (const session of target.sessions) await session.close()
}

export const target = { seeds, mutate: mutateLines, maxLength: 6000, run }
