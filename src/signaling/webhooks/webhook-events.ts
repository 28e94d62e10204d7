/** What happens on an Sfu, as the events of webhooks. */
import type { SessionInfo } from '../../broadcast/session-info.js'
import type { CloseReason } from '../../broadcast/signaling-target.js'

/** What is told unless something else is asked for. */
export const DEFAULT_WEBHOOK_EVENTS = [
  'broadcast-added',
  'broadcast-removed',
  'publisher-joined',
  'publisher-left',
  'live',
  'idle',
  'viewer-joined',
  'viewer-left',
] as const

/** The events there are; those of `Sfu` and `Broadcast` of the same names, and `session-health` of a health monitor. */
export const WEBHOOK_EVENTS = [...DEFAULT_WEBHOOK_EVENTS, 'session-opened', 'session-closed', 'session-health'] as const

/** One of the events that webhooks tell of. */
export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number]

/** What is known of an event. */
export interface WebhookData {
  /** The name of the broadcast. */
  readonly broadcast: string
  /** The session that came, went, or made the broadcast live; with `closeReason` if it went. */
  readonly session?: SessionInfo
  /** How the session does now, with `session-health`. */
  readonly health?: WebhookHealth
}

/** How a session does; `docs/metrics.md` says what it is told from. */
export interface WebhookHealth {
  /** From 0, nothing works, to 5, nothing is wrong. */
  readonly score: number
  readonly level: 'good' | 'fair' | 'bad'
  /** In words. */
  readonly reason: string
}

/** What tells of the health of sessions; `health(sfu)` of `manycast/metrics` makes one. */
export interface WebhookHealthSource {
  /** A session has become good, fair or bad. Returns the way to stop. */
  on(
    event: 'change',
    listener: (change: {
      readonly session: WebhookSession & { readonly broadcast: string }
      readonly health: WebhookHealth
    }) => void,
  ): () => void
}

/** A session, as far as webhooks tell of it. */
export interface WebhookSession {
  /** What is known of it now. */
  info(): SessionInfo
}

/** A broadcast, as far as webhooks listen to it. */
export interface WebhookBroadcast {
  readonly name: string
  /** A session has come, or made the broadcast live. Returns the way to stop, as all of these. */
  on(
    event: 'session-opened' | 'publisher-joined' | 'viewer-joined' | 'live',
    listener: (session: WebhookSession) => void,
  ): () => void
  /** A session has ended. */
  on(
    event: 'session-closed' | 'publisher-left' | 'viewer-left',
    listener: (session: WebhookSession, reason: CloseReason) => void,
  ): () => void
  /** There is no publisher any more, or the broadcast is closed. */
  on(event: 'idle' | 'closed', listener: () => void): () => void
}

/** An `Sfu`, or something like it. */
export interface WebhookSource {
  /** The broadcasts there are. */
  broadcasts(): readonly WebhookBroadcast[]
  /** A broadcast has been made, or begins to close. Returns the way to stop. */
  on(event: 'broadcast-added' | 'broadcast-removed', listener: (broadcast: WebhookBroadcast) => void): () => void
}

/** Those that come with a session. */
const SESSION_EVENTS = [
  'session-opened',
  'session-closed',
  'publisher-joined',
  'publisher-left',
  'viewer-joined',
  'viewer-left',
  'live',
] as const

/** Calls `tell` at every one of `wanted`, on broadcasts that there are and on later ones; returns the way to stop. */
export function listenForWebhooks(
  source: WebhookSource,
  wanted: ReadonlySet<WebhookEventType>,
  tell: (type: WebhookEventType, data: WebhookData) => void,
  health?: WebhookHealthSource,
): () => void {
  const stops = new Map<WebhookBroadcast, readonly (() => void)[]>()
  const attach = (broadcast: WebhookBroadcast): void => {
    const { name } = broadcast
    const off: (() => void)[] = []
    for (const type of SESSION_EVENTS) {
      if (!wanted.has(type)) continue
      // The overloads have one shape; what differs are the names.
      off.push(broadcast.on(type as 'live', (session) => tell(type, { broadcast: name, session: session.info() })))
    }
    if (wanted.has('idle')) off.push(broadcast.on('idle', () => tell('idle', { broadcast: name })))
    off.push(broadcast.on('closed', () => stops.delete(broadcast)))
    stops.set(broadcast, off)
  }
  const offAdded = source.on('broadcast-added', (broadcast) => {
    if (wanted.has('broadcast-added')) tell('broadcast-added', { broadcast: broadcast.name })
    attach(broadcast)
  })
  const offRemoved = source.on('broadcast-removed', (broadcast) => {
    // Its name is free from now on; how its last sessions end is yet to be told.
    if (wanted.has('broadcast-removed')) tell('broadcast-removed', { broadcast: broadcast.name })
  })
  const offHealth = health?.on('change', ({ session, health: { score, level, reason } }) => {
    if (!wanted.has('session-health')) return
    tell('session-health', { broadcast: session.broadcast, session: session.info(), health: { score, level, reason } })
  })
  for (const broadcast of source.broadcasts()) attach(broadcast)
  return () => {
    offHealth?.()
    offAdded()
    offRemoved()
    for (const off of stops.values()) for (const stop of off) stop()
    stops.clear()
  }
}
