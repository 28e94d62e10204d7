/** The part of the command line that says whom to tell what happens. */
import { WEBHOOK_EVENTS, type WebhookEventType } from '../signaling/index.js'
import { checkSecret, type Environment, setting } from './setting.js'
import { UsageError } from './usage-error.js'

/** Where events are posted to, and what they are signed with. */
export interface WebhookArguments {
  readonly url: string
  readonly secret: string
  readonly events?: readonly WebhookEventType[]
}

/** For `parseArgs`. */
export const WEBHOOK_OPTIONS = {
  webhook: { type: 'string' },
  'webhook-secret': { type: 'string' },
  'webhook-event': { type: 'string', multiple: true },
} as const

/** What `parseArgs` made of {@link WEBHOOK_OPTIONS}. */
export interface WebhookValues {
  readonly webhook?: string | undefined
  readonly 'webhook-secret'?: string | undefined
  readonly 'webhook-event'?: string[] | undefined
}

/** Undefined where nobody is to be told. Throws {@link UsageError}; it never repeats the secret. */
export function webhookArguments(values: WebhookValues, env: Environment): WebhookArguments | undefined {
  const { webhook: url, 'webhook-secret': given, 'webhook-event': events } = values
  if (url === undefined) {
    if ((given ?? events) === undefined) return undefined
    throw new UsageError('--webhook-secret and --webhook-event need --webhook')
  }
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new UsageError(`--webhook must be an http or https URL, not ${JSON.stringify(url)}`)
  }
  const secret = setting('--webhook-secret', given, 'WEBHOOK_SECRET', env)
  if (!secret?.value) throw new UsageError('--webhook needs --webhook-secret or WEBHOOK_SECRET')
  checkSecret(secret)
  const unknown = events?.find((name) => !isEvent(name))
  if (unknown !== undefined) {
    throw new UsageError(`--webhook-event must be one of ${WEBHOOK_EVENTS.join(', ')}, not ${JSON.stringify(unknown)}`)
  }
  return { url, secret: secret.value, ...(events === undefined ? {} : { events: events.filter(isEvent) }) }
}

function isEvent(name: string): name is WebhookEventType {
  return (WEBHOOK_EVENTS as readonly string[]).includes(name)
}
