/** Bits and packets per second, and the part that is lost, from totals that are read now and then. */
import type { TrafficTotals } from '../../engine/types.js'

/** Traffic so far, with the packets of publishers that did not come by themselves, and those that viewers report as lost. */
export interface LossyTotals extends TrafficTotals {
  readonly packetsLostIn: number
  readonly packetsLostOut: number
}

/** What goes through per second, and which part of it is lost, 0 to 1 and before repair; undefined where nothing goes through. */
export interface TrafficRates {
  readonly inBps: number
  readonly outBps: number
  readonly packetsIn: number
  readonly packetsOut: number
  readonly lossIn: number | undefined
  readonly lossOut: number | undefined
}

/** Remembers the totals that were read last. */
export class TrafficRate {
  #last: { readonly atMs: number; readonly totals: LossyTotals } | undefined

  /** The rates since the reading before; undefined for the first one, and when totals began anew. */
  read(atMs: number, totals: LossyTotals): TrafficRates | undefined {
    const last = this.#last
    this.#last = { atMs, totals }
    if (last === undefined || atMs <= last.atMs) return undefined
    const seconds = (atMs - last.atMs) / 1000
    const change = (field: keyof LossyTotals): number => totals[field] - last.totals[field]
    const traffic = {
      inBps: (change('rtpBytesIn') * 8) / seconds,
      outBps: (change('rtpBytesOut') * 8) / seconds,
      packetsIn: change('rtpPacketsIn') / seconds,
      packetsOut: change('rtpPacketsOut') / seconds,
    }
    // A shard that died has taken its totals along.
    if (Object.values(traffic).some((value) => value < 0)) return undefined
    return {
      ...traffic,
      // What is lost on the way to us has to be added to what came; what we sent is all there was.
      lossIn: part(change('packetsLostIn'), change('rtpPacketsIn') + change('packetsLostIn')),
      lossOut: part(change('packetsLostOut'), change('rtpPacketsOut')),
    }
  }
}

/** A late packet takes a loss back that was counted before. */
function part(lost: number, all: number): number | undefined {
  return all <= 0 ? undefined : Math.min(1, Math.max(0, lost / all))
}
