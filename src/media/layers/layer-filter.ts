/**
 * Which packets of a stream with temporal or spatial layers a viewer gets: those up to a limit, that goes down at once and up only where
 * what comes next can be decoded without what was left out (RFC 7741, section 4.2, Y; RFC 9628, section 4.2, U; dependency
 * descriptors). Of H264 and others without such descriptors nothing can be left out.
 */
import { timestampDelta } from '../../rtp/sequence.js'
import type { DependencyDescriptor } from '../codecs/dependency-descriptor.js'
import type { LayerIds } from '../codecs/layer-ids.js'
import { DecodeTargetChoice } from './decode-target-choice.js'
import { FATE, type Fate, FrameDecisions } from './frame-decisions.js'
import { ALL_LAYERS, type LayerLimits, sameLimits } from './layer-limits.js'

/** The filter of one stream to one viewer. */
export class LayerFilter {
  /** After `admit`: the packet ends the picture as this viewer gets it, so it has to carry the marker (RFC 3550, section 5.1). */
  endsPicture = false
  readonly #wanted: LayerLimits = { spatialId: ALL_LAYERS, temporalId: ALL_LAYERS }
  readonly #now: LayerLimits = { spatialId: ALL_LAYERS, temporalId: ALL_LAYERS }
  /** What was in force before the last change, for pictures from before that. */
  readonly #before: LayerLimits = { spatialId: ALL_LAYERS, temporalId: ALL_LAYERS }
  /** The timestamp of the picture with which the limits or the target changed last. */
  #changedAt = 0
  #newestTimestamp = -1
  /** Nothing was asked yet about a picture newer than those that went out without. */
  #untouched = true
  /** Something of the newest picture was left out. */
  #incomplete = false
  /** A spatial layer was left out since the last keyframe: without another one it cannot be gone on with. */
  #lacksSpatial = false
  readonly #frames = new FrameDecisions()
  readonly #targets = new DecodeTargetChoice()
  #usesTargets = false

  /** The highest spatial layer that is forwarded now. */
  get spatialId(): number {
    return this.#usesTargets ? this.#targets.spatialId : this.#now.spatialId
  }

  /** The highest temporal layer that is forwarded now. */
  get temporalId(): number {
    return this.#usesTargets ? this.#targets.temporalId : this.#now.temporalId
  }

  /** True while something else is wanted than forwarded and only a keyframe is sure to bring it: temporal layers mostly come by themselves. */
  get needsKeyframe(): boolean {
    if (this.#usesTargets) return this.#targets.needsKeyframe(this.#wanted)
    return this.#now.spatialId < this.#wanted.spatialId && this.#lacksSpatial
  }

  /** The highest layers to forward from now on; {@link ALL_LAYERS} for no limit. */
  setLimits(spatialId: number, temporalId: number): void {
    this.#wanted.spatialId = spatialId
    this.#wanted.temporalId = temporalId
  }

  /** Another stream begins, with a keyframe: the limits hold from its first packet on. */
  begin(): void {
    copyLimits(this.#wanted, this.#now)
    copyLimits(this.#wanted, this.#before)
    this.#newestTimestamp = -1
    this.#untouched = true
    this.#incomplete = false
    this.#lacksSpatial = false
    this.#frames.clear()
    this.#targets.reset()
    this.#usesTargets = false
  }

  /** A packet went out without `admit` being asked. */
  passed(timestamp: number): void {
    if (this.#newestTimestamp < 0 || timestampDelta(timestamp, this.#newestTimestamp) > 0)
      this.#newestTimestamp = timestamp
  }

  /** True if the packet is to be forwarded; `timestamp` is its RTP timestamp. Asked again about one of the newest frames, it says the same. */
  admit(ids: LayerIds, timestamp: number): boolean {
    const { descriptor } = ids
    const key = descriptor === undefined ? timestamp * 8 + ids.spatialId : descriptor.frameNumber
    const age = this.#newestTimestamp < 0 ? 1 : timestampDelta(timestamp, this.#newestTimestamp)
    // What is newer than everything cannot have been decided.
    let fate: Fate = age > 0 ? FATE.unknown : this.#frames.find(key)
    if (fate === FATE.unknown) {
      fate = this.#decide(ids, timestamp, age)
      this.#frames.add(key, fate)
    }
    this.endsPicture = fate === FATE.endsPicture && ids.endOfFrame
    return fate !== FATE.leftOut
  }

  /** @param age how much later than the newest picture it is. */
  #decide(ids: LayerIds, timestamp: number, age: number): Fate {
    if (age > 0) {
      this.#newestTimestamp = timestamp
      this.#untouched = false
      this.#incomplete = false
    }
    if (this.#untouched) return FATE.forwarded
    const { descriptor } = ids
    const fate =
      descriptor === undefined ? this.#byIds(ids, timestamp, age) : this.#byTarget(descriptor, timestamp, age)
    if (age >= 0 && fate === FATE.leftOut) this.#incomplete = true
    return fate
  }

  #byTarget(frame: DependencyDescriptor, timestamp: number, age: number): Fate {
    const targets = this.#targets
    this.#usesTargets = true
    if (age >= 0 && targets.follow(frame, this.#wanted, age > 0)) this.#changedAt = timestamp
    const early = this.#isEarly(timestamp, age)
    // Nothing else tells the viewer what the templates mean.
    if (!frame.structureAttached && !targets.needs(frame, early)) {
      if (age >= 0) targets.leftOut(frame)
      return FATE.leftOut
    }
    return frame.spatialId === targets.spatialIdAt(early) ? FATE.endsPicture : FATE.forwarded
  }

  #byIds(ids: LayerIds, timestamp: number, age: number): Fate {
    if (age >= 0) this.#adjust(ids, timestamp, age > 0)
    const limits = this.#isEarly(timestamp, age) ? this.#before : this.#now
    if (ids.spatialId > limits.spatialId) this.#lacksSpatial = true
    if (ids.spatialId > limits.spatialId || ids.temporalId > limits.temporalId) return FATE.leftOut
    return ids.spatialId === limits.spatialId ? FATE.endsPicture : FATE.forwarded
  }

  /** True for a picture from before the last change that comes behind it. */
  #isEarly(timestamp: number, age: number): boolean {
    return age < 0 && timestampDelta(timestamp, this.#changedAt) < 0
  }

  #adjust(ids: LayerIds, timestamp: number, beginsPicture: boolean): void {
    const now = this.#now
    const wanted = this.#wanted
    // Upper layers of a keyframe may overtake the lowest.
    const isKeyframe = !ids.interPredicted && (ids.spatialId === 0 || beginsPicture)
    if (isKeyframe && !this.#incomplete) this.#lacksSpatial = false
    if (sameLimits(now, wanted)) return
    let { spatialId, temporalId } = now
    if (beginsPicture) {
      spatialId = this.#lacksSpatial ? Math.min(spatialId, wanted.spatialId) : wanted.spatialId
      temporalId = Math.min(temporalId, wanted.temporalId)
    }
    if (isKeyframe && !this.#incomplete) {
      spatialId = wanted.spatialId
      temporalId = wanted.temporalId
    } else if (temporalId < wanted.temporalId) temporalId = Math.min(wanted.temporalId, risenTo(ids, temporalId))
    if (spatialId === now.spatialId && temporalId === now.temporalId) return
    copyLimits(now, this.#before)
    this.#changedAt = timestamp
    now.spatialId = spatialId
    now.temporalId = temporalId
  }
}

/** The highest temporal layer that the frame lets a receiver of `temporalId` go on with. */
function risenTo(ids: LayerIds, temporalId: number): number {
  // One layer at a time: a sync frame says nothing about the layers between its own and the base.
  if (ids.layerSync && ids.temporalId === temporalId + 1) return ids.temporalId
  return ids.switchingUp && ids.temporalId <= temporalId ? ALL_LAYERS : temporalId
}

function copyLimits(from: LayerLimits, to: LayerLimits): void {
  to.spatialId = from.spatialId
  to.temporalId = from.temporalId
}
