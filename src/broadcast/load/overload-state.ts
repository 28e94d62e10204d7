/** Overloaded or not, with patience in both directions; in between, how many layers viewers do without. Pure: time is passed in. */
import type { OverloadConfig } from './overload-options.js'

/** So many of the best layers viewers do without, at most. */
const MAX_LOWERED = 2
/** A layer that is given back and is too much again within that time is kept for twice as long the next time. */
const TOO_SOON_MS = 60_000
const MAX_PATIENCE = 32

type Patience = Pick<OverloadConfig, 'lowerLayersFirst' | 'overloadedAfterMs' | 'recoveredAfterMs' | 'recoverBelow'>

/** See the top of the file. */
export class OverloadState {
  /** Whether newcomers are refused. */
  overloaded = false
  /** How many of the best layers viewers do without. */
  loweredLayers = 0
  readonly #config: Patience
  /** Since when it has been too much, or little enough; undefined while it is neither. */
  #aboveSinceMs: number | undefined
  #belowSinceMs: number | undefined
  #givenBackMs = Number.NEGATIVE_INFINITY
  /** How many times `recoveredAfterMs` are waited before a layer is given back. */
  #patience = 1

  constructor(config: Patience) {
    this.#config = config
  }

  /** Takes note of the worst figure as a part of its limit. */
  update(utilization: number, nowMs: number): void {
    const { overloadedAfterMs, recoveredAfterMs, recoverBelow } = this.#config
    this.#aboveSinceMs = utilization > 1 ? (this.#aboveSinceMs ?? nowMs) : undefined
    this.#belowSinceMs = utilization < recoverBelow ? (this.#belowSinceMs ?? nowMs) : undefined
    if (this.#aboveSinceMs !== undefined && nowMs - this.#aboveSinceMs >= overloadedAfterMs) this.#worse(nowMs)
    const waitMs = recoveredAfterMs * (this.overloaded ? 1 : this.#patience)
    if (this.#belowSinceMs !== undefined && nowMs - this.#belowSinceMs >= waitMs) this.#better(nowMs)
  }

  /** The next step is taken when this one has had time to have an effect. */
  #worse(nowMs: number): void {
    if (!this.#config.lowerLayersFirst || this.loweredLayers === MAX_LOWERED) {
      this.overloaded = true
      return
    }
    const isTooSoon = nowMs - this.#givenBackMs < TOO_SOON_MS * this.#patience
    this.#patience = isTooSoon ? Math.min(MAX_PATIENCE, 2 * this.#patience) : 1
    this.loweredLayers++
    this.#aboveSinceMs = nowMs
  }

  #better(nowMs: number): void {
    if (this.overloaded) this.overloaded = false
    else if (this.loweredLayers > 0) {
      this.loweredLayers--
      this.#givenBackMs = nowMs
    }
    this.#belowSinceMs = nowMs
  }
}
