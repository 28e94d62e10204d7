import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DependencyDescriptor } from '../../../../src/media/codecs/dependency-descriptor.js'
import { DependencyStream } from '../../../../src/media/codecs/dependency-stream.js'
import { isSubset } from '../../../../src/media/codecs/dependency-structure.js'
import { SequenceUnwrapper } from '../../../../src/rtp/sequence.js'
import { guarded, truncations } from '../../rtp/guarded-bytes.js'
import { L1T3, L2T1_KEY, L2T2, type WrittenStructure, writeDescriptor } from './dependency-bytes.js'

const numbers = new WeakMap<DependencyStream, SequenceUnwrapper>()

/** Reads the descriptor of a frame of one packet, whose sequence number is the frame's. */
function read(stream: DependencyStream, bytes: Buffer): boolean {
  return stream.read(bytes, 0, bytes.length, extSeqOf(stream, bytes))
}

function extSeqOf(stream: DependencyStream, bytes: Buffer): number {
  const unwrapper = numbers.get(stream) ?? new SequenceUnwrapper()
  numbers.set(stream, unwrapper)
  return unwrapper.unwrap(bytes.readUInt16BE(1))
}

function begun(structure: WrittenStructure, frameNumber = 100): DependencyStream {
  const stream = new DependencyStream()
  const templateId = structure.templateIdOffset
  expect(read(stream, writeDescriptor({ templateId, frameNumber, structure }))).toBe(true)
  return stream
}

describe('a structure', () => {
  it('says which layers each decode target has', () => {
    const { structure, descriptor } = begun(L2T2)
    expect(descriptor.structureAttached).toBe(true)
    expect(structure?.targets).toEqual([
      { spatialId: 0, temporalId: 0, chain: 0 },
      { spatialId: 0, temporalId: 1, chain: 0 },
      { spatialId: 1, temporalId: 0, chain: 1 },
      { spatialId: 1, temporalId: 1, chain: 1 },
    ])
    expect(structure?.templates.map(({ frameDiffs }) => frameDiffs)).toEqual([[], [4], [2], [1], [4, 1], [2, 1]])
    expect(structure?.templates.map(({ chainDiffs }) => [...chainDiffs])).toEqual(
      L2T2.templates.map(({ chainDiffs }) => chainDiffs),
    )
    expect(structure?.resolutions).toEqual([])
    expect(descriptor.activeTargets).toBe(0b1111)
  })

  it('brings resolutions and chains', () => {
    const { structure } = begun(L2T1_KEY)
    expect(structure?.resolutions).toEqual(L2T1_KEY.resolutions)
    expect(structure?.chainCount).toBe(2)
  })

  it('may be without chains', () => {
    const templates = L1T3.templates.map((template) => ({ ...template, chainDiffs: [] }))
    const { structure, descriptor } = begun({ ...L1T3, chainCount: 0, protectedBy: undefined, templates })
    expect(structure?.targets.map(({ chain }) => chain)).toEqual([-1, -1, -1])
    expect(descriptor.chainDiffs.length).toBe(0)
  })

  it('tells whether one target is part of another', () => {
    const scalable = begun(L2T2).structure
    const keyOnly = begun(L2T1_KEY).structure
    if (scalable === undefined || keyOnly === undefined) throw new Error('no structure')
    expect(isSubset(scalable, 0, 3)).toBe(true)
    expect(isSubset(scalable, 3, 0)).toBe(false)
    expect(isSubset(keyOnly, 0, 1)).toBe(false)
  })

  it('survives every number of decode targets and chains', () => {
    const structures = fc
      .record({ targetCount: fc.integer({ min: 1, max: 32 }), offset: fc.integer({ min: 0, max: 63 }) })
      .chain(({ targetCount, offset }) =>
        fc.record({
          offset: fc.constant(offset),
          targetCount: fc.constant(targetCount),
          protectedBy: fc.integer({ min: 1, max: targetCount }).chain((chainCount) =>
            fc.record({
              chainCount: fc.constant(chainCount),
              chains: fc.array(fc.integer({ min: 0, max: chainCount - 1 }), {
                minLength: targetCount,
                maxLength: targetCount,
              }),
            }),
          ),
        }),
      )
    fc.assert(
      fc.property(structures, fc.integer({ min: 0, max: 1 }), ({ offset, targetCount, protectedBy }, template) => {
        const { chainCount, chains } = protectedBy
        const chainDiffs = new Array<number>(chainCount).fill(7)
        const written: WrittenStructure = {
          templateIdOffset: offset,
          targetCount,
          chainCount,
          protectedBy: chains,
          templates: [
            { spatialId: 0, temporalId: 0, indications: 'S'.repeat(targetCount), frameDiffs: [], chainDiffs },
            { spatialId: 0, temporalId: 1, indications: 'D'.repeat(targetCount), frameDiffs: [1, 16], chainDiffs },
          ],
        }
        const stream = begun(written)
        expect(stream.structure?.targets.map(({ chain }) => chain)).toEqual(chains)
        expect(read(stream, writeDescriptor({ templateId: (offset + template) % 64, frameNumber: 101 }))).toBe(true)
        expect(stream.descriptor.temporalId).toBe(template)
        expect(stream.descriptor.referenceCount).toBe(2 * template)
      }),
    )
  })
})

describe('a frame', () => {
  it('is what its template says', () => {
    const stream = begun({ ...L1T3, templateIdOffset: 62 }, 0xfff0)
    const bytes = writeDescriptor({ templateId: 0, frameNumber: 0xffff, startOfFrame: false, endOfFrame: true })
    expect(bytes.length).toBe(3)
    expect(read(stream, bytes)).toBe(true)
    const { descriptor } = stream
    expect([descriptor.startOfFrame, descriptor.endOfFrame, descriptor.frameNumber]).toEqual([false, true, 0xffff])
    expect([descriptor.spatialId, descriptor.temporalId, descriptor.referenceCount]).toEqual([0, 1, 1])
    expect([0, 1, 2, 3].map((target) => descriptor.isNeededBy(target))).toEqual([false, true, true, false])
    expect([0, 1, 2].map((target) => descriptor.isSwitchTo(target))).toEqual([false, false, true])
    expect([...descriptor.chainDiffs]).toEqual([2])
  })

  it('may differ from its template', () => {
    const stream = begun(L2T2)
    const fields = { templateId: 1, frameNumber: 104, inForce: L2T2 }
    const custom = { customIndications: 'SS--', customFrameDiffs: [8, 200, 4096], customChainDiffs: [200, 255] }
    expect(read(stream, writeDescriptor({ ...fields, ...custom }))).toBe(true)
    const { descriptor } = stream
    expect([0, 1, 2, 3].map((target) => descriptor.isNeededBy(target))).toEqual([true, true, false, false])
    expect(descriptor.referenceCount).toBe(3)
    expect([...descriptor.chainDiffs]).toEqual([200, 255])
  })

  it('knows which targets are produced, from whichever packet said it last', () => {
    const stream = begun(L2T2)
    read(stream, writeDescriptor({ templateId: 1, frameNumber: 104, activeTargets: 0b0011, inForce: L2T2 }))
    expect(stream.descriptor.activeTargets).toBe(0b0011)
    read(stream, writeDescriptor({ templateId: 1, frameNumber: 108 }))
    expect(stream.descriptor.activeTargets).toBe(0b0011)
    read(stream, writeDescriptor({ templateId: 1, frameNumber: 102, activeTargets: 0b1111, inForce: L2T2 }))
    read(stream, writeDescriptor({ templateId: 1, frameNumber: 112 }))
    expect(stream.descriptor.activeTargets).toBe(0b0011)
  })

  it('is not understood before a structure, nor with a template that the structure has not', () => {
    const stream = new DependencyStream()
    expect(read(stream, writeDescriptor({ templateId: 0, frameNumber: 1 }))).toBe(false)
    expect(read(begun(L1T3), writeDescriptor({ templateId: 5, frameNumber: 101 }))).toBe(false)
  })
})

describe('another structure', () => {
  it('holds from its own frame on; what it has overtaken is read by the one before', () => {
    const stream = begun({ ...L1T3, templateIdOffset: 0 }, 65_500)
    const next = { ...L2T2, templateIdOffset: 10 }
    expect(read(stream, writeDescriptor({ templateId: 10, frameNumber: 4, structure: next }))).toBe(true)
    expect(read(stream, writeDescriptor({ templateId: 14, frameNumber: 5 }))).toBe(true)
    expect(stream.descriptor.spatialId).toBe(1)
    expect(read(stream, writeDescriptor({ templateId: 3, frameNumber: 65_535 }))).toBe(true)
    expect(stream.descriptor.temporalId).toBe(2)
    expect(read(stream, writeDescriptor({ templateId: 14, frameNumber: 6 }))).toBe(true)
  })

  it('is not undone by the old one, should that come late', () => {
    const stream = begun({ ...L2T2, templateIdOffset: 10 }, 50)
    expect(read(stream, writeDescriptor({ templateId: 0, frameNumber: 40, structure: L1T3 }))).toBe(true)
    expect(stream.structure?.templateIdOffset).toBe(10)
    expect(read(stream, writeDescriptor({ templateId: 2, frameNumber: 42 }))).toBe(true)
    expect(stream.descriptor.temporalId).toBe(1)
  })

  it('that is broken leaves the old one in force', () => {
    const stream = begun(L1T3)
    const bytes = writeDescriptor({ templateId: 0, frameNumber: 101, structure: L2T2 })
    expect(stream.read(bytes, 0, 8, 0x1_0000 + 101)).toBe(false)
    expect(read(stream, writeDescriptor({ templateId: 2, frameNumber: 102 }))).toBe(true)
    expect(stream.descriptor.temporalId).toBe(1)
  })
})

it('reading again changes nothing for what comes', () => {
  const stream = begun(L1T3, 10)
  const later = writeDescriptor({ templateId: 10, frameNumber: 20, structure: { ...L2T2, templateIdOffset: 10 } })
  expect(stream.readAgain(later, 0, later.length, 0x1_0000 + 20)).toBe(true)
  expect(stream.descriptor.structure?.templateIdOffset).toBe(10)
  expect(stream.structure?.templateIdOffset).toBe(0)
})

it('every truncation is refused or read without looking behind it', () => {
  for (const structure of [L1T3, L2T1_KEY, L2T2]) {
    const whole = writeDescriptor({ templateId: 0, frameNumber: 7, structure, activeTargets: 1 })
    for (const { buffer, start, end } of truncations(whole)) {
      const stream = new DependencyStream()
      expect(stream.read(buffer, start, end - start, 7)).toBe(false)
      expect(new DependencyDescriptor().parse(buffer, start, end - start, undefined)).toBe(false)
    }
    const { buffer, start, end } = guarded(whole)
    expect(new DependencyStream().read(buffer, start, end - start, 7)).toBe(true)
  }
})

it('any bytes are survived, after any beginning', () => {
  const beginnings = fc.constantFrom<WrittenStructure | undefined>(undefined, L1T3, L2T1_KEY, L2T2)
  fc.assert(
    fc.property(beginnings, fc.array(fc.uint8Array({ maxLength: 255 }), { maxLength: 8 }), (beginning, packets) => {
      const stream = beginning === undefined ? new DependencyStream() : begun(beginning)
      for (const [i, packet] of packets.entries()) {
        const { buffer, start, end } = guarded(packet)
        const understood = stream.read(buffer, start, end - start, 0x2_0000 + i)
        const { descriptor } = stream
        if (!understood) continue
        expect(descriptor.structure).toBeDefined()
        expect(descriptor.indications.length).toBe(descriptor.structure?.targets.length)
        expect(descriptor.chainDiffs.length).toBe(descriptor.structure?.chainCount)
      }
    }),
    { numRuns: 1000 },
  )
})
