/** How many viewers of each broadcast have come to this node lately, in bounded memory. */

/** Counts arrivals by broadcast over the last seconds; see `hotArrivals` of {@link PlacementPolicy}. */
export class ArrivalMeter {
  readonly #windowMs: number
  readonly #maxBroadcasts: number
  /** Arrivals of this window and of the one before. */
  #current = new Map<string, number>()
  #previous = new Map<string, number>()
  #startMs = Number.NEGATIVE_INFINITY

  /** @param windowMs how far back it looks, up to twice as far; @param maxBroadcasts how many broadcasts it remembers per window. */
  constructor(windowMs = 5000, maxBroadcasts = 10_000) {
    this.#windowMs = windowMs
    this.#maxBroadcasts = maxBroadcasts
  }

  /** Counts a viewer; returns how many others have come to the broadcast before it. */
  add(broadcast: string, nowMs: number): number {
    this.#advance(nowMs)
    const inWindow = this.#current.get(broadcast) ?? 0
    if (inWindow > 0 || this.#current.size < this.#maxBroadcasts) this.#current.set(broadcast, inWindow + 1)
    return inWindow + (this.#previous.get(broadcast) ?? 0)
  }

  #advance(nowMs: number): void {
    const elapsedMs = nowMs - this.#startMs
    if (elapsedMs < this.#windowMs) return
    this.#previous = elapsedMs < 2 * this.#windowMs ? this.#current : new Map()
    this.#current = new Map()
    this.#startMs = nowMs
  }
}
