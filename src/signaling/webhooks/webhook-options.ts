/** What users pass to `webhooks()`, checked and resolved. */
import { booleanOption, integerOption, refuseOption, stringListOption } from '../../util/options.js'
import type { DeliveryQueueConfig } from './delivery-queue.js'
import { httpPost, type WebhookFetch } from './http-post.js'
import {
  DEFAULT_WEBHOOK_EVENTS,
  WEBHOOK_EVENTS,
  type WebhookEventType,
  type WebhookHealthSource,
} from './webhook-events.js'
import { webhookSecret } from './webhook-signature.js'

/** Options of {@link webhooks}. */
export interface WebhookOptions {
  /** Where events are posted to: `https:`, or `http:`. */
  readonly url: string
  /** What they are signed with: at least 24 bytes, base64 after `whsec_` or as text. */
  readonly secret: string
  /**
   * Which events. Default all but `session-opened` and `session-closed`, which also tell of those that never got connected, and `session-health`, which
   * needs `health`.
   */
  readonly events?: readonly WebhookEventType[] | undefined
  /** What tells of the health of sessions: `health(sfu)` of `manycast/metrics`. Default none. */
  readonly health?: WebhookHealthSource | undefined
  /**
   * Whether the URL may only lead to public addresses: for URLs that users of yours have chosen, who could otherwise make the server call into its
   * own network. Excludes `fetch`. Default false.
   */
  readonly forbidPrivateAddresses?: boolean | undefined
  /** Milliseconds within which the receiver must have answered. Default 10000. */
  readonly timeoutMs?: number | undefined
  /** Attempts for each event, the first one included. Default 8, which is about two minutes. */
  readonly maxAttempts?: number | undefined
  /** Milliseconds before the second attempt; they double from attempt to attempt, and half of them is random. Default 1000. */
  readonly retryBaseMs?: number | undefined
  /** Milliseconds between two attempts, at most. Default 60000. */
  readonly retryMaxMs?: number | undefined
  /** Events that may wait; further ones are dropped and counted. Default 1000. */
  readonly maxQueued?: number | undefined
  /** Requests that may be under way at the same time, each for another broadcast. Default 8. */
  readonly maxConcurrent?: number | undefined
  /** What requests are made with, in place of `node:http`: `fetch`, or a fake in tests. It must not follow redirects. */
  readonly fetch?: WebhookFetch | undefined
}

/** {@link WebhookOptions}, resolved. */
export interface WebhookConfig {
  readonly url: string
  readonly secret: Buffer
  readonly events: ReadonlySet<WebhookEventType>
  readonly timeoutMs: number
  readonly queue: DeliveryQueueConfig
  readonly fetch: WebhookFetch
}

const HOUR_MS = 3_600_000

/** Throws `option-invalid`. */
export function resolveWebhookOptions(options: WebhookOptions): WebhookConfig {
  const isEvent = (name: string) => (WEBHOOK_EVENTS as readonly string[]).includes(name)
  const events = stringListOption('events', options.events, DEFAULT_WEBHOOK_EVENTS, 'names of events', isEvent)
  if (events.includes('session-health') && options.health === undefined) {
    refuseOption('health', 'a health monitor, as session-health is wanted', options.health)
  }
  const onlyPublic = booleanOption('forbidPrivateAddresses', options.forbidPrivateAddresses, false)
  const { fetch } = options
  if (fetch !== undefined && typeof fetch !== 'function') refuseOption('fetch', 'a function', fetch)
  // What a foreign fetch connects to cannot be seen from here.
  if (fetch !== undefined && onlyPublic) refuseOption('fetch', 'none together with forbidPrivateAddresses', fetch)
  return {
    url: webhookUrl(options.url),
    secret: webhookSecret(options.secret),
    events: new Set(events as readonly WebhookEventType[]),
    timeoutMs: integerOption('timeoutMs', options.timeoutMs, 10_000, 10, HOUR_MS),
    queue: {
      maxQueued: integerOption('maxQueued', options.maxQueued, 1000, 1, 1_000_000),
      maxConcurrent: integerOption('maxConcurrent', options.maxConcurrent, 8, 1, 1000),
      maxAttempts: integerOption('maxAttempts', options.maxAttempts, 8, 1, 100),
      retryBaseMs: integerOption('retryBaseMs', options.retryBaseMs, 1000, 1, HOUR_MS),
      retryMaxMs: integerOption('retryMaxMs', options.retryMaxMs, 60_000, 1, 24 * HOUR_MS),
    },
    fetch: fetch ?? httpPost(onlyPublic),
  }
}

function webhookUrl(value: string): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) refuseOption('url', 'an http or https URL', value)
  return url.href
}
