/** The sinks of a layer, which may come and go while they are being fed. */
import { createLog } from '../util/log.js'
import { forgetReading } from './packet-reading.js'
import type { LayerSink, MediaLayer, StoredPacket } from './types.js'

const log = createLog('media')

/** Time goes on while many sinks are fed, and what one is sent late must not look as if its network had held it up: it is asked for again behind so many. */
const SINKS_PER_LOOK = 8

/** Feeds one sink after the other. */
export class LayerSinks {
  /** A sink that leaves while all are being fed leaves a hole behind, closed when that is over. */
  readonly #sinks: (LayerSink | undefined)[] = []
  #count = 0
  /** How many times over they are being fed: what a sink does may bring the next packet. */
  #depth = 0

  /** How many there are. */
  get count(): number {
    return this.#count
  }

  /** True while packets are being handed to them. */
  get feeding(): boolean {
    return this.#depth > 0
  }

  has(sink: LayerSink): boolean {
    return this.#sinks.includes(sink)
  }

  /** All of them now. */
  all(): LayerSink[] {
    return this.#sinks.filter((sink) => sink !== undefined)
  }

  add(sink: LayerSink): void {
    this.#sinks.push(sink)
    this.#count++
  }

  /** False if it is none of them. It gets nothing any more, even while all are being fed. */
  remove(sink: LayerSink): boolean {
    const index = this.#sinks.indexOf(sink)
    if (index < 0) return false
    if (this.#depth > 0) this.#sinks[index] = undefined
    else this.#sinks.splice(index, 1)
    this.#count--
    return true
  }

  /**
   * Hands `packets[0, count)` to every sink: all of them to the one before any to the next, so that what a viewer's packets are made with is read once.
   * One that throws is removed, by `layer`, and told.
   *
   * @param time the time that it is later; without, it is `nowMs` for all.
   */
  feed(
    packets: readonly StoredPacket[],
    count: number,
    layer: MediaLayer,
    nowMs: number,
    time: (() => number) | undefined,
  ): void {
    const sinks = this.#sinks
    let atMs = nowMs
    // Sinks that come meanwhile begin with the next packet.
    const end = sinks.length
    this.#depth++
    try {
      for (let i = 0; i < end; i++) {
        const sink = sinks[i]
        if (time !== undefined && i > 0 && i % SINKS_PER_LOOK === 0) atMs = time()
        if (sink !== undefined) feedOne(sink, packets, count, layer, atMs)
      }
    } finally {
      this.#depth--
      for (let i = 0; i < count; i++) forgetReading(packets[i] as StoredPacket)
      if (this.#depth === 0 && this.#count !== sinks.length) this.#closeHoles()
    }
  }

  #closeHoles(): void {
    let to = 0
    for (const sink of this.#sinks) if (sink !== undefined) this.#sinks[to++] = sink
    this.#sinks.length = to
  }
}

function feedOne(
  sink: LayerSink,
  packets: readonly StoredPacket[],
  count: number,
  layer: MediaLayer,
  nowMs: number,
): void {
  try {
    if (sink.onPackets !== undefined) sink.onPackets(packets, count, layer, nowMs)
    else for (let i = 0; i < count; i++) sink.onPacket(packets[i] as StoredPacket, layer, nowMs)
  } catch (error) {
    log('a sink threw and was removed: %O', error)
    layer.removeSink(sink)
    sink.onFault?.(error)
  }
}
