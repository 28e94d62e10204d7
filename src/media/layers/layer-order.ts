/**
 * Which layers of a video are better than which. Publishers name them in the order that they prefer, which says nothing of their quality
 * (RFC 8853, section 5.2): some begin with the best, some with the least. So larger pictures are better, and where sizes do not tell, what
 * costs clearly more.
 *
 * An order that has been found is kept until the contrary has shown for a while: layers fall silent and come back, encoders change their
 * pictures one after the other, and rates go up and down.
 */
import type { LayerInfo } from './layer-info.js'

/** Of two layers that no size tells apart, one is better if it costs this many times as much. */
const CLEARLY = 1.5
/** For how long sizes, or rates, have to say the contrary. Sizes change with the next keyframe of each layer, rates with the picture. */
const SIZE_HOLD_MS = 2000
const RATE_HOLD_MS = 5000

/** What two layers have been compared by. */
const NOTHING = 0
const RATE = 1
const SIZE = 2

/** Two layers, as indices. */
interface LayerPair {
  readonly a: number
  readonly b: number
  /** The best that they have been compared by so far: something better is believed at once. */
  told: number
  /** Since when they should be in the other order; NaN while they should not. */
  contrarySinceMs: number
}

/** The order of one video's layers. */
export class LayerOrder {
  #order: readonly number[]
  /** Of each layer, its index in the order. */
  readonly #places: number[]
  readonly #pairs: readonly LayerPair[]
  /** Layers that have ever been there: how the others are compared does not depend on those that never were. */
  readonly #seen: boolean[]
  #criterion = NOTHING

  /** @param count how many layers there are. The order begins as the publisher has named them. */
  constructor(count: number) {
    const layers = Array.from({ length: count }, (_, layer) => layer)
    this.#order = layers
    this.#places = [...layers]
    this.#seen = layers.map(() => false)
    this.#pairs = layers.flatMap((b) =>
      layers.slice(0, b).map((a) => ({ a, b, told: NOTHING, contrarySinceMs: Number.NaN })),
    )
  }

  /**
   * The order now, worst first, as indices into `infos`; the same array while nothing changes. To be called several times a second.
   *
   * @param infos the facts about the layers, in the order in which the publisher has named them.
   */
  update(infos: readonly LayerInfo[], nowMs: number): readonly number[] {
    if (this.#pairs.length === 0) return this.#order
    this.#chooseCriterion(infos)
    let due: LayerPair[] | undefined
    for (const pair of this.#pairs) {
      if (!this.#isDue(pair, infos, nowMs)) continue
      due ??= []
      due.push(pair)
    }
    if (due !== undefined) this.#sort(infos, due)
    return this.#order
  }

  /** One for all pairs, or they could contradict each other: sizes, unless a layer that has been there does not say its. */
  #chooseCriterion(infos: readonly LayerInfo[]): void {
    let criterion = SIZE
    for (const [layer, info] of infos.entries()) {
      const isSized = !Number.isNaN(pixelsOf(info))
      if (info.alive || isSized) this.#seen[layer] = true
      if (this.#seen[layer] && !isSized) criterion = RATE
    }
    this.#criterion = criterion
  }

  /** True if the pair has to be in the other order from now on. */
  #isDue(pair: LayerPair, infos: readonly LayerInfo[], nowMs: number): boolean {
    const [a, b] = [infos[pair.a] as LayerInfo, infos[pair.b] as LayerInfo]
    const difference = this.#compare(a, b)
    const isContrary = difference * ((this.#places[pair.a] as number) - (this.#places[pair.b] as number)) < 0
    if (pair.told < this.#criterion && !Number.isNaN(difference)) {
      pair.told = this.#criterion
      return isContrary
    }
    // What is silent says nothing new.
    if (!isContrary || !a.alive || !b.alive) pair.contrarySinceMs = Number.NaN
    else if (Number.isNaN(pair.contrarySinceMs)) pair.contrarySinceMs = nowMs
    return nowMs - pair.contrarySinceMs >= (this.#criterion === SIZE ? SIZE_HOLD_MS : RATE_HOLD_MS)
  }

  /** Changes as little as the pairs that are due allow. */
  #sort(infos: readonly LayerInfo[], due: readonly LayerPair[]): void {
    const overtakes = (worse: number, better: number): boolean =>
      due.some(({ a, b }) => (a === worse && b === better) || (a === better && b === worse))
    const precedes = (worse: number, better: number): boolean => {
      if (!(this.#compare(infos[worse] as LayerInfo, infos[better] as LayerInfo) < 0)) return false
      return (this.#places[worse] as number) < (this.#places[better] as number) || overtakes(worse, better)
    }
    const rest = [...this.#order]
    const order: number[] = []
    while (rest.length > 0) {
      // There always is one: who precedes whom follows from numbers that are the same for all.
      const at = rest.findIndex((layer) => !rest.some((other) => precedes(other, layer)))
      order.push(...rest.splice(at, 1))
    }
    this.#order = order
    for (const [place, layer] of order.entries()) this.#places[layer] = place
  }

  /** Negative if `a` is worse, positive if it is better, 0 if neither is clear; NaN where they cannot be compared. */
  #compare(a: LayerInfo, b: LayerInfo): number {
    const pixels = this.#criterion === SIZE ? pixelsOf(a) - pixelsOf(b) : 0
    if (pixels !== 0) return pixels
    const difference = a.bitrateBps - b.bitrateBps
    const isClear = Math.max(a.bitrateBps, b.bitrateBps) > CLEARLY * Math.min(a.bitrateBps, b.bitrateBps)
    return isClear || Number.isNaN(difference) ? difference : 0
  }
}

function pixelsOf({ width, height }: LayerInfo): number {
  return width === undefined || height === undefined ? Number.NaN : width * height
}
