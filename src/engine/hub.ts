/** One feed of a broadcast on one shard: the source it has, and the sinks that want it. */
import type { MediaSink, MediaSource } from '../media/types.js'

/** Joins one `MediaSource` at a time with any number of `MediaSink`s. */
export class Hub {
  readonly #sinks = new Set<MediaSink>()
  #source: MediaSource | undefined

  /** What the sinks get now. */
  get source(): MediaSource | undefined {
    return this.#source
  }

  /** How many sinks there are. */
  get sinkCount(): number {
    return this.#sinks.size
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
}
