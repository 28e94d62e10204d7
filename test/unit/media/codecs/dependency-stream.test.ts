import { expect, test } from 'vitest'
import { DependencyStream } from '../../../../src/media/codecs/dependency-stream.js'
import { L1T3, L2T2, type WrittenDescriptor, writeDescriptor } from './dependency-bytes.js'

function read(stream: DependencyStream, extSeq: number, fields: WrittenDescriptor, again = false): boolean {
  const bytes = writeDescriptor(fields)
  return again ? stream.readAgain(bytes, 0, bytes.length, extSeq) : stream.read(bytes, 0, bytes.length, extSeq)
}

const key = { templateId: 0, frameNumber: 7, structure: L1T3 }

test('a structure is one object, in whichever packet of its frame it comes, and from the history', () => {
  const stream = new DependencyStream()
  expect(read(stream, 101, key)).toBe(true)
  const { structure } = stream.descriptor
  for (const extSeq of [102, 100]) {
    expect(read(stream, extSeq, key)).toBe(true)
    expect(stream.descriptor.structure).toBe(structure)
  }
  expect(read(stream, 100, key, true)).toBe(true)
  expect(stream.descriptor.structure).toBe(structure)
  expect(read(stream, 110, { templateId: 3, frameNumber: 8 })).toBe(true)
  expect(stream.descriptor.structure).toBe(structure)
})

test('a packet from the history is read by its own structure, however many have come since', () => {
  const stream = new DependencyStream()
  for (let i = 0; i < 4; i++) {
    const structure = { ...(i % 2 === 0 ? L1T3 : L2T2), templateIdOffset: 10 * i }
    read(stream, 100 * i, { templateId: 10 * i, frameNumber: 20 * i, structure })
    read(stream, 100 * i + 10, { templateId: 10 * i + 2, frameNumber: 20 * i + 1 })
  }
  for (let i = 0; i < 4; i++) {
    expect(read(stream, 100 * i + 10, { templateId: 10 * i + 2, frameNumber: 20 * i + 1 }, true)).toBe(true)
    expect(stream.descriptor.structure?.templateIdOffset).toBe(10 * i)
  }
})

test('frames whose numbers begin anew are read by the structure that came with them', () => {
  const stream = new DependencyStream()
  read(stream, 100, { templateId: 0, frameNumber: 20_000, structure: L2T2, activeTargets: 0b1111 })
  read(stream, 9000, { templateId: 0, frameNumber: 3, structure: L1T3, activeTargets: 0b011 })
  for (let frameNumber = 4; frameNumber < 30_000; frameNumber += 500) {
    expect(read(stream, 9000 + frameNumber, { templateId: 2, frameNumber })).toBe(true)
    expect(stream.descriptor.structure?.targets.length).toBe(3)
    expect(stream.descriptor.activeTargets).toBe(0b011)
  }
})

test('behind a gap that no loss makes, nothing is read by what was before it', () => {
  const stream = new DependencyStream()
  read(stream, 100, key)
  expect(read(stream, 9000, { templateId: 3, frameNumber: 8 })).toBe(false)
  expect(read(stream, 101, { templateId: 3, frameNumber: 8 }, true)).toBe(true)
})
