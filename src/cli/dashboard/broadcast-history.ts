/** The samples of one broadcast. */
import type { TrafficTotals } from '../../engine/types.js'
import type { BroadcastStats } from './dashboard-target.js'
import { BROADCAST_FIELDS, type BroadcastField, broadcastSample, type Figures } from './history-fields.js'
import { mediaFigures } from './media-figures.js'
import { SampleRing } from './sample-ring.js'
import { TrafficRate } from './traffic-rate.js'

/** Made when a broadcast is seen first. */
export class BroadcastHistory {
  readonly #ring: SampleRing<BroadcastField>
  readonly #rate = new TrafficRate()
  #newest: Figures<BroadcastField> = {}
  #totals: TrafficTotals | undefined

  constructor(capacity: number) {
    this.#ring = new SampleRing(BROADCAST_FIELDS, capacity)
  }

  /** What was sampled last. */
  get newest(): Figures<BroadcastField> {
    return this.#newest
  }

  /** RTP traffic since the broadcast began. */
  get totals(): TrafficTotals | undefined {
    return this.#totals
  }

  add(atMs: number, snapshot: BroadcastStats, joins: number): void {
    const { publishers, viewers, totals } = snapshot
    this.#totals = totals
    this.#newest = broadcastSample(
      { publishers, viewers, joins },
      this.#rate.read(atMs, totals),
      mediaFigures([snapshot]),
    )
    this.#ring.push(atMs, this.#newest)
  }

  rows(sinceMs: number): (number | null)[][] {
    return this.#ring.rows(sinceMs)
  }
}
