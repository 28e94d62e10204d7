/**
 * Which packets of a stream with temporal or spatial layers a viewer gets: those up to a limit, that goes down at once and up only where
 * what comes next can be decoded without what was left out (RFC 7741, section 4.2, Y; RFC 9628, section 4.2, U; dependency
 * descriptors). Of H264 and others without such descriptors nothing can be left out.
 */
import { timestampDelta } from '../../rtp/sequence.js'
import type { LayerIds } from '../codecs/layer-ids.js'
import { DecodeTargetChoice } from './decode-target-choice.js'
import { FrameDecisions } from './frame-decisions.js'
import { ALL_LAYERS, type LayerLimits } from './layer-limits.js'

/** The filter of one stream to one viewer. */
export class LayerFilter {
  /** After `admit`: the packet ends the picture as this viewer gets it, so it has to carry the marker (RFC 3550, section 5.1). */
  endsPicture = false
  readonly #wanted: LayerLimits = { spatialId: ALL_LAYERS, temporalId: ALL_LAYERS }
  readonly #now: LayerLimits = { spatialId: ALL_LAYERS, temporalId: ALL_LAYERS }
  /** What was in force before the limits last rose, for pictures from before that. */
  readonly #before: LayerLimits = { spatialId: ALL_LAYERS, temporalId: ALL_LAYERS }
  #raisedAt = 0
  #newestTimestamp = -1
  /** Something of the newest picture was left out. */
  #incomplete = false
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

  /** True while more is wanted than forwarded and only a keyframe is sure to bring it: temporal layers mostly come by themselves. */
  get needsKeyframe(): boolean {
    if (this.#usesTargets) return this.#targets.wantsMore(this.#wanted)
    return this.#now.spatialId < this.#wanted.spatialId && this.#now.spatialId !== ALL_LAYERS
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
    this.#incomplete = false
    this.#frames.clear()
    this.#targets.reset()
    this.#usesTargets = false
  }

  /** A packet went out without `admit` being asked. */
  passed(timestamp: number): void {
    if (this.#newestTimestamp < 0 || timestampDelta(timestamp, this.#newestTimestamp) > 0)
      this.#newestTimestamp = timestamp
  }

  /** True if the packet is to be forwarded; `timestamp` is its RTP timestamp. */
  admit(ids: LayerIds, timestamp: number): boolean {
    const { descriptor } = ids
    const key = descriptor === undefined ? timestamp * 8 + ids.spatialId : descriptor.frameNumber
    const age = this.#newestTimestamp < 0 ? 1 : timestampDelta(timestamp, this.#newestTimestamp)
    // What is newer than everything cannot have been decided.
    const known = age > 0 ? undefined : this.#frames.find(key)
    const forwarded = known ?? this.#decide(ids, timestamp, age)
    if (known === undefined) this.#frames.add(key, forwarded)
    this.endsPicture = forwarded && ids.endOfFrame && ids.spatialId === this.spatialId
    return forwarded
  }

  /** @param age how much later than the newest picture it is. */
  #decide(ids: LayerIds, timestamp: number, age: number): boolean {
    if (age > 0) {
      this.#newestTimestamp = timestamp
      this.#incomplete = false
    }
    const forwarded = ids.descriptor === undefined ? this.#byIds(ids, timestamp, age) : this.#byTarget(ids, age)
    if (age >= 0 && !forwarded) this.#incomplete = true
    return forwarded
  }

  #byTarget(ids: LayerIds, age: number): boolean {
    const { descriptor } = ids
    if (descriptor === undefined) return true
    this.#usesTargets = true
    if (age >= 0) this.#targets.follow(descriptor, this.#wanted, age > 0 && ids.spatialId === 0)
    // Nothing else tells the viewer what the templates mean.
    return descriptor.structureAttached || this.#targets.needs(descriptor)
  }

  #byIds(ids: LayerIds, timestamp: number, age: number): boolean {
    const now = this.#now
    const wanted = this.#wanted
    if (age > 0) {
      now.spatialId = Math.min(now.spatialId, wanted.spatialId)
      now.temporalId = Math.min(now.temporalId, wanted.temporalId)
    }
    if (age >= 0 && (now.spatialId < wanted.spatialId || now.temporalId < wanted.temporalId)) this.#rise(ids, timestamp)
    const early = age < 0 && timestampDelta(timestamp, this.#raisedAt) < 0
    const spatialId = early ? Math.min(now.spatialId, this.#before.spatialId) : now.spatialId
    const temporalId = early ? Math.min(now.temporalId, this.#before.temporalId) : now.temporalId
    return ids.spatialId <= spatialId && ids.temporalId <= temporalId
  }

  #rise(ids: LayerIds, timestamp: number): void {
    const now = this.#now
    const wanted = this.#wanted
    const keyframe = !ids.interPredicted && ids.spatialId === 0 && !this.#incomplete
    let { temporalId } = now
    if (keyframe) temporalId = wanted.temporalId
    // One layer at a time: a sync frame says nothing about the layers between its own and the base.
    else if (ids.layerSync && ids.temporalId === temporalId + 1) temporalId++
    else if (ids.switchingUp && ids.temporalId <= temporalId) temporalId = wanted.temporalId
    temporalId = Math.min(temporalId, wanted.temporalId)
    const spatialId = keyframe ? wanted.spatialId : now.spatialId
    if (spatialId === now.spatialId && temporalId === now.temporalId) return
    copyLimits(now, this.#before)
    this.#raisedAt = timestamp
    now.spatialId = spatialId
    now.temporalId = temporalId
  }
}

function copyLimits(from: LayerLimits, to: LayerLimits): void {
  to.spatialId = from.spatialId
  to.temporalId = from.temporalId
}
