/** The samples of one broadcast, or of all of them together. */
import type { SessionStats } from './dashboard-target.js'
import type { Figures, HistoryField, SessionCounts } from './history-fields.js'
import { mediaFigures } from './media-figures.js'
import { SampleRing } from './sample-ring.js'
import { type LossyTotals, TrafficRate } from './traffic-rate.js'

/** What there is to add. */
export interface HistorySample {
  readonly atMs: number
  readonly counts: SessionCounts
  /** Undefined where they could not be had. */
  readonly totals: LossyTotals | undefined
  /** Viewers that have been asked. */
  readonly asked: readonly SessionStats[]
  /** Further figures. */
  readonly more?: Figures
}

/** Keeps as many samples as it is made for. */
export class BroadcastHistory {
  readonly fields: readonly HistoryField[]
  readonly #ring: SampleRing<HistoryField>
  readonly #rate = new TrafficRate()
  #newest: Figures = {}
  #totals: LossyTotals | undefined

  constructor(fields: readonly HistoryField[], capacity: number) {
    this.fields = fields
    this.#ring = new SampleRing(fields, capacity)
  }

  /** What was sampled last. */
  get newest(): Figures {
    return this.#newest
  }

  /** Traffic so far; undefined before the first sample. */
  get totals(): LossyTotals | undefined {
    return this.#totals
  }

  add({ atMs, counts, totals, asked, more }: HistorySample): void {
    this.#totals = totals ?? this.#totals
    const rates = totals && this.#rate.read(atMs, totals)
    this.#newest = { ...counts, ...rates, ...mediaFigures(asked, counts.viewers), ...more }
    this.#ring.push(atMs, this.#newest)
  }

  /** See `SampleRing.rows`. */
  rows(sinceMs: number): (number | null)[][] {
    return this.#ring.rows(sinceMs)
  }
}
