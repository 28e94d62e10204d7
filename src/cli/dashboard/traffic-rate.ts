/** Bits and packets per second, from totals that are read now and then. */
import type { TrafficTotals } from '../../engine/types.js'

/** What goes through per second. */
export interface TrafficRates {
  readonly inBps: number
  readonly outBps: number
  readonly packetsIn: number
  readonly packetsOut: number
}

/** Remembers the totals that were read last. */
export class TrafficRate {
  #last: { readonly atMs: number; readonly totals: TrafficTotals } | undefined

  /** The rates since the reading before; undefined for the first one, and when totals began anew. */
  read(atMs: number, totals: TrafficTotals): TrafficRates | undefined {
    const last = this.#last
    this.#last = { atMs, totals }
    if (last === undefined || atMs <= last.atMs) return undefined
    const seconds = (atMs - last.atMs) / 1000
    const rate = (field: keyof TrafficTotals): number => (totals[field] - last.totals[field]) / seconds
    const rates = {
      inBps: rate('rtpBytesIn') * 8,
      outBps: rate('rtpBytesOut') * 8,
      packetsIn: rate('rtpPacketsIn'),
      packetsOut: rate('rtpPacketsOut'),
    }
    // A shard that died has taken its totals along.
    return Object.values(rates).some((value) => value < 0) ? undefined : rates
  }
}
