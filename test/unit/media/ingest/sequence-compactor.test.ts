import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SequenceCompactor } from '../../../../src/media/ingest/sequence-compactor.js'

test('numbers behind a removed one move up, those before stay', () => {
  const compactor = new SequenceCompactor()
  expect(compactor.map(100)).toBe(100)
  compactor.remove(101)
  compactor.remove(102)
  expect(compactor.map(103)).toBe(101)
  compactor.remove(110)
  expect(compactor.map(111)).toBe(108)
  expect([99, 100, 104, 109].map((extSeq) => compactor.map(extSeq))).toEqual([99, 100, 102, 107])
})

test('a removed number has no place', () => {
  const compactor = new SequenceCompactor()
  compactor.remove(5)
  expect(compactor.map(5)).toBe(-1)
})

test('what is older than the known removals has no place either', () => {
  const compactor = new SequenceCompactor()
  for (let i = 0; i < 70; i++) compactor.remove(10 * i + 10)
  expect(compactor.map(65)).toBe(-1)
  expect(compactor.map(75)).toBe(68)
  expect(compactor.map(705)).toBe(635)
})

test('whatever is removed, the others are numbered without repetition, and without gaps but for what did not come', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('media', 'padding', 'lost'), { minLength: 1, maxLength: 60 }), (kinds) => {
      const compactor = new SequenceCompactor()
      const numbers: number[] = []
      kinds.forEach((kind, extSeq) => {
        if (kind === 'padding') compactor.remove(extSeq)
        else if (kind === 'media') numbers.push(compactor.map(extSeq))
      })
      // Media that was lost is numbered all the same when it comes late.
      const late = kinds.flatMap((kind, extSeq) => (kind === 'lost' ? [compactor.map(extSeq)] : []))
      const all = [...numbers, ...late].sort((a, b) => a - b)
      expect(all).toEqual(all.map((_, i) => i))
    }),
  )
})
