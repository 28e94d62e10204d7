import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ArrivalRecorder } from '../../../../src/media/ingest/arrival-recorder.js'
import { NOT_RECEIVED } from '../../../../src/rtp/rtcp/transport-feedback.js'

interface Told {
  readonly baseSeq: number
  readonly ticks: readonly (number | undefined)[]
}

function flush(recorder: ArrivalRecorder): Told | undefined {
  let told: Told | undefined
  recorder.flush((baseSeq, ticks, count) => {
    told = {
      baseSeq,
      ticks: [...ticks.subarray(0, count)].map((value) => (value === NOT_RECEIVED ? undefined : value)),
    }
  })
  return told
}

test('tells what has come since it was asked last, in quarters of a millisecond, and what is missing between', () => {
  const recorder = new ArrivalRecorder()
  expect([recorder.pending, flush(recorder)]).toEqual([false, undefined])
  recorder.record(7, 10)
  recorder.record(9, 10.5)
  expect(flush(recorder)).toEqual({ baseSeq: 7, ticks: [40, undefined, 42] })
  expect([recorder.pending, flush(recorder)]).toEqual([false, undefined])
  recorder.record(11, 12)
  expect(flush(recorder)).toEqual({ baseSeq: 10, ticks: [undefined, 48] })
})

test('tells again from a packet on that comes after it was told missing', () => {
  const recorder = new ArrivalRecorder()
  for (const seq of [7, 9]) recorder.record(seq, 10)
  flush(recorder)
  recorder.record(8, 20)
  expect(flush(recorder)).toEqual({ baseSeq: 8, ticks: [80, 40] })
})

test('keeps the first of a packet that comes twice', () => {
  const recorder = new ArrivalRecorder()
  recorder.record(7, 10)
  recorder.record(7, 20)
  expect(flush(recorder)).toEqual({ baseSeq: 7, ticks: [40] })
  recorder.record(7, 30)
  expect(recorder.pending).toBe(false)
})

test('does not tell of a leap beyond its window, nor of what is older than that', () => {
  const recorder = new ArrivalRecorder()
  recorder.record(0, 1)
  flush(recorder)
  recorder.record(20_000, 2)
  expect(flush(recorder)).toEqual({ baseSeq: 20_000, ticks: [8] })
  recorder.record(10_000, 3)
  expect(recorder.pending).toBe(false)
})

test('whatever comes, each flush ends with a packet that has come, and in the end all have been told', () => {
  const event = fc.record({ step: fc.integer({ min: -50, max: 300 }), flushes: fc.boolean() })
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 300 }), fc.nat(0xffff), (events, start) => {
      const recorder = new ArrivalRecorder()
      const came = new Map<number, number>()
      const told = new Map<number, number>()
      let newest = start + 100
      let nowMs = 0
      const take = (): void => {
        const found = flush(recorder)
        if (found === undefined) return
        expect(found.ticks.at(-1)).toBeDefined()
        found.ticks.forEach((ticks, i) => {
          if (ticks !== undefined) told.set((found.baseSeq + i) & 0xffff, ticks)
        })
      }
      for (const { step, flushes } of events.slice(0, 200)) {
        nowMs++
        const seq = newest + step
        newest = Math.max(newest, seq)
        if (!came.has(seq & 0xffff)) came.set(seq & 0xffff, nowMs * 4)
        recorder.record(seq & 0xffff, nowMs)
        if (flushes) take()
      }
      take()
      // Numbers of more than a window ago may be told or not.
      for (const [seq, ticks] of told) expect(came.get(seq)).toBe(ticks)
      if (newest - start < 4000) expect(told.size).toBe(came.size)
    }),
  )
})
