/** What one shard does, measured from outside by asking it for its load now and then. */
import type { ShardMeasure } from './least-loaded.js'
import type { ShardLoad } from './types.js'

/** What is asked. */
export interface GaugedShard {
  load(): ShardLoad | Promise<ShardLoad>
}

/** See the top of the file. */
export class ShardGauge {
  #measure: ShardMeasure | undefined
  #last: ShardLoad | undefined
  #peersAtLast = 0
  #asking = false

  /** What it did between the last two answers; undefined before the second. */
  get measure(): ShardMeasure | undefined {
    return this.#measure
  }

  /** Asks the shard. One that has not answered the question before is busy. */
  async ask(shard: GaugedShard, peerCount: number): Promise<void> {
    if (this.#asking) {
      this.#measure = { packetsPerSecond: 0, peers: peerCount, ...this.#measure, busyShare: 1 }
      return
    }
    this.#asking = true
    try {
      this.#take(await shard.load(), peerCount)
    } finally {
      this.#asking = false
    }
  }

  #take(load: ShardLoad, peerCount: number): void {
    const last = this.#last
    this.#last = load
    const peers = this.#peersAtLast
    this.#peersAtLast = peerCount
    if (!last) return
    const activeMs = load.activeMs - last.activeMs
    const spanMs = activeMs + load.idleMs - last.idleMs
    if (spanMs <= 0) return
    const packets = load.datagramsIn + load.datagramsOut - last.datagramsIn - last.datagramsOut
    this.#measure = { busyShare: activeMs / spanMs, packetsPerSecond: (packets * 1000) / spanMs, peers }
  }
}
