import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { verifyWebhook } from '../../../../src/signaling/index.js'
import { signWebhook, webhookSecret } from '../../../../src/signaling/webhooks/webhook-signature.js'

const SECRET = 'a secret of at least 24 bytes'
const NOW_MS = 1_700_000_000_000
const BODY = '{"type":"live"}'

const signed = (secret = SECRET) => signWebhook('msg_1', NOW_MS / 1000, BODY, webhookSecret(secret))

function verify(changes: Partial<Parameters<typeof verifyWebhook>[0]> = {}) {
  return verifyWebhook({ body: BODY, headers: { ...signed() }, secret: SECRET, nowMs: NOW_MS, ...changes })
}

it('is the HMAC of id, time and body, as the specification has it', () => {
  const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
  const expected = createHmac('sha256', key).update(`msg_1.1700000000.${BODY}`).digest('base64')
  expect(signed('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toEqual({
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1700000000',
    'webhook-signature': `v1,${expected}`,
  })
})

it('is what the example of the specification shows', () => {
  const key = webhookSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  const { 'webhook-signature': signature } = signWebhook(
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330,
    '{"test": 2432232314}',
    key,
  )
  expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

describe('a receiver', () => {
  it('gets the id, from the headers of node:http or Fetch', () => {
    expect(verify()).toBe('msg_1')
    expect(verify({ headers: new Headers({ ...signed() }) })).toBe('msg_1')
  })

  it('may be given several signatures while the secret is changed', () => {
    const old = signed('another secret of 24 bytes or more')['webhook-signature']
    const headers = { ...signed(), 'webhook-signature': `v2,x ${old} ${signed()['webhook-signature']}` }
    expect(verify({ headers })).toBe('msg_1')
    expect(() => verify({ headers: { ...signed(), 'webhook-signature': old } })).toThrow('not signed')
  })

  it.each([
    ['another body', { body: '{"type":"idle"}' }],
    ['another secret', { secret: 'another secret of 24 bytes or more' }],
    ['another id', { headers: { ...signed(), 'webhook-id': 'msg_2' } }],
    ['another time', { headers: { ...signed(), 'webhook-timestamp': '1700000001' } }],
    ['a time that is none', { headers: { ...signed(), 'webhook-timestamp': 'NaN' } }],
    ['no signature', { headers: { ...signed(), 'webhook-signature': undefined } }],
    ['an empty signature', { headers: { ...signed(), 'webhook-signature': 'v1,' } }],
    ['two signature headers', { headers: { ...signed(), 'webhook-signature': ['a', 'b'] } }],
    ['no headers', { headers: {} }],
    ['old age', { nowMs: NOW_MS + 301_000 }],
    ['a time to come', { nowMs: NOW_MS - 301_000 }],
    ['age beyond its own bound', { nowMs: NOW_MS + 11_000, toleranceSeconds: 10 }],
  ])('refuses %s', (_what, changes) => {
    expect(() => verify(changes)).toThrow(expect.objectContaining({ code: 'unauthorized' }))
  })

  it('may be a little late', () => {
    expect(verify({ nowMs: NOW_MS + 299_000 })).toBe('msg_1')
  })

  it.each(['', 'short', 'whsec_c2hvcnQ=', undefined])('needs a secret, which %j is not', (secret) => {
    expect(() => verify({ secret: secret as string })).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  })
})
