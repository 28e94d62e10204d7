/** Dependency descriptors as a sender writes them (RTP Payload Format For AV1, v1.0, appendix A, section A.8). */
import { BitWriter } from './bit-writer.js'

export type Indication = '-' | 'D' | 'S' | 'R'

export interface WrittenTemplate {
  readonly spatialId: number
  readonly temporalId: number
  /** One letter per decode target. */
  readonly indications: string
  readonly frameDiffs: readonly number[]
  readonly chainDiffs: readonly number[]
}

export interface WrittenStructure {
  readonly templateIdOffset: number
  readonly targetCount: number
  readonly templates: readonly WrittenTemplate[]
  /** The chain of each decode target; undefined without chains. */
  readonly protectedBy?: readonly number[] | undefined
  readonly chainCount: number
  readonly resolutions?: readonly { readonly width: number; readonly height: number }[] | undefined
}

export interface WrittenDescriptor {
  readonly startOfFrame?: boolean
  readonly endOfFrame?: boolean
  readonly templateId: number
  readonly frameNumber: number
  readonly structure?: WrittenStructure | undefined
  readonly activeTargets?: number | undefined
  /** Needed for how wide custom fields are. */
  readonly inForce?: WrittenStructure | undefined
  readonly customIndications?: string | undefined
  readonly customFrameDiffs?: readonly number[] | undefined
  readonly customChainDiffs?: readonly number[] | undefined
}

function writeIndications(out: BitWriter, letters: string): void {
  for (const letter of letters) out.bits('-DSR'.indexOf(letter), 2)
}

function writeStructure(out: BitWriter, structure: WrittenStructure): void {
  const { templates, targetCount, chainCount, protectedBy, resolutions } = structure
  out.bits(structure.templateIdOffset, 6)
  out.bits(targetCount - 1, 5)
  for (const [i, template] of templates.entries()) {
    const next = templates[i + 1]
    if (next === undefined) out.bits(3, 2)
    else if (next.spatialId > template.spatialId) out.bits(2, 2)
    else out.bits(next.temporalId > template.temporalId ? 1 : 0, 2)
  }
  for (const { indications } of templates) writeIndications(out, indications)
  for (const { frameDiffs } of templates) {
    for (const diff of frameDiffs) out.bits(0x10 | (diff - 1), 5)
    out.bits(0, 1)
  }
  out.nonSymmetric(chainCount, targetCount + 1)
  if (chainCount > 0) for (const chain of protectedBy ?? []) out.nonSymmetric(chain, chainCount)
  for (const { chainDiffs } of templates) for (const diff of chainDiffs) out.bits(diff, 4)
  out.bits(resolutions === undefined ? 0 : 1, 1)
  for (const { width, height } of resolutions ?? []) {
    out.bits(width - 1, 16)
    out.bits(height - 1, 16)
  }
}

export function writeDescriptor(fields: WrittenDescriptor): Buffer {
  const out = new BitWriter()
  out.bits(fields.startOfFrame === false ? 0 : 1, 1)
  out.bits(fields.endOfFrame === false ? 0 : 1, 1)
  out.bits(fields.templateId, 6)
  out.bits(fields.frameNumber & 0xffff, 16)
  const { structure, activeTargets, customIndications, customFrameDiffs, customChainDiffs } = fields
  const extended = [structure, activeTargets, customIndications, customFrameDiffs, customChainDiffs]
  if (extended.every((field) => field === undefined)) return out.bytes()
  for (const field of extended) out.bits(field === undefined ? 0 : 1, 1)
  if (structure !== undefined) writeStructure(out, structure)
  const { targetCount = 0 } = structure ?? fields.inForce ?? {}
  if (activeTargets !== undefined) out.bits(activeTargets, targetCount)
  if (customIndications !== undefined) writeIndications(out, customIndications)
  for (const diff of customFrameDiffs ?? []) {
    const size = diff <= 16 ? 1 : diff <= 256 ? 2 : 3
    out.bits(size, 2)
    out.bits(diff - 1, size * 4)
  }
  if (customFrameDiffs !== undefined) out.bits(0, 2)
  for (const diff of customChainDiffs ?? []) out.bits(diff, 8)
  return out.bytes()
}

/** One spatial layer, three temporal layers, the usual pattern of four frames. */
export const L1T3: WrittenStructure = {
  templateIdOffset: 0,
  targetCount: 3,
  chainCount: 1,
  protectedBy: [0, 0, 0],
  templates: [
    { spatialId: 0, temporalId: 0, indications: 'SSS', frameDiffs: [], chainDiffs: [0] },
    { spatialId: 0, temporalId: 0, indications: 'SSS', frameDiffs: [4], chainDiffs: [4] },
    { spatialId: 0, temporalId: 1, indications: '-DS', frameDiffs: [2], chainDiffs: [2] },
    { spatialId: 0, temporalId: 2, indications: '--D', frameDiffs: [1], chainDiffs: [1] },
    { spatialId: 0, temporalId: 2, indications: '--D', frameDiffs: [1], chainDiffs: [3] },
  ],
}

/** Two spatial layers, predicted from each other at keyframes only, one temporal layer. */
export const L2T1_KEY: WrittenStructure = {
  templateIdOffset: 0,
  targetCount: 2,
  chainCount: 2,
  protectedBy: [0, 1],
  resolutions: [
    { width: 320, height: 180 },
    { width: 640, height: 360 },
  ],
  templates: [
    { spatialId: 0, temporalId: 0, indications: 'SS', frameDiffs: [], chainDiffs: [0, 0] },
    { spatialId: 0, temporalId: 0, indications: 'S-', frameDiffs: [2], chainDiffs: [2, 1] },
    { spatialId: 1, temporalId: 0, indications: '-S', frameDiffs: [1], chainDiffs: [1, 1] },
    { spatialId: 1, temporalId: 0, indications: '-S', frameDiffs: [2], chainDiffs: [1, 2] },
  ],
}

/** Two spatial layers, always predicted from the lower one, two temporal layers. */
export const L2T2: WrittenStructure = {
  templateIdOffset: 0,
  targetCount: 4,
  chainCount: 2,
  protectedBy: [0, 0, 1, 1],
  templates: [
    { spatialId: 0, temporalId: 0, indications: 'SSSS', frameDiffs: [], chainDiffs: [0, 0] },
    { spatialId: 0, temporalId: 0, indications: 'SSRR', frameDiffs: [4], chainDiffs: [4, 3] },
    { spatialId: 0, temporalId: 1, indications: '-D-R', frameDiffs: [2], chainDiffs: [2, 1] },
    { spatialId: 1, temporalId: 0, indications: '--SS', frameDiffs: [1], chainDiffs: [1, 1] },
    { spatialId: 1, temporalId: 0, indications: '--SS', frameDiffs: [4, 1], chainDiffs: [1, 1] },
    { spatialId: 1, temporalId: 1, indications: '---D', frameDiffs: [2, 1], chainDiffs: [3, 2] },
  ],
}
