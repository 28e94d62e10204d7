/** Which of a video's layers is read. */
import type { MediaLayer } from '../media/types.js'

/** A better layer has to have been there for so long: publishers begin with the worst ones, and try out whether better ones get through. */
export const SETTLED_MS = 2000

/** Follows which layers are there. */
export class LayerChoice {
  readonly #layers: readonly MediaLayer[]
  readonly #rid: string | undefined
  /** Since when each layer is there; infinity while it is not. */
  readonly #aliveSinceMs: number[]

  /** @param rid the only layer that is wanted; by default the best one that comes. A track without layers has but one. */
  constructor(layers: readonly MediaLayer[], rid: string | undefined) {
    this.#layers = layers
    this.#rid = layers.length > 1 ? rid : undefined
    this.#aliveSinceMs = layers.map(() => Number.POSITIVE_INFINITY)
  }

  /** The layer to read at `nowMs`, where `current` is being read; undefined while there is none. */
  choose(current: MediaLayer | undefined, nowMs: number): MediaLayer | undefined {
    this.#layers.forEach((layer, index) => {
      const since = this.#aliveSinceMs[index] as number
      this.#aliveSinceMs[index] = layer.info(nowMs).alive ? Math.min(since, nowMs) : Number.POSITIVE_INFINITY
    })
    if (this.#layers.length === 1) return this.#layers[0]
    if (this.#rid !== undefined) return this.#layers.find((layer) => layer.rid === this.#rid)
    const isThere = (forMs: number) => (_: MediaLayer, index: number) =>
      nowMs - (this.#aliveSinceMs[index] as number) >= forMs
    const goesOn = current !== undefined && isThere(0)(current, this.#layers.indexOf(current))
    // Best quality last.
    const best = this.#layers.findLast(isThere(goesOn ? SETTLED_MS : 0))
    if (!goesOn) return best ?? current
    const isBetter = best !== undefined && this.#layers.indexOf(best) > this.#layers.indexOf(current)
    return isBetter ? best : current
  }
}
