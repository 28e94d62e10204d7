import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CatchUp } from '../../../../src/media/egress/catch-up.js'
import { OutgoingStream } from '../../../../src/media/egress/outgoing-stream.js'
import { SourceClock } from '../../../../src/media/egress/source-clock.js'
import { ForwardedLayer } from '../../../../src/media/forwarded-layer.js'
import { defaultMediaConfig } from '../../../../src/media/media-config.js'
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

function newLayer(): ForwardedLayer {
  const config = defaultMediaConfig(0)
  const wishes = { sendKeyframeRequest: () => {} }
  return new ForwardedLayer({ rid: undefined, kind: 'video', extensions: [], config, wishes })
}

const layer = newLayer()

/** A layer whose publisher has reported: at the wall time `ntpUnixMs` it counts `rtpTimestamp`. */
function reportingLayer(ntpUnixMs: number, rtpTimestamp: number, sourceId = 'p', arrivalMs = 0): ForwardedLayer {
  const reporting = newLayer()
  reporting.setCaptureClock({ ntpUnixMs, rtpTimestamp, arrivalMs, sourceId })
  return reporting
}

test('the first packet gets the initial numbers', () => {
  const stream = new OutgoingStream(1234, 0xffff_fff0)
  const first = packet(70_000, 5, 100)
  stream.begin(first, layer)
  advance(stream, first)
  expect(stream.extSeq(70_000)).toBe(1234)
  expect(stream.timestamps.map(5, 0)).toBe(0xffff_fff0)
  expect(stream.timestamps.map(0x15, 0)).toBe(0)
  expect(stream.newestExtSeq).toBe(1234)
})

test('while a source lasts, gaps and order are kept', () => {
  const stream = new OutgoingStream(0, 0)
  stream.begin(packet(10, 0, 0), layer)
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
  stream.begin(packet(10, 0, 0), layer)
  for (let i = 0; i < 5; i++) advance(stream, packet(10 + i, 3000 * i, 33.3 * i))
  stream.forgetSource()
  stream.begin(packet(5_000_000, 0xdead_beef, 1133.2), layer)
  expect(stream.extSeq(5_000_000)).toBe(105)
  expect(stream.timestamps.map(0xdead_beef, 0)).toBe(1000 + 12_000 + 90_000)
})

test('where the source goes on by the same clock, as with another codec, so does time, whenever packets arrived', () => {
  const stream = new OutgoingStream(100, 1000)
  const send = (sent: StoredPacket): number => {
    stream.begin(sent, layer)
    advance(stream, sent)
    return stream.timestamps.map(sent.timestamp, sent.arrivalMs)
  }
  expect(send(packet(10, 0, 0))).toBe(1000)
  stream.pause()
  expect(send(packet(13, 9000, 250))).toBe(10_000)
  expect(stream.newestExtSeq).toBe(101)
  stream.pause()
  // Another clock, and another numbering, say nothing about it.
  const audio: Codec = { ...vp8, kind: 'audio', name: 'opus', clockRate: 48_000 }
  expect(send(packet(14, 9000, 350, audio))).toBe(10_000 + 4800)
  stream.pause()
  expect(send(packet(14 + 3001, 7, 450, audio))).toBe(10_000 + 2 * 4800)
})

test('time goes on by one tick at least, though the clock says that none has elapsed', () => {
  const stream = new OutgoingStream(0, 0)
  stream.begin(packet(10, 500, 50), layer)
  advance(stream, packet(10, 500, 50))
  stream.forgetSource()
  stream.begin(packet(77, 9, 20), layer)
  expect(stream.timestamps.map(9, 0)).toBe(1)
})

test('a paused stream takes nothing that it has seen, a forgotten source may begin anywhere', () => {
  const stream = new OutgoingStream(0, 0)
  stream.begin(packet(10, 0, 0), layer)
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
  stream.begin(packet(10, 0, 0), layer)
  stream.abandon(-1)
  stream.begin(packet(30, 0, 0), layer)
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
        stream.begin(packet(startSeq, startTimestamp, nowMs), layer)
        for (let i = 0; i < packets; i++) {
          const sent = packet(startSeq + i, startTimestamp + i * 3000, nowMs)
          advance(stream, sent)
          expect(stream.extSeq(sent.extSeq)).toBe(lastSeq + 1)
          lastSeq++
          const timestamp = stream.timestamps.map(sent.timestamp, sent.arrivalMs)
          if (lastTimestamp !== undefined) expect((timestamp - lastTimestamp) | 0).toBeGreaterThan(0)
          lastTimestamp = timestamp
          nowMs += 33
        }
      }
    }),
  )
})

test('between two layers time goes on by what lies between the captures, whatever the arrivals do', () => {
  const stream = new OutgoingStream(0, 0)
  stream.begin(packet(10, 7000, 100), reportingLayer(500_000, 7000))
  advance(stream, packet(10, 7000, 100))
  advance(stream, packet(11, 10_000, 180))
  stream.forgetSource()
  // The frame behind, by the other layer's count: it comes soon after one that has come late.
  stream.begin(packet(99, 4_000_000_000, 181), reportingLayer(500_000 + 200 / 3, 4_000_000_000))
  expect(stream.timestamps.map(4_000_000_000, 0)).toBe(6000)
})

test('a pause is as long as it was for the publisher', () => {
  const stream = new OutgoingStream(0, 0)
  const paused = reportingLayer(500_000, 7000)
  stream.begin(packet(10, 7000, 100), paused)
  advance(stream, packet(10, 7000, 100))
  stream.forgetSource()
  stream.begin(packet(300, 7000 + 900_000, 10_125), paused)
  expect(stream.timestamps.map(7000 + 900_000, 0)).toBe(900_000)
})

test('captures count only where they can be compared, and agree with the arrivals', () => {
  const next = (to: ForwardedLayer, between: (from: ForwardedLayer) => void = () => {}): number => {
    const stream = new OutgoingStream(0, 0)
    const from = reportingLayer(500_000, 0)
    stream.begin(packet(10, 0, 100), from)
    advance(stream, packet(10, 0, 100))
    between(from)
    stream.forgetSource()
    stream.begin(packet(99, 5, 140), to)
    return stream.timestamps.map(5, 0)
  }
  expect(next(reportingLayer(500_020, 5))).toBe(1800)
  expect(next(reportingLayer(500_020, 5, 'another'))).toBe(3600)
  expect(next(reportingLayer(502_000, 5))).toBe(3600)
  // Reports that are old, or about another time.
  expect(next(reportingLayer(500_020, 5, 'p', -60_000))).toBe(3600)
  expect(next(reportingLayer(561_020, 5 + 61 * 90_000))).toBe(3600)
  expect(next(layer)).toBe(3600)
  // It is numbered anew, so what it has sent before has no time any more.
  expect(next(reportingLayer(500_020, 5), (from) => from.setCaptureClock(undefined))).toBe(3600)
})

test('frames that were captured before the last one go forward at half the pace, until they are not behind any more', () => {
  const stream = new OutgoingStream(0, 0)
  const clock = new SourceClock(0)
  stream.begin(packet(10, 9000, 100), reportingLayer(500_000, 9000))
  advance(stream, packet(10, 9000, 100))
  expect(stream.timestampAt(100, clock)).toBe(0)
  stream.forgetSource()
  // 33 ms earlier.
  const from = 0xffff_ff00
  stream.begin(packet(99, from, 120), reportingLayer(499_967, from))
  const behind = 33 * 90
  const frames = [0, 1500, 3000, 2 * behind, 2 * behind + 3000]
  const shown = frames.map((ticks) => stream.timestamps.map((from + ticks) >>> 0, 0))
  expect(shown).toEqual([1, 751, 1501, behind + 1, behind + 3000])
  // What is reported is the present, and does not notice.
  for (const [i, ticks] of frames.entries()) {
    advance(stream, packet(99 + i, from + ticks, 120 + ticks / 90))
    expect(Math.abs(stream.timestampAt(120 + ticks / 90, clock) - ticks - 20 * 90)).toBeLessThan(5)
  }
})

test('time goes forward through a pause that is longer than half of what timestamps hold', () => {
  const stream = new OutgoingStream(0, 5)
  stream.begin(packet(10, 0, 0), layer)
  advance(stream, packet(10, 0, 0))
  stream.forgetSource()
  stream.begin(packet(20, 0, 8 * 3_600_000), layer)
  expect((stream.timestamps.map(0, 0) - 5) | 0).toBeGreaterThan(0)
})

test('what is reported is the time of the captures by the clock of the source, or else that of the arrivals', () => {
  const stream = new OutgoingStream(0, 0)
  const clock = new SourceClock(0)
  const reporting = newLayer()
  stream.begin(packet(10, 1000, 100), reporting)
  advance(stream, packet(10, 1000, 100))
  expect(stream.timestampAt(200, clock)).toBe(9000)
  // Nothing jumps when the publisher reports first: what it says is when the frame was captured that has come at 100.
  reporting.setCaptureClock({ ntpUnixMs: 700_000, rtpTimestamp: 10_000, arrivalMs: 210, sourceId: 'p' })
  expect(stream.timestampAt(300, clock)).toBe(18_000)
  // Its camera is faster than it should be, by its own wall clock.
  advance(stream, packet(11, 91_090, 1100))
  reporting.setCaptureClock({ ntpUnixMs: 701_000, rtpTimestamp: 100_090, arrivalMs: 1210, sourceId: 'p' })
  expect(stream.timestampAt(1300, clock)).toBe(108_090)
})

test.each([
  ['from the cache', true],
  ['behind what was shown', false],
])('a viewer that watches for days is not thrown back to where it began: %s', (_name, fromCache) => {
  const stream = new OutgoingStream(0, 0)
  const startMs = 10_000
  const keyframe = packet(0, 0, startMs - 3000)
  if (fromCache) {
    const catchUp = new CatchUp(keyframe, packet(90, 270_000, startMs), 5, startMs)
    stream.begin(keyframe, layer, catchUp)
  } else {
    stream.begin(packet(0, 0, startMs), layer)
    stream.advance(packet(0, 9000, startMs), 0)
    stream.forgetSource()
    stream.begin(packet(1, 0, startMs), layer)
  }
  const hourMs = 3_600_000
  const at = (ms: number) => stream.timestamps.map((270_000 + 90 * ms) >>> 0, startMs + ms)
  for (let ms = 120_000; ms < 72 * hourMs; ms += hourMs / 60) {
    expect((at(ms + 1000) - at(ms)) >>> 0).toBe(90_000)
  }
})
