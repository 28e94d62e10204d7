/**
 * The template dependency structure: what the frames of a stream can look like, which a dependency descriptor sends once and then refers to
 * (RTP Payload Format For AV1, v1.0, appendix A, sections A.8.3 and A.8.4).
 */
import type { BitReader } from './bit-reader.js'
import type { FrameSize } from './frame-size.js'

/** Template ids have six bits. */
export const TEMPLATE_IDS = 64
/** The decode targets' number minus one has five bits. */
export const MAX_DECODE_TARGETS = 32

/** What a frame is to a decode target. */
export const INDICATION = {
  /** The frame is no part of it. */
  notPresent: 0,
  /** Part of it, and no later frame of it depends on this one. */
  discardable: 1,
  /** Whoever can decode this frame can decode all frames of the target from here on. */
  switch: 2,
  /** Part of it, and nothing else can be said. */
  required: 3,
} as const

/** The values of `next_layer_idc`. */
const NEXT_TEMPORAL = 1
const NEXT_SPATIAL = 2
const NO_MORE_LAYERS = 3

/** What the frames that refer to it have in common. */
export interface FrameTemplate {
  readonly spatialId: number
  readonly temporalId: number
  /** One {@link INDICATION} per decode target. */
  readonly indications: Uint8Array
  /** How many frames back each frame lies that this one refers to. */
  readonly frameDiffs: readonly number[]
  /** How many frames back the previous frame of each chain lies; 0 for none. */
  readonly chainDiffs: Uint8Array
}

/** The layers that a receiver of the target decodes at most. */
export interface DecodeTarget {
  readonly spatialId: number
  readonly temporalId: number
  /** The chain that tells it of loss; -1 where there are no chains. */
  readonly chain: number
}

/** A structure, which never changes; another one takes its place. */
export interface DependencyStructure {
  readonly templateIdOffset: number
  readonly templates: readonly FrameTemplate[]
  readonly targets: readonly DecodeTarget[]
  readonly chainCount: number
  /** By spatial id; empty if not sent. */
  readonly resolutions: readonly FrameSize[]
}

interface Layers {
  readonly spatialId: number
  readonly temporalId: number
}

/** Reads a structure; undefined if it is cut off or says what cannot be. */
export function readDependencyStructure(bits: BitReader): DependencyStructure | undefined {
  const templateIdOffset = bits.bits(6)
  const targetCount = bits.bits(5) + 1
  const layers = readLayers(bits)
  if (layers === undefined) return undefined
  const indications = layers.map(() => readIndications(bits, targetCount))
  const frameDiffs = layers.map(() => readFrameDiffs(bits))
  const chainCount = bits.nonSymmetric(targetCount + 1)
  const protectedBy: number[] = []
  for (let i = 0; i < targetCount; i++) protectedBy.push(chainCount === 0 ? -1 : bits.nonSymmetric(chainCount))
  const chainDiffs = layers.map(() => readChainDiffs(bits, chainCount, 4))
  const resolutions = bits.flag() ? readResolutions(bits, (layers.at(-1) as Layers).spatialId) : []
  if (bits.failed) return undefined
  const templates = layers.map((layer, i) => ({
    ...layer,
    indications: indications[i] as Uint8Array,
    frameDiffs: frameDiffs[i] as number[],
    chainDiffs: chainDiffs[i] as Uint8Array,
  }))
  const targets = protectedBy.map((chain, target) => ({ ...highestLayers(templates, target), chain }))
  return { templateIdOffset, templates, targets, chainCount, resolutions }
}

/** The template of a frame; undefined if the structure has none of that id. */
export function templateOf(structure: DependencyStructure, templateId: number): FrameTemplate | undefined {
  return structure.templates[(templateId + TEMPLATE_IDS - structure.templateIdOffset) % TEMPLATE_IDS]
}

/** True if every frame of decode target `part` is a frame of `whole` too. */
export function isSubset(structure: DependencyStructure, part: number, whole: number): boolean {
  return structure.templates.every(
    ({ indications }) => indications[part] === INDICATION.notPresent || indications[whole] !== INDICATION.notPresent,
  )
}

/** Reads how many frames back each chain's previous frame lies, in `width` bits each. */
export function readChainDiffs(bits: BitReader, count: number, width: number): Uint8Array {
  const diffs = new Uint8Array(count)
  for (let i = 0; i < count; i++) diffs[i] = bits.bits(width)
  return diffs
}

function readLayers(bits: BitReader): Layers[] | undefined {
  const layers: Layers[] = []
  let spatialId = 0
  let temporalId = 0
  for (let next = 0; next !== NO_MORE_LAYERS; ) {
    if (layers.length === TEMPLATE_IDS || bits.failed) return undefined
    layers.push({ spatialId, temporalId })
    next = bits.bits(2)
    if (next === NEXT_TEMPORAL) temporalId++
    if (next === NEXT_SPATIAL) {
      temporalId = 0
      spatialId++
    }
  }
  return layers
}

function readIndications(bits: BitReader, targetCount: number): Uint8Array {
  const indications = new Uint8Array(targetCount)
  for (let i = 0; i < targetCount; i++) indications[i] = bits.bits(2)
  return indications
}

function readFrameDiffs(bits: BitReader): number[] {
  const diffs: number[] = []
  while (bits.flag()) diffs.push(bits.bits(4) + 1)
  return diffs
}

function readResolutions(bits: BitReader, maxSpatialId: number): FrameSize[] {
  const resolutions: FrameSize[] = []
  for (let i = 0; i <= maxSpatialId; i++) resolutions.push({ width: bits.bits(16) + 1, height: bits.bits(16) + 1 })
  return resolutions
}

function highestLayers(templates: readonly FrameTemplate[], target: number): Layers {
  let spatialId = 0
  let temporalId = 0
  for (const template of templates) {
    if (template.indications[target] === INDICATION.notPresent) continue
    spatialId = Math.max(spatialId, template.spatialId)
    temporalId = Math.max(temporalId, template.temporalId)
  }
  return { spatialId, temporalId }
}
