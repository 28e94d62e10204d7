/**
 * Signatures of webhooks, as the Standard Webhooks specification has them (version 1.0, https://www.standardwebhooks.com): HMAC-SHA256 over id,
 * time and body, so that receivers can verify them with a library for their language.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { BroadcastError } from '../../errors.js'

const SECRET_PREFIX = 'whsec_'
const MIN_SECRET_BYTES = 24
const DEFAULT_TOLERANCE_SECONDS = 300

/** The headers of a signed request. */
export interface WebhookHeaders {
  /** The same for every attempt to deliver an event. */
  readonly 'webhook-id': string
  /** Seconds since the Unix epoch, of the attempt. */
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

/** The bytes of a secret: base64 after `whsec_`, or the text itself. Throws `option-invalid`, without the secret in it. */
export function webhookSecret(secret: string): Buffer {
  const text = typeof secret === 'string' ? secret : ''
  const bytes = text.startsWith(SECRET_PREFIX)
    ? Buffer.from(text.slice(SECRET_PREFIX.length), 'base64')
    : Buffer.from(text)
  if (bytes.length >= MIN_SECRET_BYTES) return bytes
  throw new BroadcastError('option-invalid', `option secret: expected at least ${MIN_SECRET_BYTES} bytes`, {
    details: { option: 'secret' },
  })
}

/** The headers for `body`. */
export function signWebhook(id: string, unixSeconds: number, body: string, secret: Buffer): WebhookHeaders {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(unixSeconds),
    'webhook-signature': `v1,${signature(id, String(unixSeconds), body, secret)}`,
  }
}

/** What {@link verifyWebhook} needs. */
export interface ReceivedWebhook {
  /** The body as it came, not parsed and written anew. */
  readonly body: string
  /** The headers, as `node:http` or Fetch has them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>> | Headers
  readonly secret: string
  /** How old or how far ahead it may be, in seconds; default 300. What is older may be a replay. */
  readonly toleranceSeconds?: number
  /** The time; default now, in milliseconds since the Unix epoch. */
  readonly nowMs?: number
}

/**
 * For the receiver: returns the id of a webhook that is genuine and fresh. The same id may come again after a delivery that failed half way. Throws
 * `unauthorized` for everything else, `option-invalid` for a secret that is none.
 *
 * @example
 * ```ts
 * const body = await request.text()
 * verifyWebhook({ body, headers: request.headers, secret: process.env.WEBHOOK_SECRET })
 * const { type, data } = JSON.parse(body)
 * ```
 */
export function verifyWebhook(received: ReceivedWebhook): string {
  const { body, headers, toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, nowMs = Date.now() } = received
  const secret = webhookSecret(received.secret)
  const id = header(headers, 'webhook-id')
  const timestamp = header(headers, 'webhook-timestamp')
  const ageSeconds = Math.abs(nowMs / 1000 - Number(timestamp))
  if (id === '' || !/^\d+$/.test(timestamp) || !(ageSeconds <= toleranceSeconds)) throw refusal()
  const expected = Buffer.from(signature(id, timestamp, body, secret))
  // There are several while a secret is being changed.
  const given = header(headers, 'webhook-signature').split(' ')
  const isGenuine = given.some((one) => {
    const [version, value = ''] = one.split(',')
    const bytes = Buffer.from(value)
    return version === 'v1' && bytes.length === expected.length && timingSafeEqual(bytes, expected)
  })
  if (!isGenuine) throw refusal()
  return id
}

function signature(id: string, timestamp: string, body: string, secret: Buffer): string {
  return createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
}

function header(headers: ReceivedWebhook['headers'], name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name]
  return typeof value === 'string' ? value : ''
}

function refusal(): BroadcastError {
  return new BroadcastError('unauthorized', 'the webhook is not signed with the secret, or is too old')
}
