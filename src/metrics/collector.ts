/** Reads all metrics of an Sfu. */
import { BroadcastFamilies } from './broadcast-families.js'
import { loadFamilies, processFamilies } from './load-families.js'
import { MediaFamilies } from './media-families.js'
import type { MetricFamily, NumberSample } from './metric-family.js'
import { SESSION_METRICS } from './metric-table.js'
import type { MetricsBroadcast, MetricsSource } from './metrics-source.js'
import { SfuCounters } from './sfu-counters.js'

/** More metrics, of something that goes with the Sfu. */
export type MetricsPart = () => readonly MetricFamily[]

/** How a {@link Collector} is made. */
export interface CollectorOptions {
  readonly source: MetricsSource
  readonly maxBroadcasts: number
  /** Whether the figures of the process are among them. */
  readonly process: boolean
  readonly parts: readonly MetricsPart[]
  readonly unixMs: () => number
}

const STATES = ['connecting', 'connected', 'disconnected'] as const

/** See the top of the file. */
export class Collector {
  readonly #options: CollectorOptions
  readonly #counters: SfuCounters
  readonly #media = new MediaFamilies()
  readonly #broadcasts: BroadcastFamilies
  #collecting: Promise<readonly MetricFamily[]> | undefined

  constructor(options: CollectorOptions) {
    this.#options = options
    this.#counters = new SfuCounters(options.source, options.unixMs)
    this.#broadcasts = new BroadcastFamilies(options.maxBroadcasts)
  }

  /** All metrics as they are now. Who asks while they are being read gets the same ones. Rejects with `closed` or `engine-failed`. */
  collect(): Promise<readonly MetricFamily[]> {
    this.#collecting ??= this.#collect().finally(() => {
      this.#collecting = undefined
    })
    return this.#collecting
  }

  /** Counts no more. */
  close(): void {
    this.#counters.close()
  }

  async #collect(): Promise<readonly MetricFamily[]> {
    const { source, parts } = this.#options
    const { shards } = await source.summary(this.#broadcasts.assign(source.broadcasts()))
    const broadcasts = source.broadcasts()
    this.#media.update(shards)
    this.#broadcasts.update(shards)
    const { sums } = this.#media
    return [
      ...this.#sessionFamilies(broadcasts),
      ...this.#counters.families(),
      ...this.#media.families(shards),
      ...(sums === undefined ? [] : this.#broadcasts.families(broadcasts, sums)),
      ...(source.load === undefined ? [] : loadFamilies(source.load())),
      ...parts.flatMap((part) => part()),
      ...(this.#options.process ? processFamilies() : []),
    ]
  }

  #sessionFamilies(broadcasts: readonly MetricsBroadcast[]): MetricFamily[] {
    const { source } = this.#options
    const live = broadcasts.filter((broadcast) => broadcast.live).length
    const sessions = source.sessions()
    const samples: NumberSample[] = []
    const relays: NumberSample[] = []
    for (const role of ['publisher', 'viewer'] as const) {
      for (const state of STATES) {
        const value = sessions.filter((session) => session.role === role && session.state === state).length
        samples.push({ labels: { role, state }, value })
      }
      const value = sessions.filter((session) => session.role === role && session.relay !== undefined).length
      relays.push({ labels: { role }, value })
    }
    return [
      {
        ...SESSION_METRICS.broadcasts,
        samples: [
          { labels: { state: 'live' }, value: live },
          { labels: { state: 'idle' }, value: broadcasts.length - live },
        ],
      },
      { ...SESSION_METRICS.sessions, samples },
      { ...SESSION_METRICS.relays, samples: relays },
      { ...SESSION_METRICS.draining, samples: [{ labels: {}, value: Number(source.draining === true) }] },
    ]
  }
}
