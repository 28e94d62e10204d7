/** One broadcast on one shard: the source it has, and the sinks that want it. */
import type { MediaSink, MediaSource } from '../media/types.js'
import { NO_TRAFFIC, sumTotals } from './traffic.js'
import type { TrafficTotals } from './types.js'

/** Joins one `MediaSource` at a time with any number of `MediaSink`s. */
export class Hub {
  readonly #sinks = new Set<MediaSink>()
  #source: MediaSource | undefined
  #past: TrafficTotals = NO_TRAFFIC
  /** Peers of the broadcast on this shard. */
  peerCount = 0
  /** The broadcast is over; its traffic is of no interest any more. */
  removed = false

  constructor(readonly broadcastId: string) {}

  /** True while there is something to keep it for, besides pipes. */
  get inUse(): boolean {
    return this.peerCount > 0 || (!this.removed && this.#past !== NO_TRAFFIC)
  }

  /** What the sinks get now. */
  get source(): MediaSource | undefined {
    return this.#source
  }

  /** How many sinks there are. */
  get sinkCount(): number {
    return this.#sinks.size
  }

  /** Traffic of peers that have left. */
  get pastTotals(): TrafficTotals {
    return this.#past
  }

  /** From now on the sinks get `source`, or nothing. */
  setSource(source: MediaSource | undefined, nowMs: number): void {
    if (source === this.#source) return
    this.#source = source
    for (const sink of this.#sinks) sink.setSource(source, nowMs)
  }

  /** `sink` gets the source there is and every later one. */
  addSink(sink: MediaSink, nowMs: number): void {
    this.#sinks.add(sink)
    sink.setSource(this.#source, nowMs)
  }

  /** `sink` gets nothing any more. */
  removeSink(sink: MediaSink, nowMs: number): void {
    if (this.#sinks.delete(sink)) sink.setSource(undefined, nowMs)
  }

  /** Keeps the traffic of a peer that leaves. */
  addPastTotals(totals: TrafficTotals): void {
    this.#past = sumTotals(this.#past, totals)
  }
}
