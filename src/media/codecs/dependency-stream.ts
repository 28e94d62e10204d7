/**
 * The dependency descriptors of one stream, which refer to structures that earlier packets brought: remembers the newest structures and where
 * each begins, so that a packet is read by its own, whether it comes late or from the history.
 */
import { MAX_SEQ_GAP } from '../types.js'
import { DependencyDescriptor } from './dependency-descriptor.js'
import type { DependencyStructure } from './dependency-structure.js'

/** Viewers on their way from a cached keyframe to the present are behind by a few keyframes at most. */
const MAX_SEQUENCES = 8

/** What holds from one packet with a structure to the next. */
interface Sequence {
  /** The first packet that brought the structure. */
  extSeq: number
  readonly frameNumber: number
  /** Undefined where the stream has begun anew and not said it yet. */
  readonly structure: DependencyStructure | undefined
  /** The decode targets that were produced last, and the packet that said so. */
  activeTargets: number
  activeExtSeq: number
}

/** Reads the descriptors of one stream. */
export class DependencyStream {
  /** What the last `read` or `readAgain` has read. */
  readonly descriptor = new DependencyDescriptor()
  /** By `extSeq`, newest last. */
  readonly #sequences: Sequence[] = []
  #newestExtSeq = -1

  /** The newest structure. */
  get structure(): DependencyStructure | undefined {
    return this.#sequences.at(-1)?.structure
  }

  /**
   * Reads the element of a packet that has just arrived into `descriptor`; see {@link DependencyDescriptor.parse}.
   *
   * @param extSeq the packet's unwrapped sequence number.
   */
  read(buffer: Uint8Array, offset: number, length: number, extSeq: number): boolean {
    // What comes behind such a gap has nothing to do with what was before it.
    if (this.#newestExtSeq >= 0 && extSeq > this.#newestExtSeq + MAX_SEQ_GAP) this.#begin(extSeq, -1, undefined)
    this.#newestExtSeq = Math.max(this.#newestExtSeq, extSeq)
    const { descriptor } = this
    let sequence = this.#sequenceOf(extSeq)
    if (!descriptor.parse(buffer, offset, length, sequence?.structure)) return false
    if (descriptor.structureAttached) sequence = this.#adopt(extSeq)
    this.#complete(sequence)
    if (sequence !== undefined && descriptor.activeTargets >= 0 && extSeq >= sequence.activeExtSeq) {
      sequence.activeTargets = descriptor.activeTargets
      sequence.activeExtSeq = extSeq
    }
    return true
  }

  /** Reads an element that has been read before, as packets are that come from the history; nothing changes but `descriptor`. */
  readAgain(buffer: Uint8Array, offset: number, length: number, extSeq: number): boolean {
    const sequence = this.#sequenceOf(extSeq)
    if (!this.descriptor.parse(buffer, offset, length, sequence?.structure)) return false
    this.#complete(sequence)
    return true
  }

  /** What the packet itself does not say. A structure that is known stays the same object, so that nobody takes it for another one. */
  #complete(sequence: Sequence | undefined): void {
    const { descriptor } = this
    if (sequence === undefined) return
    if (descriptor.structureAttached && !this.#brought(sequence)) return
    descriptor.structure = sequence.structure
    if (descriptor.activeTargets < 0) descriptor.activeTargets = sequence.activeTargets
  }

  /** True if the descriptor's frame is the one that brought the sequence's structure: any of its packets may carry it. */
  #brought({ frameNumber, structure }: Sequence): boolean {
    return structure !== undefined && this.descriptor.frameNumber === frameNumber
  }

  #adopt(extSeq: number): Sequence {
    const { frameNumber, structure } = this.descriptor
    const known = this.#sequences.find((sequence) => this.#brought(sequence))
    if (known === undefined) return this.#begin(extSeq, frameNumber, structure)
    known.extSeq = Math.min(known.extSeq, extSeq)
    return known
  }

  #begin(extSeq: number, frameNumber: number, structure: DependencyStructure | undefined): Sequence {
    const sequence = { extSeq, frameNumber, structure, activeTargets: -1, activeExtSeq: -1 }
    const sequences = this.#sequences
    const behind = sequences.findLastIndex((other) => other.extSeq <= extSeq)
    sequences.splice(behind + 1, 0, sequence)
    if (sequences.length > MAX_SEQUENCES) sequences.shift()
    return sequence
  }

  #sequenceOf(extSeq: number): Sequence | undefined {
    const sequences = this.#sequences
    for (let i = sequences.length - 1; i >= 0; i--) {
      const sequence = sequences[i] as Sequence
      if (extSeq >= sequence.extSeq) return sequence
    }
    return undefined
  }
}
