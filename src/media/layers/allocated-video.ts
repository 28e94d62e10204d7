/** What the allocator remembers of one video between its decisions. */
import { type LayerChoice, NO_LAYER, sameChoice, type VideoDemand, type VideoPreference } from './allocation.js'
import { buildLadder, type LadderRung } from './layer-ladder.js'
import { ALL_LAYERS } from './layer-limits.js'

const LEAST: LayerChoice = { layer: 0, spatialId: ALL_LAYERS, temporalId: ALL_LAYERS }

/** One video of a viewer. */
export class AllocatedVideo {
  readonly id: string
  choice: LayerChoice = NO_LAYER
  /** Before the last change: what is forwarded until the change has been carried out. */
  previous: LayerChoice = NO_LAYER
  ladder: readonly LadderRung[] = []
  /** Index of the choice in the ladder; -1 for none. */
  at = -1
  /** It has to be placed anew: what it had is gone or no longer permitted, or it had nothing and may have something. */
  displaced = false
  /** What the viewer wants of it is not what it wanted the last time. */
  preferenceChanged = false
  /** The server takes from it, or gives back to it, other layers than the last time. */
  loweredChanged = false
  /** The very part that it has is no longer there to be had. */
  gone = false
  /** It was paused the last time. */
  wasPaused = false
  /** The last time, nothing better was there. */
  hadBest = true
  priority = 0
  /** Since when the rate is below what the least costs; NaN while it is not. */
  starvedSinceMs = Number.NaN
  /** It has been placed by what is there. */
  #begun = false
  #preference: VideoPreference | undefined
  /** The order that all indices here go by. */
  #rids: readonly (string | undefined)[] = []
  /** By rid, so whatever the order. */
  readonly #failedUntilMs = new Map<string | undefined, number>()

  constructor(id: string) {
    this.id = id
  }

  /** The layer could not be switched to: it is not tried again before `untilMs`. */
  fail(layer: number, untilMs: number): void {
    this.#failedUntilMs.set(this.#rids[layer], untilMs)
  }

  /** The layers are in this order from now on: what was chosen stays what it was, under its new index. To be told before `update`. */
  reorder(layers: VideoDemand['layers']): void {
    const before = this.#rids
    if (layers.length === before.length && layers.every(({ rid }, i) => rid === before[i])) return
    this.#rids = layers.map(({ rid }) => rid)
    this.choice = this.#moved(this.choice, before)
    this.previous = this.#moved(this.previous, before)
  }

  /** Takes over what is there and wanted now. */
  update(demand: VideoDemand, nowMs: number): void {
    const { preference } = demand
    this.preferenceChanged = this.#preference !== undefined && !samePreference(this.#preference, preference)
    this.loweredChanged = (this.#preference?.loweredLayers ?? 0) !== (preference.loweredLayers ?? 0)
    this.wasPaused = this.#preference?.paused ?? false
    this.#preference = preference
    this.priority = preference.priority ?? 0
    if (preference.paused) {
      this.ladder = []
      this.at = -1
      this.displaced = false
      return
    }
    this.ladder = buildLadder(demand, this.choice, (layer) => this.#isUsable(layer, nowMs))
    this.at = this.#find()
    const rung = this.ladder[this.at]
    const isThere = this.ladder.length > 0
    this.gone = isThere && this.choice.layer >= 0 && (rung === undefined || !sameChoice(rung, this.choice))
    const leaves = this.gone && rung?.layer !== this.choice.layer
    this.displaced =
      isThere && (!this.#begun || this.wasPaused || leaves || this.preferenceChanged || this.loweredChanged)
    if (isThere) this.#begun = true
    // Before anything has come, the least is what is likely to come first.
    else if (!this.#begun && demand.layers.length > 0) this.choice = LEAST
  }

  #isUsable(layer: number, nowMs: number): boolean {
    return nowMs >= (this.#failedUntilMs.get(this.#rids[layer]) ?? nowMs)
  }

  #moved(choice: LayerChoice, before: readonly (string | undefined)[]): LayerChoice {
    return choice.layer < 0 ? choice : { ...choice, layer: this.#rids.indexOf(before[choice.layer]) }
  }

  /** The rung of the choice; where that is no rung any more, the best one that is no better, or the least of its layer. */
  #find(): number {
    const { layer, spatialId, temporalId } = this.choice
    const found = this.ladder.findLastIndex((rung) => {
      if (rung.layer !== layer) return rung.layer < layer
      return rung.spatialId < spatialId || (rung.spatialId === spatialId && rung.temporalId <= temporalId)
    })
    return found >= 0 ? found : this.ladder.findIndex((rung) => rung.layer === layer)
  }
}

function samePreference(a: VideoPreference, b: VideoPreference): boolean {
  return (
    a.maxRid === b.maxRid &&
    a.maxSpatialId === b.maxSpatialId &&
    a.maxTemporalId === b.maxTemporalId &&
    a.maxBitrateBps === b.maxBitrateBps &&
    a.maxWidth === b.maxWidth &&
    a.maxHeight === b.maxHeight &&
    (a.priority ?? 0) === (b.priority ?? 0)
  )
}
