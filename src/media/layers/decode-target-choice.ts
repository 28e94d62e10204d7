/**
 * Which decode target of a dependency structure a viewer follows, and where it may change to another (RTP Payload Format For AV1, v1.0,
 * appendix A, sections A.3 and A.4).
 */
import type { DependencyDescriptor } from '../codecs/dependency-descriptor.js'
import { type DependencyStructure, type FrameTemplate, INDICATION, isSubset } from '../codecs/dependency-structure.js'
import { type LayerLimits, NO_LIMITS } from './layer-limits.js'

/** The decode target of one stream to one viewer. */
export class DecodeTargetChoice {
  #structure: DependencyStructure | undefined
  #active = 0xffff_ffff
  #target = -1
  /** The targets of which a frame of the newest picture was left out, bit 0 for the first. */
  #spoiled = 0
  /** What was followed before the last change. */
  #structureBefore: DependencyStructure | undefined
  #targetBefore = -1

  /** Nothing is known of what comes. */
  reset(): void {
    this.#structure = undefined
    this.#active = 0xffff_ffff
    this.#target = -1
    this.#spoiled = 0
    this.#structureBefore = undefined
    this.#targetBefore = -1
  }

  /** The layers that the target has at most. */
  get spatialId(): number {
    return this.#structure?.targets[this.#target]?.spatialId ?? 0
  }

  get temporalId(): number {
    return this.#structure?.targets[this.#target]?.temporalId ?? 0
  }

  /** The same for now, or for what comes from before the last change. */
  spatialIdAt(beforeChange: boolean): number {
    return beforeChange ? (this.#structureBefore?.targets[this.#targetBefore]?.spatialId ?? 0) : this.spatialId
  }

  /** True if `limits` ask for another target, and nothing between keyframes leads there. */
  needsKeyframe(limits: LayerLimits): boolean {
    const structure = this.#structure
    if (structure === undefined) return false
    const target = this.#best(structure, limits)
    const from = this.#fallen(structure, limits)
    if (target === from) return false
    return !structure.templates.some(
      (template) =>
        refersToEarlierPictures(template) &&
        template.indications[from] !== INDICATION.notPresent &&
        template.indications[target] === INDICATION.switch,
    )
  }

  /**
   * A frame that is not older than any before it: changes the target where that is possible, and says whether it has.
   *
   * @param beginsPicture it is the first of its picture.
   */
  follow(frame: DependencyDescriptor, limits: LayerLimits, beginsPicture: boolean): boolean {
    const { structure } = frame
    if (structure === undefined) return false
    if (beginsPicture) this.#spoiled = 0
    if (frame.activeTargets >= 0) this.#active = frame.activeTargets
    if (this.#structure === undefined && !frame.structureAttached) {
      // Met for the first time amid a sequence: so far everything was forwarded.
      this.#structure = structure
      this.#target = this.#best(structure, NO_LIMITS)
    }
    const target = this.#next(frame, structure, limits, beginsPicture)
    if (structure === this.#structure && target === this.#target) return false
    this.#structureBefore = this.#structure
    this.#targetBefore = this.#target
    this.#structure = structure
    this.#target = target
    return true
  }

  /** A frame of the newest picture is left out. */
  leftOut(frame: DependencyDescriptor): void {
    for (let i = 0; i < frame.indications.length; i++) if (frame.isNeededBy(i)) this.#spoiled |= 1 << i
  }

  /** True if the frame belongs to the target, or to the one before the last change. */
  needs(frame: DependencyDescriptor, beforeChange: boolean): boolean {
    if (!beforeChange && frame.structure === this.#structure) return frame.isNeededBy(this.#target)
    if (frame.structure === this.#structureBefore) return frame.isNeededBy(this.#targetBefore)
    // From a time that nobody remembers.
    return frame.spatialId <= this.spatialId && frame.temporalId <= this.temporalId
  }

  #next(
    frame: DependencyDescriptor,
    structure: DependencyStructure,
    limits: LayerLimits,
    beginsPicture: boolean,
  ): number {
    // A frame with a structure of its own begins a sequence, unless it refers to others.
    if (frame.structureAttached && frame.referenceCount === 0) return this.#best(structure, limits)
    // The beginning of its sequence has passed by, so nothing says that more than before can be decoded.
    if (structure !== this.#structure) return this.#best(structure, this)
    const fallen = beginsPicture ? this.#fallen(structure, limits) : this.#target
    if (!frame.isNeededBy(fallen) && frame.referenceCount > 0) return fallen
    // Amid a picture there is no way down: its end would not be the end any more.
    const from = beginsPicture && !this.#isAllowed(structure, fallen, limits) ? -1 : fallen
    const switched = this.#switched(frame, from, structure, limits)
    return switched < 0 ? fallen : switched
  }

  /** The best permitted target that is a part of the present one; the present one if it is permitted itself, or there is none. */
  #fallen(structure: DependencyStructure, limits: LayerLimits): number {
    if (this.#isAllowed(structure, this.#target, limits)) return this.#target
    let best = -1
    for (let i = 0; i < structure.targets.length; i++) {
      if (!this.#isAllowed(structure, i, limits) || !isBetter(structure, i, best)) continue
      if (isBetter(structure, this.#target, i) && isSubset(structure, i, this.#target)) best = i
    }
    return best < 0 ? this.#target : best
  }

  /** The best permitted target that this very frame lets a receiver go on with, if that is better than target `from`. */
  #switched(frame: DependencyDescriptor, from: number, structure: DependencyStructure, limits: LayerLimits): number {
    let best = from
    for (let i = 0; i < structure.targets.length; i++) {
      const isOpen = frame.isSwitchTo(i) && !isSet(this.#spoiled, i)
      if (isOpen && this.#isAllowed(structure, i, limits) && isBetter(structure, i, best)) best = i
    }
    return best
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
    if (layers === undefined || !isSet(this.#active, target)) return false
    return layers.spatialId <= limits.spatialId && layers.temporalId <= limits.temporalId
  }
}

function isSet(mask: number, bit: number): boolean {
  return ((mask >>> bit) & 1) === 1
}

/** The frames before it in its own picture are those of lower spatial layers, of which there are no more than its id. */
function refersToEarlierPictures({ frameDiffs, spatialId }: FrameTemplate): boolean {
  return frameDiffs.some((diff) => diff > spatialId)
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
