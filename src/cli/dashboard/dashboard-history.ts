/** What the dashboard shows of the last minutes: samples of the whole and of each broadcast, taken all the time, so that a reload shows the past. */
import type { LoadStatsLike } from '../../signaling/admin/admin-target.js'
import { listenForWebhooks } from '../../signaling/webhooks/webhook-events.js'
import { type Clock, systemTime, type TimerHost } from '../../util/clock.js'
import { createLog } from '../../util/log.js'
import { BroadcastHistory } from './broadcast-history.js'
import type { DashboardBroadcast, DashboardTarget } from './dashboard-target.js'
import { BROADCAST_FIELDS, type Figures, loadFigures, SERVER_FIELDS } from './history-fields.js'
import { readTotals } from './read-totals.js'
import type { LossyTotals } from './traffic-rate.js'
import { ViewerPoll } from './viewer-poll.js'

const log = createLog('dashboard')

/** How much is kept, and asked for. */
export interface DashboardHistoryOptions {
  /** Between two samples; default 2000. */
  readonly intervalMs?: number
  /** How far back samples go; default 600000, ten minutes. */
  readonly windowMs?: number
  /** How many broadcasts have samples of their own; default 100. Further ones count in the whole. */
  readonly maxBroadcasts?: number
  /** How many viewers are asked at each sample, all of them in turn, for round trip times and layers; default 50. */
  readonly viewersAtOnce?: number
  /** Default the clock and timers of the process. */
  readonly time?: Clock & TimerHost
}

/** What was read of the samples. */
export interface HistoryPart {
  readonly fields: readonly string[]
  /** Unix milliseconds and one figure per field, null for what is not known. */
  readonly samples: readonly (readonly (number | null)[])[]
  /** RTP bytes and packets so far; undefined before the first sample. */
  readonly totals: LossyTotals | undefined
}

/** Takes samples until it is closed. */
export class DashboardHistory {
  readonly intervalMs: number
  readonly windowMs: number
  readonly #target: DashboardTarget
  readonly #time: Clock & TimerHost
  readonly #maxBroadcasts: number
  readonly #poll: ViewerPoll
  readonly #whole: BroadcastHistory
  readonly #broadcasts = new Map<string, BroadcastHistory>()
  /** Sessions that were connected since the last sample. */
  #joins = new Map<string, number>()
  readonly #stopListening: () => void
  #load: LoadStatsLike | undefined
  #cancelTimer: (() => void) | undefined
  #closed = false

  constructor(target: DashboardTarget, options: DashboardHistoryOptions = {}) {
    const {
      intervalMs = 2000,
      windowMs = 600_000,
      maxBroadcasts = 100,
      viewersAtOnce = 50,
      time = systemTime,
    } = options
    this.intervalMs = intervalMs
    this.windowMs = windowMs
    this.#maxBroadcasts = maxBroadcasts
    this.#target = target
    this.#time = time
    this.#poll = new ViewerPoll(viewersAtOnce)
    this.#whole = new BroadcastHistory(SERVER_FIELDS, this.#capacity)
    this.#stopListening = listenForWebhooks(
      target,
      new Set(['publisher-joined', 'viewer-joined', 'broadcast-removed']),
      (type, { broadcast }) => {
        if (type === 'broadcast-removed') this.#broadcasts.delete(broadcast)
        else this.#joins.set(broadcast, (this.#joins.get(broadcast) ?? 0) + 1)
      },
    )
  }

  /** Takes a sample now, and one per interval from then on. */
  start(): void {
    const next = async (): Promise<void> => {
      await this.sample()
      // A slow sample delays the next one: they never run side by side.
      if (!this.#closed) this.#cancelTimer = this.#time.setTimer(this.intervalMs, () => void next())
    }
    void next()
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
    const history = broadcast === undefined ? this.#whole : this.#broadcasts.get(broadcast)
    const fields = broadcast === undefined ? SERVER_FIELDS : BROADCAST_FIELDS
    return { fields, samples: history?.rows(sinceMs) ?? [], totals: history?.totals }
  }

  /** The newest sample of a broadcast. */
  newest(broadcast: string): Figures {
    return this.#broadcasts.get(broadcast)?.newest ?? {}
  }

  /** Takes one sample. Never rejects: what cannot be had is left out. */
  async sample(): Promise<void> {
    const broadcasts = this.#target.broadcasts()
    const joins = this.#joins
    this.#joins = new Map()
    const followed = this.#follow(broadcasts)
    const [totals, asked, load] = await Promise.all([
      this.#ask(() => readTotals(this.#target, followed)),
      this.#poll.ask(this.#target.sessions()),
      this.#ask(async () => this.#target.load?.()),
    ])
    if (this.#closed) return
    const atMs = this.#time.unixMs()
    this.#load = load
    const all = { publishers: 0, viewers: 0, joins: 0, copies: 0 }
    for (const broadcast of broadcasts) {
      const { name } = broadcast
      const [publishers, viewers] = [broadcast.publishers.length, broadcast.viewerCount]
      // Relays get their copies, too.
      const copies = publishers * broadcast.viewers.length
      const counts = { publishers, viewers, joins: joins.get(name) ?? 0, copies }
      for (const field of ['publishers', 'viewers', 'joins', 'copies'] as const) all[field] += counts[field]
      const own = asked.filter((session) => session.broadcast === name)
      this.#broadcasts.get(name)?.add({ atMs, counts, totals: totals?.broadcasts.get(name), asked: own })
    }
    this.#whole.add({ atMs, counts: all, totals: totals?.whole, asked, more: loadFigures(load) })
  }

  get #capacity(): number {
    return Math.ceil(this.windowMs / this.intervalMs)
  }

  /** The names of those that have samples of their own: who came first keeps that until it is gone. */
  #follow(broadcasts: readonly DashboardBroadcast[]): readonly string[] {
    for (const { name } of broadcasts) {
      if (this.#broadcasts.size >= this.#maxBroadcasts) break
      if (!this.#broadcasts.has(name)) {
        this.#broadcasts.set(name, new BroadcastHistory(BROADCAST_FIELDS, this.#capacity))
      }
    }
    return [...this.#broadcasts.keys()]
  }

  async #ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question()
    } catch (error) {
      log('no sample: %O', error)
      return undefined
    }
  }
}
