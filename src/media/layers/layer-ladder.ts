/** What a viewer can get of one video, from the cheapest to the best. */
import { type LayerChoice, sameChoice, type VideoDemand, type VideoLimits, wantedLayers } from './allocation.js'
import type { LayerInfo, SublayerInfo } from './layer-info.js'
import { ALL_LAYERS } from './layer-limits.js'

/** What is being forwarded may exceed the rate that the viewer wants at most by so much. */
const KEPT_TOLERANCE = 1.15

/** One step of it. */
export interface LadderRung extends LayerChoice {
  readonly bitrateBps: number
}

interface Candidate extends LadderRung {
  readonly info: LayerInfo
  /** The highest ids in it, where `spatialId` and `temporalId` may say that there is no limit. */
  readonly highestSpatialId: number
  readonly highestTemporalId: number
  /** How many spatial layers it has above the lowest, and how many temporal layers it lacks. */
  readonly spatialLayersAbove: number
  readonly temporalLayersLacking: number
  /** Of its pictures, where that is known. */
  readonly width: number | undefined
  readonly height: number | undefined
}

/**
 * The rungs that are there and permitted; empty if nothing is there at all. Each costs less than every better one: what costs as much
 * as something better is left out, except the layer `keep`, which is being forwarded.
 *
 * Fewer frames are the choice where nothing else is cheap enough. Above the least picture a rung has at least all temporal layers but one, of
 * those that the viewer wants.
 *
 * @param isUsable false for a layer that is not to be considered, whatever its state.
 */
export function buildLadder(
  video: VideoDemand,
  keep: LayerChoice,
  isUsable: (layer: number) => boolean,
): readonly LadderRung[] {
  const there: Candidate[] = []
  const permitted: Candidate[] = []
  const wanted = wantedLayers(video.preference)
  let lowest = true
  for (const [layer, { info }] of video.layers.entries()) {
    if (!info.alive || !isUsable(layer)) continue
    for (const candidate of candidatesOf(layer, info)) {
      if (!(lowest && candidate.spatialLayersAbove === 0) && !isSmooth(candidate, wanted.temporalId)) continue
      there.push(candidate)
      if (permits(video, candidate, sameChoice(candidate, keep))) permitted.push(candidate)
    }
    lowest = false
  }
  // A wish that nothing meets is met by the least there is.
  const ladder = rising(priced(permitted.length > 0 ? permitted : there.slice(0, 1), keep.layer), keep)
  return withoutBest(ladder, video.preference.loweredLayers ?? 0)
}

/** Without so many of its best pictures, whatever their frame rates; the least picture stays. */
function withoutBest(ladder: readonly LadderRung[], count: number): readonly LadderRung[] {
  let kept = ladder
  for (let i = 0; i < count; i++) {
    const best = kept.at(-1)
    const rest = kept.filter((rung) => rung.layer !== best?.layer || rung.spatialId !== best.spatialId)
    if (rest.length === 0) break
    kept = rest
  }
  return kept
}

/** @param wantedTemporalId the highest temporal layer that the viewer wants. */
function isSmooth({ highestTemporalId, temporalLayersLacking }: Candidate, wantedTemporalId: number): boolean {
  return highestTemporalId >= Math.min(highestTemporalId + temporalLayersLacking, wantedTemporalId) - 1
}

/** What costs less than everything better, from the cheapest on. */
function rising(rungs: readonly LadderRung[], keep: LayerChoice): readonly LadderRung[] {
  const kept: LadderRung[] = []
  let leastBps = Number.POSITIVE_INFINITY
  for (let i = rungs.length - 1; i >= 0; i--) {
    const rung = rungs[i] as LadderRung
    if (rung.bitrateBps >= leastBps && !sameChoice(rung, keep)) continue
    kept.push(rung)
    leastBps = Math.min(leastBps, rung.bitrateBps)
  }
  return kept.reverse()
}

/**
 * What is not measured yet cannot be compared, but is no reason to leave what is being forwarded. While nothing is measured, there is only
 * the least.
 */
function priced(permitted: readonly Candidate[], kept: number): readonly LadderRung[] {
  if (!permitted.some(({ bitrateBps }) => Number.isNaN(bitrateBps))) return permitted
  const known = permitted.flatMap((candidate) => {
    if (!Number.isNaN(candidate.bitrateBps)) return [candidate]
    return candidate.layer === kept ? [{ ...candidate, bitrateBps: 0 }] : []
  })
  return known.length > 0 ? known : permitted.slice(0, 1).map((candidate) => ({ ...candidate, bitrateBps: 0 }))
}

/** The same facts are asked about for every viewer, so what follows from them is kept as long as they are. */
const knownCandidates = new WeakMap<LayerInfo, readonly Candidate[]>()

function candidatesOf(layer: number, info: LayerInfo): readonly Candidate[] {
  const known = knownCandidates.get(info)
  if (known !== undefined && known[0]?.layer === layer) return known
  const candidates = createCandidates(layer, info)
  knownCandidates.set(info, candidates)
  return candidates
}

function createCandidates(layer: number, info: LayerInfo): readonly Candidate[] {
  const { width, height } = info
  const whole: SublayerInfo = { spatialId: 0, temporalId: 0, bitrateBps: info.bitrateBps, width, height }
  const parts = info.sublayers.length > 0 ? info.sublayers : [whole]
  const leastSpatialId = Math.min(...parts.map(({ spatialId }) => spatialId))
  const maxSpatialId = Math.max(...parts.map(({ spatialId }) => spatialId))
  const maxTemporalId = Math.max(...parts.map(({ temporalId }) => temporalId))
  return parts.map(({ spatialId, temporalId, bitrateBps, width, height }) => ({
    layer,
    info,
    bitrateBps,
    spatialId: spatialId === maxSpatialId ? ALL_LAYERS : spatialId,
    temporalId: temporalId === maxTemporalId ? ALL_LAYERS : temporalId,
    highestSpatialId: spatialId,
    highestTemporalId: temporalId,
    spatialLayersAbove: spatialId - leastSpatialId,
    temporalLayersLacking: maxTemporalId - temporalId,
    width: width ?? scaled(info.width, spatialId - maxSpatialId),
    height: height ?? scaled(info.height, spatialId - maxSpatialId),
  }))
}

function permits(video: VideoDemand, candidate: Candidate, kept: boolean): boolean {
  const { preference } = video
  const { within } = preference
  return isWithin(preference, video, candidate, kept) && (!within || isWithin(within, video, candidate, kept))
}

function isWithin(preference: VideoLimits, video: VideoDemand, candidate: Candidate, kept: boolean): boolean {
  const { maxRid } = preference
  const limit = maxRid === undefined ? -1 : video.layers.findIndex(({ rid }) => rid === maxRid)
  if (limit >= 0 && candidate.layer > limit) return false
  if (candidate.highestSpatialId > (preference.maxSpatialId ?? ALL_LAYERS)) return false
  if (candidate.highestTemporalId > (preference.maxTemporalId ?? ALL_LAYERS)) return false
  // Where the rate is not known yet, nothing speaks against it; where it wavers around the limit, it is not left at once.
  const bitrateBps = kept ? candidate.bitrateBps / KEPT_TOLERANCE : candidate.bitrateBps
  if (bitrateBps > (preference.maxBitrateBps ?? Number.POSITIVE_INFINITY)) return false
  return fitsSize(candidate, preference)
}

/** Where only the largest spatial layer's size is known, each one below is taken to have half of it. */
function scaled(length: number | undefined, layers: number): number | undefined {
  return length === undefined ? undefined : length * 2 ** layers
}

function fitsSize({ width = 0, height = 0 }: Candidate, preference: VideoLimits): boolean {
  return width <= (preference.maxWidth ?? width) && height <= (preference.maxHeight ?? height)
}
