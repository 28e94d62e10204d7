/** What the dashboard shows of the last minutes: samples of the whole and of each broadcast, taken all the time, so that a reload shows the past. */
import type { TrafficTotals } from '../../engine/types.js'
import type { LoadStatsLike } from '../../signaling/admin/admin-target.js'
import { listenForWebhooks } from '../../signaling/webhooks/webhook-events.js'
import { type Clock, systemTime, type TimerHost } from '../../util/clock.js'
import { createLog } from '../../util/log.js'
import { BroadcastHistory } from './broadcast-history.js'
import type { BroadcastStats, DashboardTarget } from './dashboard-target.js'
import {
  BROADCAST_FIELDS,
  type BroadcastField,
  broadcastSample,
  type Figures,
  loadSample,
  SERVER_FIELDS,
  type ServerField,
} from './history-fields.js'
import { mediaFigures } from './media-figures.js'
import { SampleRing } from './sample-ring.js'
import { TrafficRate } from './traffic-rate.js'

const log = createLog('dashboard')

/** How much is kept. */
export interface DashboardHistoryOptions {
  /** Between two samples; default 2000. */
  readonly intervalMs?: number
  /** How far back samples go; default 600000, ten minutes. */
  readonly windowMs?: number
  /** How many broadcasts have samples of their own; default 100. Further ones count in the whole. */
  readonly maxBroadcasts?: number
  /** Default the clock and timers of the process. */
  readonly time?: Clock & TimerHost
}

/** What was read of the samples. */
export interface HistoryPart {
  readonly fields: readonly string[]
  /** Unix milliseconds and one figure per field, null for what is not known. */
  readonly samples: readonly (readonly (number | null)[])[]
  /** RTP bytes and packets so far; undefined before the first sample. */
  readonly totals: TrafficTotals | undefined
}

/** Takes samples until it is closed. */
export class DashboardHistory {
  readonly intervalMs: number
  readonly windowMs: number
  readonly #target: DashboardTarget
  readonly #time: Clock & TimerHost
  readonly #maxBroadcasts: number
  readonly #ring: SampleRing<ServerField>
  readonly #rate = new TrafficRate()
  readonly #broadcasts = new Map<string, BroadcastHistory>()
  /** Sessions that were connected since the last sample. */
  readonly #joins = new Map<string, number>()
  readonly #stopListening: () => void
  #totals: TrafficTotals | undefined
  #load: LoadStatsLike | undefined
  #cancelTimer: (() => void) | undefined
  #closed = false

  constructor(target: DashboardTarget, options: DashboardHistoryOptions = {}) {
    const { intervalMs = 2000, windowMs = 600_000, maxBroadcasts = 100, time = systemTime } = options
    this.intervalMs = intervalMs
    this.windowMs = windowMs
    this.#maxBroadcasts = maxBroadcasts
    this.#target = target
    this.#time = time
    this.#ring = new SampleRing(SERVER_FIELDS, this.#capacity)
    this.#stopListening = listenForWebhooks(
      target,
      new Set(['publisher-joined', 'viewer-joined', 'broadcast-removed']),
      (type, { broadcast }) => this.#hear(type, broadcast),
    )
  }

  /** Takes a sample now, and one per interval from then on. */
  start(): void {
    const next = (): void => {
      if (this.#closed) return
      // A slow sample delays the next one: they never run side by side.
      void this.sample().finally(() => {
        if (!this.#closed) this.#cancelTimer = this.#time.setTimer(this.intervalMs, next)
      })
    }
    next()
  }

  /** Takes no more. */
  close(): void {
    this.#closed = true
    this.#cancelTimer?.()
    this.#stopListening()
  }

  /** What the process has to bear, as of the newest sample; undefined where the target does not say. */
  get load(): LoadStatsLike | undefined {
    return this.#load
  }

  /** What is later than `sinceMs` (Unix time), of all broadcasts together or of the named one. */
  read(sinceMs: number, broadcast?: string): HistoryPart {
    if (broadcast === undefined)
      return { fields: SERVER_FIELDS, samples: this.#ring.rows(sinceMs), totals: this.#totals }
    const history = this.#broadcasts.get(broadcast)
    return { fields: BROADCAST_FIELDS, samples: history?.rows(sinceMs) ?? [], totals: history?.totals }
  }

  /** The newest sample of a broadcast. */
  newest(broadcast: string): Figures<BroadcastField> {
    return this.#broadcasts.get(broadcast)?.newest ?? {}
  }

  /** Takes one sample. Never rejects: what cannot be had is left out. */
  async sample(): Promise<void> {
    const broadcasts = this.#target.broadcasts()
    const joins = new Map(this.#joins)
    this.#joins.clear()
    // Names that came first keep their place until they are gone.
    const known = broadcasts.filter(({ name }) => this.#broadcasts.has(name))
    const fresh = broadcasts.filter(({ name }) => !this.#broadcasts.has(name))
    const followed = [...known, ...fresh].slice(0, this.#maxBroadcasts)
    const [whole, load, ...stats] = await Promise.all([
      this.#ask(() => this.#target.stats()),
      this.#ask(async () => this.#target.load?.()),
      ...followed.map(({ stats }, i) => this.#ask(() => stats.call(followed[i]))),
    ])
    if (this.#closed) return
    const atMs = this.#time.unixMs()
    this.#load = load
    const found = stats.flatMap((snapshot) => snapshot ?? [])
    for (const snapshot of found) this.#add(atMs, snapshot, joins.get(snapshot.name) ?? 0)
    this.#totals = whole?.totals ?? this.#totals
    const sum = (count: (broadcast: (typeof broadcasts)[number]) => number): number =>
      broadcasts.reduce((total, broadcast) => total + count(broadcast), 0)
    const counts = {
      publishers: sum(({ publishers }) => publishers.length),
      viewers: sum(({ viewers }) => viewers.length),
      joins: [...joins.values()].reduce((total, count) => total + count, 0),
    }
    const rates = whole && this.#rate.read(atMs, whole.totals)
    this.#ring.push(atMs, { ...broadcastSample(counts, rates, mediaFigures(found)), ...loadSample(load) })
  }

  get #capacity(): number {
    return Math.ceil(this.windowMs / this.intervalMs)
  }

  #add(atMs: number, snapshot: BroadcastStats, joins: number): void {
    const { name } = snapshot
    let history = this.#broadcasts.get(name)
    if (history === undefined) {
      // It may be gone since the sample began.
      if (!this.#target.broadcasts().some((broadcast) => broadcast.name === name)) return
      history = new BroadcastHistory(this.#capacity)
      this.#broadcasts.set(name, history)
    }
    history.add(atMs, snapshot, joins)
  }

  #hear(type: string, broadcast: string): void {
    if (type === 'broadcast-removed') this.#broadcasts.delete(broadcast)
    else this.#joins.set(broadcast, (this.#joins.get(broadcast) ?? 0) + 1)
  }

  async #ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question()
    } catch (error) {
      // A broadcast or the whole may be closing.
      log('no sample: %O', error)
      return undefined
    }
  }
}
