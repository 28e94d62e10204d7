import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OutgoingStream } from '../../../../src/media/egress/outgoing-stream.js'
import type { StoredPacket } from '../../../../src/media/types.js'
import type { Codec } from '../../../../src/rtp/types.js'

const vp8: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }

function packet(extSeq: number, timestamp: number, arrivalMs: number, codec = vp8): StoredPacket {
  const bytes = Buffer.alloc(13)
  const facts = { bytes, start: 0, length: 13, headerLength: 12, marker: false, keyframe: true }
  return { ...facts, extSeq, timestamp: timestamp >>> 0, arrivalMs, codec }
}

function advance(stream: OutgoingStream, sent: StoredPacket): boolean {
  return stream.advance(sent, stream.extSeq(sent.extSeq))
}

test('the first packet gets the initial numbers', () => {
  const stream = new OutgoingStream(1234, 0xffff_fff0)
  const first = packet(70_000, 5, 100)
  stream.begin(first)
  advance(stream, first)
  expect(stream.extSeq(70_000)).toBe(1234)
  expect(stream.timestamps.map(5)).toBe(0xffff_fff0)
  expect(stream.timestamps.map(0x15)).toBe(0)
  expect(stream.newestExtSeq).toBe(1234)
})

test('while a source lasts, gaps and order are kept', () => {
  const stream = new OutgoingStream(0, 0)
  stream.begin(packet(10, 0, 0))
  expect([10, 11, 14, 13].map((extSeq) => advance(stream, packet(extSeq, extSeq, 0)))).toEqual([
    true,
    true,
    true,
    false,
  ])
  expect(stream.extSeq(13)).toBe(3)
  expect(stream.newestExtSeq).toBe(4)
  expect(stream.isLate(9)).toBe(true)
  expect(stream.isLate(10)).toBe(false)
})

test('a change goes on by one number and by the time that has elapsed', () => {
  const stream = new OutgoingStream(100, 1000)
  stream.begin(packet(10, 0, 0))
  for (let i = 0; i < 5; i++) advance(stream, packet(10 + i, 3000 * i, 33.3 * i))
  stream.forgetSource()
  stream.begin(packet(5_000_000, 0xdead_beef, 1133.2))
  expect(stream.extSeq(5_000_000)).toBe(105)
  expect(stream.timestamps.map(0xdead_beef)).toBe(1000 + 12_000 + 90_000)
})

test('time goes on by one tick at least, though the clock says that none has elapsed', () => {
  const stream = new OutgoingStream(0, 0)
  stream.begin(packet(10, 500, 50))
  advance(stream, packet(10, 500, 50))
  stream.forgetSource()
  stream.begin(packet(77, 9, 20))
  expect(stream.timestamps.map(9)).toBe(1)
})

test('a paused stream takes nothing that it has seen, a forgotten source may begin anywhere', () => {
  const stream = new OutgoingStream(0, 0)
  stream.begin(packet(10, 0, 0))
  advance(stream, packet(10, 0, 0))
  advance(stream, packet(20, 0, 0))
  stream.pause()
  expect(stream.isLate(20)).toBe(true)
  expect(stream.isLate(21)).toBe(false)
  stream.forgetSource()
  expect(stream.isLate(0)).toBe(false)
})

test('a beginning that could not be sent leaves no trace', () => {
  const stream = new OutgoingStream(7, 0)
  stream.begin(packet(10, 0, 0))
  stream.abandon(-1)
  stream.begin(packet(30, 0, 0))
  expect(stream.extSeq(30)).toBe(7)
})

test('through any changes, numbers never repeat, and time never steps back across one', () => {
  const stretch = fc.record({
    startSeq: fc.integer({ min: 0, max: 2 ** 40 }),
    startTimestamp: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    packets: fc.integer({ min: 1, max: 20 }),
    pauseMs: fc.integer({ min: 0, max: 100_000 }),
  })
  fc.assert(
    fc.property(fc.array(stretch, { minLength: 1, maxLength: 30 }), (stretches) => {
      const stream = new OutgoingStream(32_000, 0xffff_0000)
      let nowMs = 0
      let lastSeq = 31_999
      let lastTimestamp: number | undefined
      for (const { startSeq, startTimestamp, packets, pauseMs } of stretches) {
        nowMs += pauseMs
        stream.forgetSource()
        stream.begin(packet(startSeq, startTimestamp, nowMs))
        for (let i = 0; i < packets; i++) {
          const sent = packet(startSeq + i, startTimestamp + i * 3000, nowMs)
          advance(stream, sent)
          expect(stream.extSeq(sent.extSeq)).toBe(lastSeq + 1)
          lastSeq++
          const timestamp = stream.timestamps.map(sent.timestamp)
          if (lastTimestamp !== undefined) expect((timestamp - lastTimestamp) | 0).toBeGreaterThan(0)
          lastTimestamp = timestamp
          nowMs += 33
        }
      }
    }),
  )
})
