import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PacketHistory } from '../../../../src/media/history/packet-history.js'
import type { Codec } from '../../../../src/rtp/types.js'

const codec: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }

function packet(extSeq: number, length = 20): Buffer {
  const bytes = Buffer.alloc(length, extSeq & 0xff)
  bytes.writeUInt32BE(extSeq >>> 0, 0)
  return bytes
}

function put(
  history: PacketHistory,
  extSeq: number,
  length = 20,
  keyframe = false,
  timestamp = extSeq,
  nowMs = 5,
): boolean {
  const bytes = packet(extSeq, length)
  const facts = { headerLength: 12, timestamp, marker: false }
  return history.store(bytes, 0, bytes.length, extSeq, facts, codec, keyframe, nowMs) !== undefined
}

test('a stored packet is found with its bytes and facts', () => {
  const history = new PacketHistory(8, 4096)
  const around = Buffer.concat([Buffer.alloc(7), packet(70_000, 33), Buffer.alloc(5)])
  history.store(around, 7, 40, 70_000, { headerLength: 16, timestamp: 99, marker: true }, codec, true, 123.5)
  const found = history.get(70_000)
  expect(found).toMatchObject({ length: 33, headerLength: 16, extSeq: 70_000, timestamp: 99, marker: true })
  expect(found).toMatchObject({ keyframe: true, arrivalMs: 123.5, codec })
  expect(found?.bytes.subarray(found.start, found.start + found.length)).toEqual(packet(70_000, 33))
  expect(history.newestExtSeq).toBe(70_000)
  expect(history.keyframeExtSeq).toBe(70_000)
})

test('an empty history has nothing and takes no memory', () => {
  const history = new PacketHistory(1024, 2 * 1024 * 1024)
  expect(history.get(0)).toBeUndefined()
  expect(history.get(-1)).toBeUndefined()
  expect(history.newestExtSeq).toBe(-1)
  expect(history.keyframeExtSeq).toBe(-1)
  expect(history.capacityBytes).toBe(0)
})

test('memory grows with what is kept, up to the limit', () => {
  const history = new PacketHistory(1024, 256 * 1024)
  for (let i = 0; i < 100; i++) put(history, i, 100)
  expect(history.capacityBytes).toBe(16 * 1024)
  for (let i = 100; i < 2000; i++) put(history, i, 1000)
  expect(history.capacityBytes).toBe(256 * 1024)
})

test('duplicates are refused, also when their bytes are gone', () => {
  const history = new PacketHistory(64, 1024)
  expect(put(history, 10, 400)).toBe(true)
  expect(put(history, 10, 400)).toBe(false)
  expect(history.refusal).toBe('duplicate')
  put(history, 11, 400)
  put(history, 12, 400)
  expect(history.get(10)).toBeUndefined()
  expect(put(history, 10, 400)).toBe(false)
  expect(history.refusal).toBe('duplicate')
})

test('what lies behind the window, or could never fit, is refused', () => {
  const history = new PacketHistory(16, 1024)
  put(history, 100)
  expect(put(history, 84)).toBe(false)
  expect(history.refusal).toBe('too-old')
  expect(put(history, 85)).toBe(true)
  expect(put(history, 101, 1025)).toBe(false)
  expect(history.refusal).toBe('too-large')
  expect(history.get(101)).toBeUndefined()
})

test('a packet that others have overtaken is kept in its place', () => {
  const history = new PacketHistory(16, 4096)
  for (const extSeq of [1, 2, 5, 3]) put(history, extSeq)
  expect(history.newestExtSeq).toBe(5)
  expect(history.get(3)?.extSeq).toBe(3)
  expect(history.get(4)).toBeUndefined()
})

test('a jump far ahead leaves nothing stale behind', () => {
  const history = new PacketHistory(16, 4096)
  for (let i = 0; i < 16; i++) put(history, i)
  put(history, 1_000_000)
  expect(history.get(1_000_000)).toBeDefined()
  expect(put(history, 15)).toBe(false)
})

test('the newest keyframe is where its first packet is, as long as that is kept', () => {
  const history = new PacketHistory(8, 4096)
  put(history, 10, 20, true, 500)
  put(history, 12, 20, true, 900)
  expect(history.keyframeExtSeq).toBe(12)
  // The packet before, of the same frame, was overtaken.
  put(history, 11, 20, true, 900)
  expect(history.keyframeExtSeq).toBe(11)
  put(history, 9, 20, true, 400)
  expect(history.keyframeExtSeq).toBe(11)
  for (let i = 13; i < 25; i++) put(history, i)
  expect(history.keyframeExtSeq).toBe(-1)
})

test('what is too old is gone when the next packet comes, the keyframe too', () => {
  const history = new PacketHistory(64, 4096, 1000)
  put(history, 1, 20, true, 1, 0)
  put(history, 2, 20, false, 2, 600)
  put(history, 3, 20, false, 3, 1000)
  expect([1, 2, 3].map((extSeq) => history.get(extSeq)?.extSeq)).toEqual([1, 2, 3])
  expect(history.keyframeExtSeq).toBe(1)
  put(history, 4, 20, false, 4, 1001)
  expect([1, 2, 3].map((extSeq) => history.get(extSeq)?.extSeq)).toEqual([undefined, 2, 3])
  expect(history.keyframeExtSeq).toBe(-1)
  expect(put(history, 1, 20, false, 1, 1002)).toBe(false)
  expect(history.refusal).toBe('duplicate')
})

test('when nothing comes any more, packets and memory go by the time alone', () => {
  const history = new PacketHistory(64, 64 * 1024, 1000)
  for (let i = 0; i < 40; i++) put(history, i, 1000, false, i, i * 10)
  expect(history.capacityBytes).toBe(64 * 1024)
  expect(history.expire(1000)).toBe(1000)
  expect(history.expire(1105)).toBe(1110)
  expect(history.get(10)).toBeUndefined()
  expect(history.get(11)?.extSeq).toBe(11)
  expect(history.expire(1391)).toBe(Number.POSITIVE_INFINITY)
  expect(history.capacityBytes).toBe(0)
  expect(history.newestExtSeq).toBe(39)
  put(history, 40, 1000, false, 40, 5000)
  expect(history.get(40)?.bytes.subarray(0, 4)).toEqual(packet(40).subarray(0, 4))
  expect(history.capacityBytes).toBe(16 * 1024)
})

test('a packet that is gone holds no memory of the ring', () => {
  const history = new PacketHistory(64, 2048)
  put(history, 1, 1000)
  const first = history.get(1)
  put(history, 2, 1000)
  expect(first?.bytes.length).toBe(2048)
  put(history, 3, 1000)
  expect(first?.bytes.length).toBe(0)
})

test('whatever comes, what is found is what was stored, and the newest that fit are all there', () => {
  const step = fc.record({ delta: fc.integer({ min: -40, max: 60 }), length: fc.integer({ min: 12, max: 700 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const maxPackets = 32
      const history = new PacketHistory(maxPackets, 6000)
      const model = new Map<number, number>()
      let at = 65_530
      for (const { delta, length } of steps) {
        at = Math.max(0, at + delta)
        if (put(history, at, length)) model.set(at, length)
        for (let extSeq = at - 40; extSeq <= at + 60; extSeq++) {
          const found = history.get(extSeq)
          if (found === undefined) continue
          const wanted = packet(extSeq, model.get(extSeq))
          expect(found.bytes.subarray(found.start, found.start + found.length).equals(wanted)).toBe(true)
          expect(extSeq).toBeGreaterThan(history.newestExtSeq - maxPackets)
        }
      }
      // The packet stored last is always there.
      const last = [...model.keys()].at(-1)
      if (last !== undefined) expect(history.get(last)).toBeDefined()
    }),
    { numRuns: 200 },
  )
})

test('without losses and with room, the whole window is kept', () => {
  const history = new PacketHistory(100, 100_000)
  for (let i = 0; i < 5000; i++) {
    put(history, i, 50 + ((i * 7919) % 900))
    for (let back = 0; back < Math.min(i, 100); back += 9) expect(history.get(i - back)?.extSeq).toBe(i - back)
    expect(history.get(i - 100)).toBeUndefined()
  }
})
