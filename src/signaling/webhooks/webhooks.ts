/** Tells a server of yours what happens, by signed HTTP requests. `docs/webhooks.md` has the format. */
import { randomUUID } from 'node:crypto'
import { type Clock, systemTime, type TimerHost } from '../../util/clock.js'
import { createLog, printable } from '../../util/log.js'
import { Scheduler } from '../../util/scheduler.js'
import { type DeliveryCounters, type DeliveryOutcome, DeliveryQueue } from './delivery-queue.js'
import { listenForWebhooks, type WebhookData, type WebhookEventType, type WebhookSource } from './webhook-events.js'
import { resolveWebhookOptions, type WebhookConfig, type WebhookOptions } from './webhook-options.js'
import { signWebhook } from './webhook-signature.js'

const log = createLog('webhooks')

/** The body of a webhook. */
export interface WebhookBody {
  readonly type: WebhookEventType
  /** When it happened: ISO 8601, UTC. */
  readonly timestamp: string
  readonly data: WebhookData
}

/** What has become of the events so far. */
export type WebhookStats = Readonly<DeliveryCounters>

/** Webhooks that are on. */
export interface Webhooks {
  /** What has become of the events so far. */
  stats(): WebhookStats
  /**
   * Listens no more, and resolves when what is queued has been delivered, or after `withinMs` milliseconds (default 5000) without the rest.
   * Idempotent.
   */
  close(withinMs?: number): Promise<void>
}

/** What tests put in place of time, chance and ids. @internal */
export interface WebhookTestOptions {
  readonly time?: Clock & TimerHost
  readonly random?: () => number
  readonly createId?: () => string
}

/**
 * Posts the events of an `Sfu` to a URL, as JSON with a signature (HMAC-SHA256, as the Standard Webhooks specification has it). What the receiver does not
 * answer with 2xx is sent again, later and later; redirects are not followed. The events of one broadcast arrive in their order, each at least
 * once unless it is dropped, which is counted. Throws `option-invalid`.
 *
 * @example
 * ```ts
 * const hooks = webhooks(sfu, { url: 'https://example.org/hooks', secret: process.env.WEBHOOK_SECRET, events: ['live', 'idle'] })
 * ```
 */
export function webhooks(sfu: WebhookSource, options: WebhookOptions): Webhooks
/** @internal */
export function webhooks(sfu: WebhookSource, options: WebhookOptions, test: WebhookTestOptions): Webhooks
export function webhooks(sfu: WebhookSource, options: WebhookOptions, test: WebhookTestOptions = {}): Webhooks {
  const config = resolveWebhookOptions(options)
  const { time = systemTime, random = Math.random, createId = () => `msg_${randomUUID()}` } = test
  const scheduler = new Scheduler(time, time, (error) => log('deadline threw: %O', error))
  const sender = new WebhookSender(config, scheduler)
  const queue = new DeliveryQueue<Webhook>(config.queue, (webhook) => sender.send(webhook), scheduler, random)
  const tell = (type: WebhookEventType, data: WebhookData): void => {
    const body: WebhookBody = { type, timestamp: new Date(time.unixMs()).toISOString(), data }
    queue.add(data.broadcast, { id: createId(), body: JSON.stringify(body) })
  }
  const stop = listenForWebhooks(sfu, config.events, tell, options.health)

  const close = async (withinMs: number): Promise<void> => {
    stop()
    const timeout = scheduler.after(withinMs, () => queue.close())
    await queue.drained()
    timeout.cancel()
    queue.close()
    scheduler.close()
  }
  let closing: Promise<void> | undefined
  return {
    stats: () => ({ ...queue.counters }),
    close(withinMs = 5000) {
      closing ??= close(withinMs)
      return closing
    },
  }
}

interface Webhook {
  readonly id: string
  readonly body: string
}

class WebhookSender {
  constructor(
    private readonly config: WebhookConfig,
    private readonly scheduler: Scheduler,
  ) {}

  async send({ id, body }: Webhook): Promise<DeliveryOutcome> {
    const { url, secret, timeoutMs, fetch } = this.config
    const gone = new AbortController()
    const { signal } = gone
    const timeout = this.scheduler.after(timeoutMs, () => gone.abort(new Error(`no answer within ${timeoutMs} ms`)))
    const unixSeconds = Math.floor(this.scheduler.clock.unixMs() / 1000)
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'manycast',
      ...signWebhook(id, unixSeconds, body, secret),
    }
    try {
      const answered = fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
      const reply = await Promise.race([answered, aborted(signal)])
      reply.body?.cancel().catch(() => {})
      if (reply.status >= 200 && reply.status < 300) return { ok: true }
      log('%s: the receiver answered %d', id, reply.status)
      return { ok: false, retryAfterMs: retryAfterMs(reply.headers.get('retry-after')) }
    } catch (error) {
      log('%s: not delivered: %s', id, printable(error instanceof Error ? error.message : String(error)))
      return { ok: false }
    } finally {
      timeout.cancel()
    }
  }
}

/** Rejects when `signal` does: not every fetch takes notice of it. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

/** Seconds only; a date would be one of the receiver's clock. */
function retryAfterMs(value: string | null): number {
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) * 1000 : 0
}
