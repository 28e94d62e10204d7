/**
 * Which decode target of a dependency structure a viewer follows, and where it may change to another (RTP Payload Format For AV1, v1.0,
 * appendix A, sections A.3 and A.4).
 */
import type { DependencyDescriptor } from '../codecs/dependency-descriptor.js'
import { type DependencyStructure, isSubset } from '../codecs/dependency-structure.js'
import { ALL_LAYERS, type LayerLimits } from './layer-limits.js'

const NO_LIMITS: LayerLimits = { spatialId: ALL_LAYERS, temporalId: ALL_LAYERS }

/** The decode target of one stream to one viewer. */
export class DecodeTargetChoice {
  #structure: DependencyStructure | undefined
  #active = 0xffff_ffff
  #target = -1

  /** Nothing is known of what comes. */
  reset(): void {
    this.#structure = undefined
    this.#active = 0xffff_ffff
    this.#target = -1
  }

  /** The layers that the target has at most. */
  get spatialId(): number {
    return this.#structure?.targets[this.#target]?.spatialId ?? 0
  }

  get temporalId(): number {
    return this.#structure?.targets[this.#target]?.temporalId ?? 0
  }

  /** True if `limits` allow more than the target has and the structure offers. */
  wantsMore(limits: LayerLimits): boolean {
    return this.#structure !== undefined && this.#best(this.#structure, limits) !== this.#target
  }

  /** The first packet of a frame that is newer than all before it: changes the target where that is possible. */
  follow(frame: DependencyDescriptor, limits: LayerLimits, beginsPicture: boolean): void {
    const { structure } = frame
    if (structure === undefined) return
    if (frame.activeTargets >= 0) this.#active = frame.activeTargets
    if (structure !== this.#structure) {
      // Seen for the first time amid a sequence: so far everything was forwarded.
      const unlimited = this.#structure === undefined && !frame.structureAttached
      this.#structure = structure
      this.#target = this.#best(structure, unlimited ? NO_LIMITS : limits)
    }
    // A frame with a structure of its own begins a sequence, unless it refers to others.
    if (frame.structureAttached && frame.referenceCount === 0) {
      this.#target = this.#best(structure, limits)
      return
    }
    const target = this.#best(structure, limits)
    if (target === this.#target || !beginsPicture) return
    if (this.#canFallTo(structure, target)) this.#target = target
    else this.#climb(frame, structure, limits)
  }

  /** True if the frame belongs to the target. */
  needs(frame: DependencyDescriptor): boolean {
    if (frame.structure === this.#structure) return frame.isNeededBy(this.#target)
    // From before the structure changed.
    return frame.spatialId <= this.spatialId && frame.temporalId <= this.temporalId
  }

  #canFallTo(structure: DependencyStructure, target: number): boolean {
    const to = structure.targets[target]
    if (to === undefined || to.spatialId > this.spatialId || to.temporalId > this.temporalId) return false
    return isSubset(structure, target, this.#target)
  }

  /** To the best target that this very frame lets a receiver of the present one switch to. */
  #climb(frame: DependencyDescriptor, structure: DependencyStructure, limits: LayerLimits): void {
    if (!frame.isNeededBy(this.#target) && frame.referenceCount > 0) return
    let best = this.#isAllowed(structure, this.#target, limits) ? this.#target : -1
    for (let i = 0; i < structure.targets.length; i++) {
      if (frame.isSwitchTo(i) && this.#isAllowed(structure, i, limits) && isBetter(structure, i, best)) best = i
    }
    if (best >= 0) this.#target = best
  }

  #best(structure: DependencyStructure, limits: LayerLimits): number {
    let best = -1
    for (let i = 0; i < structure.targets.length; i++) {
      if (this.#isAllowed(structure, i, limits) && isBetter(structure, i, best)) best = i
    }
    return best < 0 ? lowest(structure) : best
  }

  #isAllowed(structure: DependencyStructure, target: number, limits: LayerLimits): boolean {
    const layers = structure.targets[target]
    if (layers === undefined || ((this.#active >>> target) & 1) === 0) return false
    return layers.spatialId <= limits.spatialId && layers.temporalId <= limits.temporalId
  }
}

/** Size before frame rate. */
function isBetter(structure: DependencyStructure, a: number, b: number): boolean {
  const one = structure.targets[a]
  const other = structure.targets[b]
  if (one === undefined || other === undefined) return one !== undefined
  if (one.spatialId !== other.spatialId) return one.spatialId > other.spatialId
  return one.temporalId > other.temporalId
}

function lowest(structure: DependencyStructure): number {
  let low = 0
  for (let i = 1; i < structure.targets.length; i++) if (isBetter(structure, low, i)) low = i
  return low
}
