/** Watches how the sessions of an Sfu do: a few at a time, so that it costs the same however many there are. */
import type { SessionInfo } from '../broadcast/session-info.js'
import type { SessionRole, SessionState } from '../broadcast/signaling-target.js'
import type { SessionStats } from '../broadcast/stats.js'
import { type Clock, systemTime, type TimerHost } from '../util/clock.js'
import { publish } from '../util/diagnostics.js'
import { TypedEmitter } from '../util/emitter.js'
import { createLog } from '../util/log.js'
import { Scheduler } from '../util/scheduler.js'
import { type HealthOptions, resolveHealthOptions } from './health-options.js'
import type { MetricFamily } from './metric-family.js'
import { SESSION_METRICS } from './metric-table.js'
import { type SessionHealth, sessionHealth } from './session-health.js'

const log = createLog('health')

/** A session, as far as its health is watched. */
export interface HealthSession {
  readonly id: string
  readonly role: SessionRole
  readonly state: SessionState
  /** The name of its broadcast. */
  readonly broadcast: string
  /** What is known of it now. */
  info(): SessionInfo
  /** Its counters; undefined once it has ended. */
  stats(): Promise<SessionStats | undefined>
}

/** An `Sfu`, or something like it. */
export interface HealthSource<Session extends HealthSession = HealthSession> {
  /** The sessions of all broadcasts. */
  sessions(): readonly Session[]
}

/** The health of a session is another than before. */
export interface HealthChange<Session extends HealthSession = HealthSession> {
  readonly session: Session
  readonly health: SessionHealth
  /** What it was; undefined at the first look. */
  readonly before: SessionHealth | undefined
}

/** Events of a {@link HealthMonitor}. */
export type HealthEvents<Session extends HealthSession = HealthSession> = {
  /** A session has become good, fair or bad; the first look tells of those only that are not good. */
  change: [change: HealthChange<Session>]
}

/** What tests put in place of time. @internal */
export interface HealthTestOptions {
  readonly time?: Clock & TimerHost
}

interface Looked {
  readonly stats: SessionStats
  readonly health: SessionHealth
}

/** How often a few sessions have their turn. */
const STEP_MS = 200

/** See the top of the file; made by {@link health}. */
export class HealthMonitor<Session extends HealthSession = HealthSession> extends TypedEmitter<HealthEvents<Session>> {
  readonly #source: HealthSource<Session>
  readonly #scheduler: Scheduler
  readonly #intervalMs: number
  readonly #perStep: number
  readonly #looked = new Map<string, Looked>()
  /** Those whose turn is yet to come in this round. */
  #waiting: Session[] = []
  #roundDueMs = 0
  #credit = 0
  #closed = false

  /** @internal */
  constructor(source: HealthSource<Session>, options: HealthOptions, time: Clock & TimerHost) {
    super()
    const { intervalMs, maxPerSecond } = resolveHealthOptions(options)
    this.#source = source
    this.#intervalMs = intervalMs
    this.#perStep = (maxPerSecond * STEP_MS) / 1000
    this.#scheduler = new Scheduler(time, time, (error) => log('deadline threw: %O', error))
    this.#scheduler.after(STEP_MS, () => this.#step())
  }

  /** How the session of that id did when it was looked at last; undefined before, and once it has ended. */
  of(sessionId: string): SessionHealth | undefined {
    return this.#looked.get(sessionId)?.health
  }

  /** The same as metrics. @internal */
  families(): readonly MetricFamily[] {
    const counts = { publisher: [0, 0, 0, 0, 0, 0], viewer: [0, 0, 0, 0, 0, 0] }
    for (const { stats, health } of this.#looked.values()) {
      const ofRole = counts[stats.role]
      ofRole[health.score] = (ofRole[health.score] ?? 0) + 1
    }
    const samples = Object.entries(counts).flatMap(([role, scores]) =>
      scores.map((value, score) => ({ labels: { role, score: String(score) }, value })),
    )
    return [{ ...SESSION_METRICS.health, samples }]
  }

  /** Looks no more. */
  close(): void {
    this.#closed = true
    this.#scheduler.close()
    this.removeAllListeners()
  }

  #step(): void {
    this.#scheduler.after(STEP_MS, () => this.#step())
    const nowMs = this.#scheduler.clock.nowMs()
    if (this.#waiting.length === 0 && nowMs >= this.#roundDueMs) this.#beginRound(nowMs)
    this.#credit = Math.min(Math.max(1, this.#perStep), this.#credit + this.#perStep)
    const count = Math.floor(this.#credit)
    this.#credit -= count
    for (const session of this.#waiting.splice(0, count)) {
      this.#look(session).catch((error: unknown) => log('%s: %O', session.id, error))
    }
  }

  #beginRound(nowMs: number): void {
    this.#roundDueMs = nowMs + this.#intervalMs
    const sessions = this.#source.sessions()
    const ids = new Set(sessions.map(({ id }) => id))
    for (const id of this.#looked.keys()) if (!ids.has(id)) this.#looked.delete(id)
    this.#waiting = sessions.filter(({ state }) => state === 'connected' || state === 'disconnected')
  }

  async #look(session: Session): Promise<void> {
    const stats = await session.stats()
    if (this.#closed) return
    const last = this.#looked.get(session.id)
    if (stats === undefined) {
      this.#looked.delete(session.id)
      return
    }
    const health = sessionHealth(last?.stats, stats)
    this.#looked.set(session.id, { stats, health })
    if (health.level === (last?.health.level ?? 'good')) return
    const change: HealthChange<Session> = { session, health, before: last?.health }
    publish('manycast:session:health', change)
    this.emit('change', change)
  }
}

/**
 * Watches how the sessions of an `Sfu` do, and tells when one becomes good, fair or bad. It looks at each every 10 s, at 50 sessions per second at most, and
 * costs the media a snapshot each time. It stops with `close`. Throws `option-invalid`.
 *
 * @example
 * ```ts
 * const monitor = health(sfu)
 * monitor.on('change', ({ session, health }) => console.log(session.id, health.score, health.reason))
 * ```
 */
export function health<Session extends HealthSession>(
  sfu: HealthSource<Session>,
  options?: HealthOptions,
): HealthMonitor<Session>
/** @internal */
export function health<Session extends HealthSession>(
  sfu: HealthSource<Session>,
  options: HealthOptions,
  test: HealthTestOptions,
): HealthMonitor<Session>
export function health<Session extends HealthSession>(
  sfu: HealthSource<Session>,
  options: HealthOptions = {},
  { time = systemTime }: HealthTestOptions = {},
): HealthMonitor<Session> {
  return new HealthMonitor(sfu, options, time)
}
