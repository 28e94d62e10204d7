/**
 * The dependency descriptor, the header extension that says of any codec's frame which layers it belongs to and who needs it
 * (RTP Payload Format For AV1, v1.0, appendix A).
 */
import { readUint16 } from '../../rtp/bytes.js'
import { BitReader } from './bit-reader.js'
import {
  type DependencyStructure,
  INDICATION,
  MAX_DECODE_TARGETS,
  readChainDiffs,
  readDependencyStructure,
  templateOf,
} from './dependency-structure.js'

/** Start and end flag, template id and frame number: all that most packets have. */
const MANDATORY_LENGTH = 3

/** A frame refers to at most this many; the sizes of three bits and more leave room for it. */
const MAX_FRAME_DIFFS = 64

/** Everything that a structure with `count` decode targets can have active. */
function allTargets(count: number): number {
  return count === MAX_DECODE_TARGETS ? 0xffff_ffff : 2 ** count - 1
}

// Scratch memory of the thread.
const bits = new BitReader()
const NONE = new Uint8Array(MAX_DECODE_TARGETS)

/** The descriptor of one packet, reused from packet to packet. */
export class DependencyDescriptor {
  startOfFrame = false
  endOfFrame = false
  templateId = 0
  /** 16 bit. */
  frameNumber = 0
  /** The packet itself carries the structure, as the first packet of a coded video sequence does. */
  structureAttached = false
  /** The structure the frame refers to. */
  structure: DependencyStructure | undefined
  /** The decode targets that are being produced, bit 0 for the first; -1 where neither the packet nor its stream says it. */
  activeTargets = -1
  spatialId = 0
  temporalId = 0
  /** One {@link INDICATION} per decode target. */
  indications: Uint8Array = NONE
  /** How many frames this one refers to. */
  referenceCount = 0
  /** How many frames back the previous frame of each chain lies; 0 for none. */
  chainDiffs: Uint8Array = NONE

  /**
   * Reads the element `buffer[offset, offset + length)`. What it allocates, it allocates for packets that carry more than a reference to
   * a template.
   *
   * @param known the structure in force, for packets that do not bring their own.
   * @returns false, and no field but the first four means anything, if it is malformed or refers to what is not known.
   */
  parse(buffer: Uint8Array, offset: number, length: number, known: DependencyStructure | undefined): boolean {
    this.structureAttached = false
    this.structure = known
    this.activeTargets = -1
    if (length < MANDATORY_LENGTH || offset + length > buffer.length) return false
    const first = buffer[offset] as number
    this.startOfFrame = (first & 0x80) !== 0
    this.endOfFrame = (first & 0x40) !== 0
    this.templateId = first & 0x3f
    this.frameNumber = readUint16(buffer, offset + 1)
    if (length === MANDATORY_LENGTH) return this.#readTemplate()
    bits.reset(buffer, offset + MANDATORY_LENGTH, offset + length)
    return this.#readExtended()
  }

  /** True if a receiver of decode target `target` needs the frame. */
  isNeededBy(target: number): boolean {
    return (this.indications[target] ?? INDICATION.notPresent) !== INDICATION.notPresent
  }

  /** True if a receiver that can decode the frame can go on with decode target `target`. */
  isSwitchTo(target: number): boolean {
    return this.indications[target] === INDICATION.switch
  }

  #readTemplate(): boolean {
    const { structure } = this
    const template = structure === undefined ? undefined : templateOf(structure, this.templateId)
    if (template === undefined) return false
    this.spatialId = template.spatialId
    this.temporalId = template.temporalId
    this.indications = template.indications
    this.referenceCount = template.frameDiffs.length
    this.chainDiffs = template.chainDiffs
    return true
  }

  #readExtended(): boolean {
    const structureAttached = bits.flag()
    const activeTargetsPresent = bits.flag()
    const customIndications = bits.flag()
    const customFrameDiffs = bits.flag()
    const customChains = bits.flag()
    if (structureAttached) {
      this.structure = readDependencyStructure(bits)
      this.structureAttached = this.structure !== undefined
    }
    const { structure } = this
    if (structure === undefined) return false
    const targetCount = structure.targets.length
    if (structureAttached) this.activeTargets = allTargets(targetCount)
    if (activeTargetsPresent) this.activeTargets = bits.bits(targetCount)
    if (!this.#readTemplate()) return false
    if (customIndications) {
      this.indications = new Uint8Array(targetCount)
      for (let i = 0; i < targetCount; i++) this.indications[i] = bits.bits(2)
    }
    if (customFrameDiffs && !this.#readFrameDiffs()) return false
    if (customChains) this.chainDiffs = readChainDiffs(bits, structure.chainCount, 8)
    return !bits.failed
  }

  #readFrameDiffs(): boolean {
    this.referenceCount = 0
    for (let size = bits.bits(2); size > 0; size = bits.bits(2)) {
      bits.bits(4 * size)
      if (bits.failed || ++this.referenceCount > MAX_FRAME_DIFFS) return false
    }
    return true
  }
}
